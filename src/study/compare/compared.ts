/** What the runs of one system say beside those of the baseline: difference, ratio, and whether it is one. */

import type { Interval } from '../../stats/interval.js';
import { summariseMean } from '../../stats/mean.js';
import { pairedDifferences } from '../../stats/paired.js';
import { pairedRatio } from '../../stats/ratio.js';
import { skewedEnds, skewnessOfMean } from '../../stats/skewed.js';
import { isTooFew } from '../../stats/too-few.js';

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
  /** The runs are too few for the interval of so skewed a difference. */
  readonly too_few: boolean;
}

interface Part {
  readonly value: number;
  readonly variance: number;
  readonly freedom: number;
  /** Third cumulant, what skews its interval; 0 where none is known. */
  readonly third: number;
}

/** The mean of independent parts with its interval: Student's, corrected for skewness. */
function combined(parts: readonly Part[], exact: boolean): Estimate {
  const mean = parts.reduce((sum, { value }) => sum + value, 0) / parts.length;
  const freedom = parts.reduce((sum, part) => sum + part.freedom, 0);
  if (freedom === 0) return { mean, ci95: exact ? [mean, mean] : null };
  const error = Math.sqrt(parts.reduce((sum, { variance }) => sum + variance, 0)) / parts.length;
  if (error === 0) return { mean, ci95: [mean, mean] };
  const third = parts.reduce((sum, part) => sum + part.third, 0) / parts.length ** 3;
  const [low, high] = skewedEnds(third / error ** 3, freedom);
  return { mean, ci95: [mean + low * error, mean + high * error] };
}

function differenceOf({ values, baseline }: Pair): Part {
  const differences = pairedDifferences(values, baseline);
  const { mean, sd, n } = summariseMean(differences);
  const error = (sd ?? 0) / Math.sqrt(n);
  return {
    value: mean,
    variance: error ** 2,
    freedom: n - 1,
    third: skewnessOfMean(differences) * error ** 3,
  };
}

/** Of the logarithm: ratios of several situations multiply. */
function logRatioOf({ values, baseline }: Pair): Part {
  const { mean, standardError } = pairedRatio(values, baseline);
  // The logarithm takes most of the skewness of a ratio away.
  return {
    value: Math.log(mean),
    variance: (standardError / mean) ** 2,
    freedom: values.length - 1,
    third: 0,
  };
}

/** Whether both ends say so; a difference without an interval is one if it is not zero. */
function changeOf({ mean, ci95 }: Estimate): Change {
  const [low, high] = ci95 ?? [mean, mean];
  if (low > 0) return 'worse';
  return high < 0 ? 'better' : 'none';
}

function unfinished(told: readonly Told[]): Change {
  const own = told.some(({ ended }) => !ended.own);
  const base = told.some(({ ended }) => !ended.base);
  return own === base ? 'none' : own ? 'worse' : 'better';
}

/** What one situation tells; of its values nothing else is needed. */
export interface Told {
  /** Whether every migration came to its end. */
  readonly ended: { readonly own: boolean; readonly base: boolean };
  readonly difference: Part;
  /** Null where one of the two takes no time, so that there is no ratio. */
  readonly logRatio: Part | null;
}

const NOTHING: Part = { value: 0, variance: 0, freedom: 0, third: 0 };

/** Looks at one situation. */
export function toldBy(pair: Pair): Told {
  const ended = { own: pair.values.every(Number.isFinite), base: pair.baseline.every(Number.isFinite) };
  if (!ended.own || !ended.base) return { ended, difference: NOTHING, logRatio: null };
  const positive = summariseMean(pair.values).mean > 0 && summariseMean(pair.baseline).mean > 0;
  return { ended, difference: differenceOf(pair), logRatio: positive ? logRatioOf(pair) : null };
}

/** Compares over all situations. `exact`: nothing is random, so a single run has no doubt. */
export function comparedAll(told: readonly Told[], exact: boolean): Compared {
  if (!told.every(({ ended }) => ended.own && ended.base))
    return { difference_ms: null, ratio: null, change: unfinished(told), too_few: false };
  const difference_ms = combined(
    told.map(({ difference }) => difference),
    exact,
  );
  const logs = told.flatMap(({ logRatio }) => logRatio ?? []);
  const log = logs.length === told.length ? combined(logs, exact) : null;
  const ratio = log && {
    mean: Math.exp(log.mean),
    ci95: log.ci95 && ([Math.exp(log.ci95[0]), Math.exp(log.ci95[1])] as const),
  };
  const runs = told.reduce((sum, { difference: { freedom } }) => sum + freedom + 1, 0);
  const too_few = isTooFew(runs, difference_ms.mean, difference_ms.ci95);
  return { difference_ms, ratio, change: changeOf(difference_ms), too_few };
}

/** Compares over situations whose values are all at hand. */
export function compared(pairs: readonly Pair[], exact: boolean): Compared {
  return comparedAll(pairs.map(toldBy), exact);
}

/** Whether it is worse than the baseline by more than a share of it, whatever chance had to do with it. */
export function isWorse({ ratio, change }: Compared, threshold: number): boolean {
  if (ratio === null) return change === 'worse';
  return (ratio.ci95?.[0] ?? ratio.mean) > 1 + threshold;
}
