/**
 * Draws from a table in constant time, whatever its length: Walker's alias method in the form of M. D. Vose,
 * "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17 (1991).
 *
 * Each of n equal columns holds one index, and one more (its alias) above the cut:  index i is kept where
 * u < cut[i], else alias[i] is taken.
 */
import { assert } from '../base/assert.js';
import type { Rng } from './rng.js';

/** Indices 0…n-1 in proportion to their weights. */
export class AliasTable {
  private readonly cut: Float64Array;
  private readonly alias: Uint32Array;

  /** Weights: finite, not negative, not all zero. */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      assert(weights[i]! >= 0 && Number.isFinite(weights[i]!), `weight ${weights[i]} of index ${i}`);
      sum += weights[i]!;
    }
    assert(sum > 0 && Number.isFinite(sum), `weights of an alias table sum to ${sum}`);
    this.cut = new Float64Array(n).fill(1);
    this.alias = new Uint32Array(n);
    const share = Float64Array.from(weights, (weight) => (weight / sum) * n);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) (share[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const low = small.pop()!;
      const high = large.pop()!;
      this.cut[low] = share[low]!;
      this.alias[low] = high;
      share[high] = share[high]! + share[low]! - 1;
      (share[high]! < 1 ? small : large).push(high);
    }
    // What is left has share 1 but for rounding, and keeps its own column; a weight of 0 cannot be among it, since a
    // whole column would then be in excess elsewhere.
  }

  /** Number of entries. */
  get length(): number {
    return this.cut.length;
  }

  /** An index, drawn with the probability of its weight. */
  index(rng: Rng): number {
    const column = rng.below(this.cut.length);
    return rng.uniform() < this.cut[column]! ? column : this.alias[column]!;
  }
}

/** An empirical distribution: values with counts. */
export class Histogram {
  private readonly table: AliasTable;
  private readonly values: Float64Array;
  /** Mean of the distribution: what sums of draws follow. */
  readonly mean: number;

  /** As many counts as values; counts need not be whole. */
  constructor(values: ArrayLike<number>, counts: ArrayLike<number>) {
    assert(values.length === counts.length, `${values.length} values with ${counts.length} counts`);
    this.table = new AliasTable(counts);
    this.values = Float64Array.from(values);
    let [sum, weighted] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      sum += counts[i]!;
      weighted += counts[i]! * values[i]!;
    }
    this.mean = weighted / sum;
  }

  /** One of the values, drawn with the probability of its count. */
  sample(rng: Rng): number {
    return this.values[this.table.index(rng)]!;
  }
}
