/**
 * Whether a sample is too small for the interval of its mean. The interval is corrected for skewness (skewed.ts), but so much of it
 * in so few values is itself hardly known: where the interval reaches more than twice as far to one side as to the other it
 * holds less often than 95 of 100 times (ten of a lognormal with sigma 1: 90), and of fewer than five values no skewness can be told.
 */
import type { Interval } from './interval.js';

const FEWEST = 5;
const LOPSIDED = 2;

/** Of the mean of `n` values and its interval; false where there is none, or where it has no width. */
export function isTooFew(n: number, mean: number, interval: Interval | null): boolean {
  if (interval === null) return false;
  const [below, above] = [mean - interval[0], interval[1] - mean];
  if (below + above <= 0) return false;
  return n < FEWEST || Math.max(below, above) > LOPSIDED * Math.min(below, above);
}
