/**
 * A figure that may be off, as a factor: lognormal with mean 1, so that a figure and its standard deviation are those of
 * what is drawn, and none of it is below 0.
 */
import { probit } from 'simple-statistics';

/** Standard deviation of the logarithm where that of the factor is `share`. */
export function logSpread(share: number): number {
  return Math.sqrt(Math.log1p(share ** 2));
}

/** The factor below which it is with probability `p`, strictly between 0 and 1. */
export function doubtFactor(share: number, p: number): number {
  const sigma = logSpread(share);
  return Math.exp(sigma * probit(p) - sigma ** 2 / 2);
}
