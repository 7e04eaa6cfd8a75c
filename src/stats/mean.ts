import { mean, sampleStandardDeviation } from 'simple-statistics';
import { CONFIDENCE, type Interval } from './interval.js';
import { studentQuantile } from './student.js';

/** A mean over independent replications. `sd` and `ci95` are null for a single value: one run tells nothing of spread. */
export interface MeanSummary {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
  readonly ci95: Interval | null;
}

/** Mean with the two-sided 95 % Student interval. At least one value. */
export function summariseMean(values: ArrayLike<number>): MeanSummary {
  const n = values.length;
  const sample = values as number[];
  const middle = mean(sample);
  if (n < 2) return { n, mean: middle, sd: null, ci95: null };
  const sd = sampleStandardDeviation(sample);
  const half = (studentQuantile(CONFIDENCE, n - 1) * sd) / Math.sqrt(n);
  return { n, mean: middle, sd, ci95: [middle - half, middle + half] };
}
