/** What the runs of one system say beside those of the baseline: difference, ratio, and whether it is one. */

import { CONFIDENCE, type Interval } from '../../stats/interval.js';
import { summariseMean } from '../../stats/mean.js';
import { summarisePaired } from '../../stats/paired.js';
import { pairedRatio } from '../../stats/ratio.js';
import { studentQuantile } from '../../stats/student.js';

/** One situation: values of both by replication, with the same random numbers. */
export interface Pair {
  readonly values: readonly number[];
  readonly baseline: readonly number[];
}

export interface Estimate {
  readonly mean: number;
  /** Null where a single run tells nothing of spread. */
  readonly ci95: Interval | null;
}

export type Change = 'none' | 'better' | 'worse';

export interface Compared {
  readonly difference_ms: Estimate | null;
  /** Value over baseline; of several situations the geometric mean. */
  readonly ratio: Estimate | null;
  readonly change: Change;
}

interface Part {
  readonly value: number;
  readonly variance: number;
  readonly freedom: number;
}

/** The mean of independent parts with its Student interval. */
function combined(parts: readonly Part[], exact: boolean): Estimate {
  const mean = parts.reduce((sum, { value }) => sum + value, 0) / parts.length;
  const freedom = parts.reduce((sum, part) => sum + part.freedom, 0);
  if (freedom === 0) return { mean, ci95: exact ? [mean, mean] : null };
  const error = Math.sqrt(parts.reduce((sum, { variance }) => sum + variance, 0)) / parts.length;
  const half = error === 0 ? 0 : studentQuantile(CONFIDENCE, freedom) * error;
  return { mean, ci95: [mean - half, mean + half] };
}

function differenceOf({ values, baseline }: Pair): Part {
  const { mean, sd, n } = summarisePaired(values, baseline);
  return { value: mean, variance: (sd ?? 0) ** 2 / n, freedom: n - 1 };
}

/** Of the logarithm: ratios of several situations multiply. */
function logRatioOf({ values, baseline }: Pair): Part {
  const { mean, standardError } = pairedRatio(values, baseline);
  return { value: Math.log(mean), variance: (standardError / mean) ** 2, freedom: values.length - 1 };
}

const finite = ({ values, baseline }: Pair): boolean => [...values, ...baseline].every(Number.isFinite);

/** Whether both ends say so; a difference without an interval is one if it is not zero. */
function changeOf({ mean, ci95 }: Estimate): Change {
  const [low, high] = ci95 ?? [mean, mean];
  if (low > 0) return 'worse';
  return high < 0 ? 'better' : 'none';
}

function unfinished(pairs: readonly Pair[]): Change {
  const own = pairs.some(({ values }) => !values.every(Number.isFinite));
  const base = pairs.some(({ baseline }) => !baseline.every(Number.isFinite));
  return own === base ? 'none' : own ? 'worse' : 'better';
}

/** Compares over all situations. `exact`: nothing is random, so a single run has no doubt. */
export function compared(pairs: readonly Pair[], exact: boolean): Compared {
  if (!pairs.every(finite)) return { difference_ms: null, ratio: null, change: unfinished(pairs) };
  const difference_ms = combined(pairs.map(differenceOf), exact);
  const positive = pairs.every(
    ({ values, baseline }) => summariseMean(values).mean > 0 && summariseMean(baseline).mean > 0,
  );
  const log = positive ? combined(pairs.map(logRatioOf), exact) : null;
  const ratio = log && {
    mean: Math.exp(log.mean),
    ci95: log.ci95 && ([Math.exp(log.ci95[0]), Math.exp(log.ci95[1])] as const),
  };
  return { difference_ms, ratio, change: changeOf(difference_ms) };
}

/** Whether it is worse than the baseline by more than a share of it, whatever chance had to do with it. */
export function isWorse({ ratio, change }: Compared, threshold: number): boolean {
  if (ratio === null) return change === 'worse';
  return (ratio.ci95?.[0] ?? ratio.mean) > 1 + threshold;
}
