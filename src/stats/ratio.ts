import { mean, sampleCovariance, sampleVariance } from 'simple-statistics';
import { assert } from '../base/assert.js';

/** A ratio of two means over the same replications, with its standard error (0 for a single one: it tells nothing of spread). */
export interface Ratio {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Mean of the values over the mean of the baselines, paired. The error is that of the first-order expansion (W. Cochran,
 * Sampling Techniques, 2.11): with common random numbers the covariance takes most of it away.
 */
export function pairedRatio(values: readonly number[], baseline: readonly number[]): Ratio {
  assert(values.length === baseline.length && values.length > 0, 'as many values as baselines, at least one');
  const [own, base] = [mean([...values]), mean([...baseline])];
  const ratio = own === base ? 1 : own / base;
  const n = values.length;
  if (n < 2 || base === 0) return { mean: ratio, standardError: 0 };
  const [x, y] = [[...baseline], [...values]];
  const variance = sampleVariance(y) + ratio ** 2 * sampleVariance(x) - 2 * ratio * sampleCovariance(x, y);
  return { mean: ratio, standardError: Math.sqrt(Math.max(0, variance) / n) / Math.abs(base) };
}
