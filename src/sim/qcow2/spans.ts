/** A value for each of the numbers 0..length-1, kept as stretches of the same one: a thousand alike cost what one does. */
export class Spans<T> {
  /** Where each stretch begins, ascending from 0. */
  readonly starts: number[] = [0];
  private readonly values: T[];
  private readonly length: number;
  private readonly same: (a: T, b: T) => boolean;

  constructor(length: number, value: T, same: (a: T, b: T) => boolean = Object.is) {
    this.length = length;
    this.values = [value];
    this.same = same;
  }

  at(n: number): T {
    return this.values[this.indexOf(n)]!;
  }

  /** The stretches of from..to-1, cut to it. */
  *between(from: number, to: number): Generator<readonly [from: number, to: number, value: T]> {
    for (let i = this.indexOf(from), at = from; at < to; i++) {
      const end = Math.min(to, this.starts[i + 1] ?? this.length);
      yield [at, end, this.values[i]!];
      at = end;
    }
  }

  set(from: number, to: number, value: T): void {
    this.change(from, to, () => value);
  }

  /** Puts other values in the place of those of from..to-1. */
  change(from: number, to: number, changed: (value: T) => T): void {
    if (from >= to) return;
    const first = this.split(from);
    const behind = this.split(to);
    for (let i = first; i < behind; i++) this.values[i] = changed(this.values[i]!);
    for (let i = Math.min(behind, this.starts.length - 1); i >= Math.max(1, first); i--)
      if (this.same(this.values[i - 1]!, this.values[i]!)) {
        this.starts.splice(i, 1);
        this.values.splice(i, 1);
      }
  }

  /** Makes a stretch begin there; returns its index. */
  private split(n: number): number {
    if (n >= this.length) return this.starts.length;
    const index = this.indexOf(n);
    if (this.starts[index] === n) return index;
    this.starts.splice(index + 1, 0, n);
    this.values.splice(index + 1, 0, this.values[index]!);
    return index + 1;
  }

  private indexOf(n: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! <= n) low = middle;
      else high = middle;
    }
    return low;
  }
}
