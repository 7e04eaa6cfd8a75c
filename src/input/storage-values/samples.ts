/** Samples of one class of op, and how a flush grows with what was written before it. Times in nanoseconds. */

/** Values in ascending order with how often each was seen. The value of a bin is the mean of what fell into it. */
export interface Distribution {
  readonly ns: readonly number[];
  readonly counts: readonly number[];
}

/** Bins per doubling: a bin is 19 % wide, far below what repeats of a real storage differ by. */
const BINS_PER_OCTAVE = 4;

/** Samples as a distribution with the same mean. */
export function distributionOf(samplesNs: readonly number[]): Distribution {
  const bins = new Map<number, { sum: number; count: number }>();
  for (const ns of samplesNs) {
    const key = Math.floor(Math.log2(Math.max(ns, 1)) * BINS_PER_OCTAVE);
    const bin = bins.get(key) ?? { sum: 0, count: 0 };
    bins.set(key, { sum: bin.sum + ns, count: bin.count + 1 });
  }
  const rows = [...bins.entries()].sort(([a], [b]) => a - b).map(([, bin]) => bin);
  return { ns: rows.map((row) => row.sum / row.count), counts: rows.map((row) => row.count) };
}

/** What sums of many ops follow. */
export function meanOf(samplesNs: readonly number[]): number {
  return samplesNs.reduce((sum, ns) => sum + ns, 0) / samplesNs.length;
}

/** Flushes seen after that many bytes written, and their mean. */
export interface FlushPoint {
  readonly bytes: number;
  readonly ns: number;
}

/**
 * What each byte written before a flush adds to it. The line goes through the point with the fewest bytes, because
 * large flushes would otherwise decide the base, which is far smaller than their spread; it is never falling, and
 * never leaves less than nothing for the base.
 */
export function flushNsPerByte(points: readonly FlushPoint[]): number {
  const [first, ...rest] = [...points].sort((a, b) => a.bytes - b.bytes);
  if (!first) return 0;
  let xx = 0;
  let xy = 0;
  for (const { bytes, ns } of rest) {
    xx += (bytes - first.bytes) ** 2;
    xy += (bytes - first.bytes) * (ns - first.ns);
  }
  const slope = xx > 0 ? Math.max(0, xy / xx) : 0;
  return first.bytes > 0 ? Math.min(slope, first.ns / first.bytes) : slope;
}
