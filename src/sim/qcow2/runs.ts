/**
 * A set of whole numbers kept as sorted, disjoint runs [start, end). An image with terabytes of allocated
 * clusters has a handful of runs, so every question is answered without a loop over clusters.
 */
export class RunSet {
  /** Boundaries start0, end0, start1, end1, ... strictly ascending. */
  private readonly edges: number[] = [];

  get size(): number {
    let total = 0;
    for (let i = 0; i < this.edges.length; i += 2) total += this.edges[i + 1]! - this.edges[i]!;
    return total;
  }

  /** Index of the first edge greater than n; odd where n is inside a run. */
  private after(n: number): number {
    let low = 0;
    let high = this.edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.edges[middle]! > n) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  has(n: number): boolean {
    return this.after(n) % 2 === 1;
  }

  /** Where the run (or gap) that n lies in ends; Infinity after the last run. */
  edgeAfter(n: number): number {
    return this.edges[this.after(n)] ?? Number.POSITIVE_INFINITY;
  }

  add(start: number, end: number): void {
    this.set(start, end, 1);
  }

  remove(start: number, end: number): void {
    this.set(start, end, 0);
  }

  private set(start: number, end: number, inside: 0 | 1): void {
    if (end <= start) return;
    const from = this.firstAtLeast(start);
    const to = this.after(end);
    const replacement: number[] = [];
    // An edge is needed where membership changes: outside before `start` (when adding), and after `end` likewise.
    if (from % 2 !== inside) replacement.push(start);
    if (to % 2 !== inside) replacement.push(end);
    this.edges.splice(from, to - from, ...replacement);
  }

  private firstAtLeast(n: number): number {
    const index = this.after(n);
    return index > 0 && this.edges[index - 1] === n ? index - 1 : index;
  }

  /** The first start of `length` numbers in a row, all outside the set, at or after `from`. */
  gap(from: number, length: number): number {
    let index = this.after(from);
    let start = from;
    if (index % 2 === 1) {
      start = this.edges[index]!;
      index++;
    }
    while (index < this.edges.length && this.edges[index]! - start < length) {
      start = this.edges[index + 1]!;
      index += 2;
    }
    return start;
  }
}
