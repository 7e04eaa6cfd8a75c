/**
 * How bursty writes are: the index of dispersion of their counts, variance over mean of the writes in windows of one
 * length (1 for Poisson at every length). Gaps alone do not tell it, since short gaps come together.
 */

const BINS = 2 ** 16;
/** Windows of a length that are needed for its variance, and writes that one should hold on average. */
const WINDOWS_MIN = 16;
const WRITES_MIN = 1;

export interface Dispersion {
  readonly windowNs: number;
  readonly index: number;
}

/** Counts in windows of 1 ms; each time they are full, two become one. */
export class FitCounts {
  private counts = new Float64Array(BINS);
  private widthNs = 1e6;
  private startNs = Number.NaN;
  private used = 0;

  add(timeNs: number): void {
    if (Number.isNaN(this.startNs)) this.startNs = timeNs;
    let bin = Math.floor((timeNs - this.startNs) / this.widthNs);
    while (bin >= BINS) {
      this.counts = folded(this.counts);
      this.widthNs *= 2;
      this.used = Math.ceil(this.used / 2);
      bin = Math.floor((timeNs - this.startNs) / this.widthNs);
    }
    this.counts[bin] = this.counts[bin]! + 1;
    this.used = Math.max(this.used, bin + 1);
  }

  /** From short windows to long ones, each twice the one before. */
  dispersions(): Dispersion[] {
    const out: Dispersion[] = [];
    let counts = this.counts;
    let windows = this.used - 1;
    for (let windowNs = this.widthNs; windows >= WINDOWS_MIN; windowNs *= 2) {
      const complete = counts.subarray(0, windows);
      const mean = complete.reduce((sum, n) => sum + n, 0) / windows;
      const variance = complete.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (windows - 1);
      if (mean >= WRITES_MIN) out.push({ windowNs, index: variance / mean });
      counts = folded(counts);
      windows = Math.floor(windows / 2);
    }
    return out;
  }
}

function folded(counts: Float64Array): Float64Array<ArrayBuffer> {
  const half = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i += 2) half[i / 2] = counts[i]! + counts[i + 1]!;
  return half;
}
