/**
 * The law of a quantity with a smooth law plus an independent one that is told by stretches, on each of which it is even (or
 * always the same). Stretches end abruptly and a grid would round that off, so they are not put on one: the distribution
 * function is the mean of the smooth law's, moved by every value, which its integral tells.
 */
import type { Law } from './law.js';

/** Of all values a share: evenly between two, in either order. */
export interface Stretch {
  readonly share: number;
  readonly from: number;
  readonly to: number;
}

/** Stretches that stand for many values: where these are drawn finely, less than a thousandth of the probability is moved. */
const STRETCHES = 512;

/** Equally probable values in ascending order: so many in a row, evenly from the first to the last. */
export function stretchesOf(ascending: ArrayLike<number>): Stretch[] {
  const { length } = ascending;
  const count = Math.min(length, STRETCHES);
  return Array.from({ length: count }, (_, i) => {
    const [first, end] = [Math.round((i * length) / count), Math.round(((i + 1) * length) / count)];
    return { share: (end - first) / length, from: ascending[first]!, to: ascending[end - 1]! };
  });
}

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

type Smooth = Distribution & Pick<Law, 'excess'>;

/** A stretch shorter than this is one value, in units of the quantity: below it rounding would show. */
const SHORTEST = 1e-3;

/** A number to which nothing is added by chance. */
function constantly(value: number): Smooth {
  const quantile = (): number => value;
  const exceeding = (x: number): number => (x < value ? 1 : 0);
  return { mean: value, variance: 0, quantile, exceeding, excess: (x) => Math.max(0, value - x) };
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

/** The law of a smooth quantity, or a constant, plus one told by stretches; their shares add up to 1. */
export function plusOneOf(smooth: Law | number, stretches: readonly Stretch[]): Distribution {
  const base = typeof smooth === 'number' ? constantly(smooth) : smooth;
  let [mean, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { share, from, to } of stretches) {
    mean += share * ((from + to) / 2);
    least = Math.min(least, from, to);
    most = Math.max(most, from, to);
  }
  let variance = 0;
  for (const { share, from, to } of stretches)
    variance += share * (((from + to) / 2 - mean) ** 2 + (to - from) ** 2 / 12);
  const exceeding = (value: number): number => {
    let sum = 0;
    for (const { share, from, to } of stretches) {
      const long = to - from;
      if (Math.abs(long) < SHORTEST) sum += share * base.exceeding(value - from);
      else sum += (share * (base.excess(value - to) - base.excess(value - from))) / long;
    }
    return sum;
  };
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
