/** How often a value is over its limit, from a sample of margins (value minus limit). */
import { summariseMean } from './mean.js';
import { type ProportionSummary, summariseProportion } from './proportion.js';
import { skewnessOfMean } from './skewed.js';
import { studentQuantile } from './student.js';

/** A margin further from 0 than the prediction interval of this confidence reaches is settled. */
const FAR = 0.999;
/** What is then said of the share: less than the reach alone would say, since a tail is known worse than a middle. */
const SETTLED = 0.005;
/** Of Cornish and Fisher: the quantile z of a skewed distribution lies at z + skewness (z^2 - 1) / 6. */
const SKEW_REACH = (3.29 ** 2 - 1) / 6;
/** A sample tells its skewness to a standard error of sqrt(6 / n); a tail may be as long as twice that allows. */
const hiddenSkewness = (n: number): number => 2 * Math.sqrt(6 / n);

/**
 * The share of margins above 0 with its 95 % interval: Wilson's, which must have 74 values to tell 0 from 5 %. Where 0
 * is outside the prediction interval (99.9 %) for one more margin, as far beyond as no value of the sample comes, the
 * interval ends where that does. The prediction interval is Student's, longer by what the sample is skewed to that side, or may be.
 */
export function summariseExceedance(margins: ArrayLike<number>): ProportionSummary {
  const n = margins.length;
  let over = 0;
  for (let i = 0; i < n; i++) if (margins[i]! > 0) over++;
  const share = summariseProportion(over, n);
  if (n < 2 || (over > 0 && over < n)) return share;
  const { mean, sd } = summariseMean(margins);
  const skewness = skewnessOfMean(margins) * Math.sqrt(n);
  const towards = over === 0 ? skewness : -skewness;
  const deviations = studentQuantile(FAR, n - 1) + SKEW_REACH * Math.max(0, towards + hiddenSkewness(n));
  if (Math.abs(mean) <= deviations * (sd ?? 0) * Math.sqrt(1 + 1 / n)) return share;
  const [low, high] = share.ci95;
  return {
    value: share.value,
    ci95: over === 0 ? [0, Math.min(high, SETTLED)] : [Math.max(low, 1 - SETTLED), 1],
  };
}
