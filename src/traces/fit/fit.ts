/** A synthetic guest like a trace: rate, gaps, sizes, footprint and skew; and how far its first-touch curve is off. */
import { InputError } from '../../base/errors.js';
import type { SyntheticGuestSpec, WritePartSpec } from '../../sim/scenario.js';
import type { WorkloadStatistics } from '../statistics/statistics.js';
import { fitArrivals } from './arrivals.js';
import { checkFit, type FitCheck } from './check.js';
import type { FitObserver } from './observer.js';
import { curveOf } from './regions.js';
import { fitZones, thinned } from './zones.js';

export interface WorkloadFit extends FitCheck {
  readonly guest: SyntheticGuestSpec;
  /** The disk that the shares of `guest` are of. */
  readonly diskBytes: number;
}

const SIZES_MAX = 12;

type Sizes = WritePartSpec['sizes'];

/** The most frequent sizes; the others go to the nearest of them. */
function fitSizes(counts: ReadonlyMap<number, number>, most: number): Sizes {
  const byCount = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const kept = new Map(byCount.slice(0, most));
  const sizes = [...kept.keys()];
  for (const [bytes, count] of byCount.slice(most)) {
    const nearest = sizes.reduce((best, size) =>
      Math.abs(Math.log(size / bytes)) < Math.abs(Math.log(best / bytes)) ? size : best,
    );
    kept.set(nearest, kept.get(nearest)! + count);
  }
  const total = [...kept.values()].reduce((sum, count) => sum + count, 0);
  return [...kept].sort((a, b) => a[0] - b[0]).map(([bytes, count]) => ({ bytes, weight: count / total }));
}

/** Granules that a write touches on average, its place a random multiple of the smallest size. */
function touchesPerWrite(sizes: Sizes, granularityBytes: number): number {
  const align = Math.min(...sizes.map((size) => size.bytes));
  return sizes.reduce((sum, { bytes, weight }) => {
    const inner = Math.min(align, granularityBytes);
    return sum + weight * (1 + Math.max(0, bytes - inner) / granularityBytes);
  }, 0);
}

/** One part a region: its share of the writes, their sizes, and zones with its first-touch curve. */
function fitParts(
  seen: FitObserver,
  granularityBytes: number,
): { parts: WritePartSpec[]; diskBytes: number } {
  const writes = thinned(seen.samples).map((sample) => sample.writes);
  // Where only the ends of writes reach, no write begins.
  const regions = seen.regions.regions().filter((region) => region.writes > 0);
  const most = regions.length === 1 ? SIZES_MAX : SIZES_MAX / 2;
  const fits = regions.map((region) => {
    const sizes = fitSizes(region.sizes, most);
    const weight = region.writes / seen.writes;
    const touches = touchesPerWrite(sizes, granularityBytes) * weight;
    const room = region.endGranule - region.firstGranule;
    return { weight, sizes, ...fitZones(curveOf(region, writes), touches, room) };
  });
  const starts = regions.map(({ firstGranule }) => firstGranule * granularityBytes);
  const diskBytes = fits.reduce(
    (end, { granules }, i) => Math.max(end, starts[i]! + granules * granularityBytes),
    seen.endByte,
  );
  const parts = fits.map(({ weight, sizes, zones, granules }, i): WritePartSpec => {
    const shares = zones.map((zone) => ({ space: zone.granules / granules, writes: zone.writes }));
    return {
      weight,
      pattern: { kind: 'zones', zones: shares },
      sizes,
      offsetShare: starts[i]! / diskBytes,
      footprintBytes: granules * granularityBytes,
    };
  });
  return { parts, diskBytes };
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
  const { parts, diskBytes } = fitParts(seen, granularityBytes);
  const writesPerS = (seen.writes / stats.durationNs) * 1e9;
  const fits = fitArrivals(seen.gapSums, seen.writes - 1, seen.counts.dispersions()).map((arrivals) => {
    const guest: SyntheticGuestSpec = { kind: 'synthetic', name, writesPerS, arrivals, parts };
    return { guest, diskBytes, ...checkFit(guest, diskBytes, stats, seen) };
  });
  return fits.reduce((best, fit) => (apart(fit) < apart(best) ? fit : best));
}

/** How far a fit is from what a flusher meets: chunks a window, and first touches in a busy one, as factors. */
function apart({ chunksPerWindow, busyWindow }: FitCheck): number {
  const factor = (a: number, b: number): number => Math.abs(Math.log((a + SMALL) / (b + SMALL)));
  return factor(chunksPerWindow.fit, chunksPerWindow.trace) + factor(busyWindow.fit, busyWindow.trace);
}

/** Where nothing is new in a window, a factor says nothing. */
const SMALL = 1e-3;
