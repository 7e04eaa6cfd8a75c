/**
 * What must be known of a quantity that is never negative, so that the law of a sum of it can be worked out (law.ts):
 * its moments, E[(x - X)+] for any x, and how far its tail goes.
 */

import { type Lognormal, lognormalMean, lognormalVariance } from './distributions.js';
import { normalProbability } from './normal.js';

export interface Spread {
  readonly mean: number;
  readonly variance: number;
  /** The mean of x - X where X is below x, and of 0 elsewhere; the integral of the distribution function up to x. */
  shortfall(x: number): number;
  /** Exceeded with at most this probability. */
  tail(probability: number): number;
}

/** The spread of a lognormal quantity. */
export function lognormalSpread(shape: Lognormal): Spread {
  const { mu, sigma } = shape;
  const mean = lognormalMean(shape);
  return {
    mean,
    variance: lognormalVariance(shape),
    shortfall(x) {
      if (x <= 0) return 0;
      const z = (Math.log(x) - mu) / sigma;
      return x * normalProbability(z) - mean * normalProbability(z - sigma);
    },
    tail: (probability) => Math.exp(mu + sigma * Math.sqrt(-2 * Math.log(probability))),
  };
}

/** The spread of an exponential quantity. */
export function exponentialSpread(mean: number): Spread {
  return {
    mean,
    variance: mean ** 2,
    shortfall: (x) => (x <= 0 ? 0 : x + mean * Math.expm1(-x / mean)),
    tail: (probability) => -mean * Math.log(probability),
  };
}

/** The spread of values with weights. */
export function tableSpread(values: ArrayLike<number>, weights: ArrayLike<number>): Spread {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const sorted = Float64Array.from(order, (i) => values[i]!);
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  let [mean, square] = [0, 0];
  // Up to and with each value: the weight, and the weight times the value.
  const shares = new Float64Array(sorted.length);
  const sums = new Float64Array(sorted.length);
  for (const [rank, i] of order.entries()) {
    const share = weights[i]! / total;
    mean += share * values[i]!;
    shares[rank] = (rank > 0 ? shares[rank - 1]! : 0) + share;
    sums[rank] = mean;
  }
  for (const i of order) square += (weights[i]! / total) * (values[i]! - mean) ** 2;
  const isOneValue = sorted[0] === sorted[sorted.length - 1];
  return {
    mean: isOneValue ? sorted[0]! : mean,
    variance: isOneValue ? 0 : square,
    shortfall(x) {
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle]! < x) low = middle + 1;
        else high = middle;
      }
      return low === 0 ? 0 : x * shares[low - 1]! - sums[low - 1]!;
    },
    tail: () => sorted[sorted.length - 1]!,
  };
}

const NOTHING: Spread = { mean: 0, variance: 0, shortfall: (x) => Math.max(0, x), tail: () => 0 };

/** What is left of a mean by rounding alone, as a share of it. */
const ROUNDING = 1e-12;

/** The same with `by` added, but never below 0. */
export function shifted(spread: Spread, by: number): Spread {
  const { mean, variance, shortfall, tail } = spread;
  const cut = by < 0 ? shortfall(-by) : 0;
  if (cut > 0 && mean + by + cut <= ROUNDING * -by) return NOTHING;
  return {
    mean: mean + by + cut,
    variance: cut === 0 ? variance : cutVariance(spread, -by, cut),
    shortfall: (x) => (x <= 0 ? 0 : shortfall(x - by) - cut),
    tail: (probability) => Math.max(0, tail(probability) + by),
  };
}

/** Of max(X, at): that of X, less what is lost between 0 and `at`, by quadrature. */
function cutVariance({ mean, variance, shortfall }: Spread, at: number, cut: number): number {
  const STEPS = 512;
  // E[max(X, at)^2] = E[X^2] + 2 times the integral of F(y) (at - (at - y)) = E[X^2] + 2 (at cut - integral of the shortfall).
  let integral = 0;
  for (let i = 0; i < STEPS; i++) integral += (shortfall(((i + 0.5) * at) / STEPS) * at) / STEPS;
  const square = variance + mean ** 2 + 2 * (at * cut - integral);
  return square - (mean + cut) ** 2;
}
