/** How often a value is over its limit, from a sample of margins (value minus limit). */
import { summariseMean } from './mean.js';
import { type ProportionSummary, summariseProportion } from './proportion.js';
import { studentQuantile } from './student.js';

/** A margin further from 0 than the prediction interval of this confidence reaches is settled. */
const FAR = 0.999;

/**
 * The share of margins above 0 with its 95 % interval: Wilson's, which must have 74 values to tell 0 from 5 %. Where 0
 * is outside the Student prediction interval (99.9 %) for one more margin, as far beyond as no value of the sample
 * comes, the interval ends where that does. Sums of many requests are near enough to normal for it.
 */
export function summariseExceedance(margins: ArrayLike<number>): ProportionSummary {
  const n = margins.length;
  let over = 0;
  for (let i = 0; i < n; i++) if (margins[i]! > 0) over++;
  const share = summariseProportion(over, n);
  if (n < 2 || (over > 0 && over < n)) return share;
  const { mean, sd } = summariseMean(margins);
  const reach = studentQuantile(FAR, n - 1) * (sd ?? 0) * Math.sqrt(1 + 1 / n);
  if (Math.abs(mean) <= reach) return share;
  const [low, high] = share.ci95;
  return { value: share.value, ci95: over === 0 ? [0, Math.min(high, 1 - FAR)] : [Math.max(low, FAR), 1] };
}
