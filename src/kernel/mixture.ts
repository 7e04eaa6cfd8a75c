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

/** How closely a quantile is found, as a share of the interval that holds it: of seconds in ns, a thousandth of one. */
const CLOSE = 1e-12;
/** The interval that holds a quantile is at least halved so often: where the law has steps secants do not help. */
const HALVING_EACH = 3;

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

/** Where a function that falls comes down to 0 between two values: regula falsi, in its Illinois variant. */
function lastAbove(excess: (value: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [above, below] = [excess(low), excess(high)];
  if (above <= 0) return from;
  for (let i = 1; high - low > CLOSE * (to - from); i++) {
    const share = i % HALVING_EACH === 0 ? 0.5 : above / (above - below);
    const value = low + share * (high - low);
    if (value <= low || value >= high) break;
    const there = excess(value);
    // An end that stays counts half from then on, so that it is moved before long.
    if (there > 0) [low, above, below] = [value, there, below / 2];
    else [high, below, above] = [value, there, above / 2];
  }
  return high;
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
      return lastAbove((value) => exceeding(value) - (1 - probability), alone + least, alone + most);
    },
  };
}
