/** A synthetic guest like a trace: rate, gaps, sizes, footprint and skew; and how far its first-touch curve is off. */
import { InputError } from '../../base/errors.js';
import { newBlock, SyntheticSource } from '../../sim/guest/write-source.js';
import type { SyntheticGuestSpec, WritePartSpec } from '../../sim/scenario.js';
import { fitArrivals } from './fit-arrivals.js';
import type { FitObserver } from './fit-observer.js';
import { fitZones } from './fit-zones.js';
import { SparseBits } from './sparse-bits.js';
import type { WorkloadStatistics } from './statistics.js';

export interface WorkloadFit {
  readonly guest: SyntheticGuestSpec;
  /** Largest and mean distance of the first-touch curves, as shares of the trace's footprint. */
  readonly overWrites: { readonly worst: number; readonly mean: number };
  readonly overTime: { readonly worst: number; readonly mean: number };
  /** Granules set at the end of each window by the fitted guest. */
  readonly curve: Float64Array;
}

const SIZES_MAX = 12;
/** The check of a fit is one run of it; any seed will do as long as it stays. */
const CHECK_SEED = 1;

type Sizes = WritePartSpec['sizes'];

/** The most frequent sizes; the others go to the nearest of them. */
function fitSizes(counts: ReadonlyMap<number, number>): Sizes {
  const byCount = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const kept = new Map(byCount.slice(0, SIZES_MAX));
  const sizes = [...kept.keys()];
  for (const [bytes, count] of byCount.slice(SIZES_MAX)) {
    const nearest = sizes.reduce((best, size) =>
      Math.abs(Math.log(size / bytes)) < Math.abs(Math.log(best / bytes)) ? size : best,
    );
    kept.set(nearest, kept.get(nearest)! + count);
  }
  const total = [...kept.values()].reduce((sum, count) => sum + count, 0);
  return [...kept].sort((a, b) => a[0] - b[0]).map(([bytes, count]) => ({ bytes, weight: count / total }));
}

/** Granules that a write touches in the mean, its place a random multiple of the smallest size. */
function touchesPerWrite(sizes: Sizes, granularityBytes: number): number {
  const align = Math.min(...sizes.map((size) => size.bytes));
  return sizes.reduce((sum, { bytes, weight }) => {
    const inner = Math.min(align, granularityBytes);
    return sum + weight * (1 + Math.max(0, bytes - inner) / granularityBytes);
  }, 0);
}

/** Fits one device's writes. Throws InputError where there are too few, or several devices. */
export function fitWorkload(stats: WorkloadStatistics, seen: FitObserver, name: string): WorkloadFit {
  if (seen.writes < 2 || stats.durationNs === 0)
    throw new InputError(
      `--fit: ${name} has ${seen.writes} writes in ${stats.durationNs / 1e9} s; too few to fit`,
    );
  if (seen.devices.size > 1)
    throw new InputError(
      `--fit: ${name} writes to ${seen.devices.size} devices; choose one with --device (${stats.devices.slice(0, 8).join('; ')}…)`,
    );
  const { granularityBytes } = stats.options;
  const sizes = fitSizes(seen.sizes);
  const zones = fitZones(seen.samples, touchesPerWrite(sizes, granularityBytes));
  const granules = zones.reduce((sum, zone) => sum + zone.granules, 0);
  const diskBytes = Math.max(seen.endByte, granules * granularityBytes);
  const startBytes = Math.min(
    Math.floor(seen.firstByte / granularityBytes) * granularityBytes,
    diskBytes - granules * granularityBytes,
  );
  const guest: SyntheticGuestSpec = {
    kind: 'synthetic',
    name,
    writesPerS: (seen.writes / stats.durationNs) * 1e9,
    arrivals: fitArrivals(seen.gapSums, seen.writes - 1),
    parts: [
      {
        weight: 1,
        pattern: {
          kind: 'zones',
          zones: zones.map((zone) => ({ space: zone.granules / granules, writes: zone.writes })),
        },
        sizes,
        offsetShare: startBytes / diskBytes,
        footprintBytes: granules * granularityBytes,
      },
    ],
  };
  return { guest, ...compare(guest, diskBytes, stats, seen) };
}

/** Runs the fitted guest for as many writes, and as long, as the trace, and holds the curves against each other. */
function compare(guest: SyntheticGuestSpec, diskBytes: number, stats: WorkloadStatistics, seen: FitObserver) {
  const { granularityBytes, windowNs } = stats.options;
  const source = new SyntheticSource(guest, diskBytes, 0, 1, CHECK_SEED, 0);
  const bits = new SparseBits();
  const block = newBlock();
  const curve = new Float64Array(stats.windowCount);
  const overWrites = new Distance(seen.granules);
  let window = 0;
  let sample = 0;
  const endNs = stats.windowCount * windowNs;
  for (let writes = 0, timeNs = 0; writes < seen.writes || timeNs < endNs; ) {
    source.fill(block);
    for (let i = 0; i < block.timesNs.length; i++) {
      timeNs = block.timesNs[i]!;
      while (window < curve.length && timeNs >= (window + 1) * windowNs) curve[window++] = bits.count;
      const from = Math.floor(block.offsetsBytes[i]! / granularityBytes);
      const to = Math.floor((block.offsetsBytes[i]! + block.lengthsBytes[i]! - 1) / granularityBytes);
      for (let granule = from; granule <= to; granule++) bits.add(0, granule);
      writes++;
      if (sample < seen.samples.length && seen.samples[sample]!.writes === writes)
        overWrites.add(bits.count, seen.samples[sample++]!.granules);
    }
  }
  const overTime = new Distance(seen.granules);
  let set = 0;
  for (let k = 0; k < curve.length; k++) overTime.add(curve[k]!, (set += stats.windows.newGranules[k]!));
  return { overWrites: overWrites.result(), overTime: overTime.result(), curve };
}

class Distance {
  private worst = 0;
  private sum = 0;
  private count = 0;
  private readonly whole: number;

  constructor(whole: number) {
    this.whole = whole;
  }

  add(a: number, b: number): void {
    const apart = Math.abs(a - b) / this.whole;
    this.worst = Math.max(this.worst, apart);
    this.sum += apart;
    this.count++;
  }

  result(): { worst: number; mean: number } {
    return { worst: this.worst, mean: this.count > 0 ? this.sum / this.count : 0 };
  }
}
