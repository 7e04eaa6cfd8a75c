/**
 * `--precision`: add replications until the mean is known well enough. The next number of replications follows
 * from the results so far in their order and from nothing else, so it is the same for any number of workers,
 * and a resumed sweep decides as the first did.
 */
import { summariseMean } from './mean.js';

export interface PrecisionRule {
  /** Half-width of the 95 % interval over the mean; 0.05 for 5 %. */
  readonly relative: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Below this the mean counts as zero and a relative width has no meaning (1 us, in the unit of the CSV). */
const NEGLIGIBLE_MS = 1e-3;

/**
 * Half-width over mean; 0 where all values agree; Infinity where a single value says nothing.
 * @internal
 */
export function relativeHalfWidth(values: readonly number[]): number {
  const { mean, ci95 } = summariseMean(values);
  if (!ci95) return Number.POSITIVE_INFINITY;
  const half = (ci95[1] - ci95[0]) / 2;
  return half <= NEGLIGIBLE_MS ? 0 : half / Math.abs(mean);
}

/**
 * How many replications the point should have, given the `n` so far and one array per quantity that must be known
 * (shorter than n where runs gave no value). Equal to n: done. Grows towards what the present spread predicts, at
 * most doubling, since an early spread is itself a guess.
 */
export function nextReplications(
  n: number,
  quantities: readonly (readonly number[])[],
  rule: PrecisionRule,
): number {
  if (n < rule.minimum) return Math.min(rule.minimum, rule.maximum);
  const width = Math.max(0, ...quantities.filter((q) => q.length > 0).map(relativeHalfWidth));
  if (width <= rule.relative || n >= rule.maximum) return n;
  const predicted = Math.ceil(n * (width / rule.relative) ** 2);
  return Math.min(rule.maximum, Math.max(n + 1, Math.min(predicted, 2 * n)));
}
