/**
 * The law of a quantity with a smooth law plus an independent one that takes one of many equally probable values. A table
 * ends abruptly and a grid would round that off, so it is not put on one: the distribution function is the mean of the
 * smooth law's, moved by each value.
 */
import type { Law } from './law.js';

/** What can be asked of a distribution. */
export interface Distribution {
  readonly mean: number;
  readonly variance: number;
  /** The value that is not exceeded with this probability. */
  quantile(probability: number): number;
  /** The probability of more than this. */
  exceeding(value: number): number;
}

/** Halvings of the interval that holds a quantile: from seconds in ns to a ten thousandth of one. */
const HALVINGS = 44;

/** The different values, and the share of each. */
function shares(values: readonly number[]): { value: number; share: number }[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, share: count / values.length }));
}

/** A number to which nothing is added by chance. */
function constantly(value: number): Distribution {
  return { mean: value, variance: 0, quantile: () => value, exceeding: (x) => (x < value ? 1 : 0) };
}

/** The law of a smooth quantity, or a constant, plus one of the values, of which there is at least one. */
export function plusOneOf(smooth: Law | number, values: readonly number[]): Distribution {
  const base = typeof smooth === 'number' ? constantly(smooth) : smooth;
  const table = shares(values);
  const mean = table.reduce((sum, { value, share }) => sum + share * value, 0);
  const variance = table.reduce((sum, { value, share }) => sum + share * (value - mean) ** 2, 0);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const exceeding = (value: number): number =>
    table.reduce((sum, each) => sum + each.share * base.exceeding(value - each.value), 0);
  return {
    mean: base.mean + mean,
    variance: base.variance + variance,
    exceeding,
    quantile(probability) {
      const alone = base.quantile(probability);
      let [low, high] = [alone + least, alone + most];
      for (let i = 0; i < HALVINGS && low < high; i++) {
        const middle = (low + high) / 2;
        if (exceeding(middle) > 1 - probability) low = middle;
        else high = middle;
      }
      return high;
    },
  };
}
