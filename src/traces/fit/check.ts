/** How far a fitted guest is from its trace: one run of it, held against what was recorded. */
import { newBlock, SyntheticSource } from '../../sim/guest/write-source.js';
import type { SyntheticGuestSpec } from '../../sim/scenario.js';
import { SparseBits } from '../statistics/sparse-bits.js';
import type { WorkloadStatistics } from '../statistics/statistics.js';
import { StaleChunks } from '../statistics/windows.js';
import type { FitObserver } from './observer.js';

/** Any seed will do, as long as it stays the same. */
const SEED = 1;

interface Pair {
  readonly trace: number;
  readonly fit: number;
}

export interface FitCheck {
  /** Largest and mean distance of the first-touch curves, as shares of the trace's footprint. */
  readonly overWrites: { readonly worst: number; readonly mean: number };
  readonly overTime: { readonly worst: number; readonly mean: number };
  /** Granules set at the end of each window by the fitted guest. */
  readonly curve: Float64Array;
  /** Chunks, of the size asked for, with a first touch in a window; averaged over the windows. */
  readonly chunksPerWindow: Pair;
  /** First touches in a window that one window in a hundred exceeds. */
  readonly busyWindow: Pair;
}

/** Runs the fitted guest for as many writes, and as long, as the trace. */
export function checkFit(
  guest: SyntheticGuestSpec,
  diskBytes: number,
  stats: WorkloadStatistics,
  seen: FitObserver,
): FitCheck {
  const { granularityBytes, windowNs } = stats.options;
  const source = new SyntheticSource(guest, {
    diskBytes,
    index: 0,
    disks: 1,
    draws: { seed: SEED, replication: 0 },
  });
  const bits = new SparseBits();
  const chunks = new StaleChunks(stats.options.chunksBytes.slice(0, 1));
  const block = newBlock();
  const curve = new Float64Array(stats.windowCount);
  const overWrites = new Distance(seen.granules);
  let window = 0;
  let sample = 0;
  for (let writes = 0; writes < seen.writes || window < curve.length; ) {
    source.fill(block);
    for (let i = 0; i < block.timesNs.length; i++) {
      // The last window ends with the trace.
      while (
        window < curve.length &&
        block.timesNs[i]! >= Math.min((window + 1) * windowNs, Math.max(1, stats.durationNs))
      )
        curve[window++] = bits.count;
      const from = Math.floor(block.offsetsBytes[i]! / granularityBytes);
      const to = Math.floor((block.offsetsBytes[i]! + block.lengthsBytes[i]! - 1) / granularityBytes);
      for (let granule = from; granule <= to; granule++)
        if (bits.add(0, granule) && window < curve.length) chunks.firstTouch(bits.page, 0, granule, window);
      writes++;
      if (sample < seen.samples.length && seen.samples[sample]!.writes === writes)
        overWrites.add(bits.count, seen.samples[sample++]!.granules);
    }
  }
  const [fittedChunks] = chunks.take(stats.windowCount);
  return {
    overWrites: overWrites.result(),
    curve,
    ...overWindows(curve, fittedChunks!, stats, seen.granules),
  };
}

function overWindows(
  curve: Float64Array,
  chunks: Float64Array,
  stats: WorkloadStatistics,
  granules: number,
): Pick<FitCheck, 'overTime' | 'chunksPerWindow' | 'busyWindow'> {
  const overTime = new Distance(granules);
  const { newGranules, newChunks } = stats.windows;
  let set = 0;
  for (let k = 0; k < curve.length; k++) overTime.add(curve[k]!, (set += newGranules[k]!));
  const mean = (values: Float64Array): number => values.reduce((sum, n) => sum + n, 0) / values.length;
  const fresh = curve.map((value, k) => value - (k > 0 ? curve[k - 1]! : 0));
  return {
    overTime: overTime.result(),
    chunksPerWindow: { trace: mean(newChunks[0]!), fit: mean(chunks) },
    busyWindow: { trace: exceededOnceIn100(newGranules), fit: exceededOnceIn100(fresh) },
  };
}

function exceededOnceIn100(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted[Math.ceil(0.99 * sorted.length) - 1]!;
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
