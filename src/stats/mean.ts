import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Interval } from './interval.js';
import { skewedEnds, skewnessOfMean } from './skewed.js';

/** A mean over independent replications. `sd` and `ci95` are null for a single value: one run tells nothing of spread. */
export interface MeanSummary {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
  readonly ci95: Interval | null;
}

/** Mean with its 95 % interval: Student's, corrected for the skewness of the sample (skewed.ts). At least one value. */
export function summariseMean(values: ArrayLike<number>): MeanSummary {
  const n = values.length;
  const sample = values as number[];
  const middle = mean(sample);
  if (n < 2) return { n, mean: middle, sd: null, ci95: null };
  const sd = sampleStandardDeviation(sample);
  const error = sd / Math.sqrt(n);
  const [low, high] = skewedEnds(skewnessOfMean(values), n - 1);
  return { n, mean: middle, sd, ci95: [middle + low * error, middle + high * error] };
}
