/**
 * Quantiles with distribution-free intervals. The number of values below the true p-quantile is Binomial(n, p),
 * so two order statistics enclose it with a probability that depends on n and p alone (W. J. Conover, Practical
 * Nonparametric Statistics, 3.2; the same as SciPy's quantile_test and R's EnvStats).
 */
import { quantileSorted } from 'simple-statistics';
import { assert } from '../base/assert.js';
import { logBinomialProbability } from '../kernel/counts.js';
import { CONFIDENCE, type Interval } from './interval.js';

export interface QuantileSummary {
  /** Type 7 of Hyndman and Fan (default of R and NumPy); null where no value of the sample can stand for it. */
  readonly value: number | null;
  readonly ci95: Interval | null;
}

const ALPHA = 1 - CONFIDENCE;

/**
 * The least n with p^n <= 5 %: below it not even the largest value bounds the p-quantile. p99: 299, p95: 59.
 */
export function minimumN(p: number): number {
  return Math.ceil(Math.log(ALPHA) / Math.log(Math.max(p, 1 - p)));
}

/** The greatest 1-based rank l with P(B <= l - 1) <= tail, and that probability; rank 0: there is none. */
function lowerRank(pmf: readonly number[], tail: number): { rank: number; missed: number } {
  let missed = 0;
  let rank = 0;
  while (rank < pmf.length - 1 && missed + pmf[rank]! <= tail) missed += pmf[rank++]!;
  return { rank, missed };
}

/** Mirror image: the least 1-based rank u with P(B >= u) <= tail; n + 1: there is none. */
function upperRank(pmf: readonly number[], tail: number): { rank: number; missed: number } {
  const mirrored = lowerRank([...pmf].reverse(), tail);
  return { rank: pmf.length - mirrored.rank, missed: mirrored.missed };
}

/**
 * 1-based ranks of the two order statistics that enclose the p-quantile with at least 95 %. Equal tails of 2.5 %
 * where n allows; where only the outermost value can bound one side, that side may miss by up to 5 % and the
 * other gets what is left. Undefined where n is too small for either.
 */
export function quantileRanks(n: number, p: number): readonly [number, number] | undefined {
  assert(p > 0 && p < 1, 'a quantile strictly between 0 and 1');
  const pmf = Array.from({ length: n + 1 }, (_, k) => Math.exp(logBinomialProbability(k, n, p)));
  let lower = lowerRank(pmf, ALPHA / 2);
  let upper = upperRank(pmf, ALPHA / 2);
  if (upper.rank > n) {
    upper = upperRank(pmf, ALPHA);
    lower = lowerRank(pmf, ALPHA - upper.missed);
  } else if (lower.rank < 1) {
    lower = lowerRank(pmf, ALPHA);
    upper = upperRank(pmf, ALPHA - lower.missed);
  }
  return lower.rank >= 1 && upper.rank <= n ? [lower.rank, upper.rank] : undefined;
}

const rankCache = new Map<string, readonly [number, number] | undefined>();

function cachedRanks(n: number, p: number): readonly [number, number] | undefined {
  const key = `${n}/${p}`;
  if (!rankCache.has(key)) rankCache.set(key, quantileRanks(n, p));
  return rankCache.get(key);
}

/** The p-quantile of values sorted ascending. Beyond p95 a sample below `minimumN` gives null, not a guess. */
export function summariseQuantile(sorted: ArrayLike<number>, p: number): QuantileSummary {
  const n = sorted.length;
  if (n === 0 || (p > 0.95 && n < minimumN(p))) return { value: null, ci95: null };
  const ranks = cachedRanks(n, p);
  return {
    value: quantileSorted(sorted as number[], p),
    ci95: ranks ? [sorted[ranks[0] - 1]!, sorted[ranks[1] - 1]!] : null,
  };
}
