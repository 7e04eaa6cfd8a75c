/** The replications of one strategy, summarised: means with intervals, phases, costs elsewhere, verdict. */
import { toMs } from '../../base/units.js';
import { ASK_ORDER, METRIC_NAMES, metricRow } from '../../sim/machine/measure.js';
import type { METRICS, MetricName, RunMetrics } from '../../sim/machine/metrics.js';
import { mapPhases, type PhaseName } from '../../sim/machine/phases.js';
import { definitionOf } from '../../sim/strategies/lookup.js';
import { summariseMean } from '../../stats/mean.js';
import { summariseProportion } from '../../stats/proportion.js';
import { summariseQuantile } from '../../stats/quantile.js';
import { isTooFew } from '../../stats/too-few.js';
import type { RunResult } from '../run.js';
import { type Budget, firstTrouble, type Margins, marginsOf, type Verdict, verdictOf } from '../verdict.js';

export interface TimeSummary {
  readonly mean: number;
  readonly ci95: readonly [number, number] | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Where the law is known. */
  readonly p999?: number;
}

/** How a metric is summarised. */
type Summary<Name extends MetricName> = Name extends 'phasesNs'
  ? Readonly<Record<PhaseName, number>>
  : (typeof METRICS)[Name] extends { ask: 'spread' }
    ? TimeSummary
    : RunMetrics[Name];

/** The metrics that `ask --json` gives, by their column. */
type MetricSummaries = {
  readonly [Name in MetricName as (typeof METRICS)[Name] extends { ask: 'none' }
    ? never
    : (typeof METRICS)[Name]['column']]: Summary<Name>;
};

type Numbers = MetricSummaries & {
  readonly p_over_budget: { readonly value: number; readonly ci95: readonly [number, number] };
};

export interface StrategyAnswer extends Numbers {
  readonly strategy: string;
  readonly variant: string | null;
  /** False: QEMU does not have it; somebody proposed it. */
  readonly built: boolean;
  /** Each phase minus that of the guest without bitmaps; they add up to the mean bitmap downtime. */
  readonly added_phases_ms: Readonly<Record<PhaseName, number>>;
  /** Where it is not `completed`: one bad replication is enough; times of `not-converged` are of a forced stop. */
  readonly state: RunResult['state'];
  readonly reason: string | null;
  readonly replications: number;
  /** True: nothing random took part, one run says it all. */
  readonly deterministic: boolean;
  /** True: the law of the stop is known, and no replication was made. */
  readonly exact: boolean;
  /** True: the replications are too few for the interval of a time whose sample is so skewed. */
  readonly too_few: boolean;
  readonly verdict: Verdict;
}

/** Whether RAM has a part in what the bitmaps add that a reader would see. */
export function hasRamPart({ bitmap_work_ms, ram_change_ms }: StrategyAnswer): boolean {
  return Math.abs(ram_change_ms) > 0.0005 * Math.abs(bitmap_work_ms);
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** The model counts nanoseconds: a mean of less is what floating point leaves of two equal times far from zero. */
const LEAST_MS = 1e-6;
const roundedMs = (ms: number): number => (Math.abs(ms) < LEAST_MS ? 0 : rounded(ms));

/** Mean, interval and quantiles, times in milliseconds. A deterministic point has no spread: its interval is the value. */
function spread(
  values: readonly number[],
  told: (value: number) => number,
  deterministic: boolean,
): TimeSummary {
  const sorted = [...values].sort((a, b) => a - b);
  const { mean, ci95 } = summariseMean(values);
  const quantile = (p: number): number | null => {
    const { value } = summariseQuantile(sorted, p);
    return value === null ? null : told(value);
  };
  const single = told(mean);
  return {
    mean: single,
    ci95: deterministic ? [single, single] : ci95 ? [told(ci95[0]), told(ci95[1])] : null,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: deterministic ? single : quantile(0.99),
  };
}

/** What one strategy's runs have of a metric. */
function summaryOf(
  name: MetricName,
  runs: readonly RunMetrics[],
  deterministic: boolean,
): MetricSummaries[keyof MetricSummaries] {
  const { kind, ask } = metricRow(name);
  const mean = (values: readonly number[]): number =>
    kind === 'time' ? roundedMs(summariseMean(values).mean / 1e6) : rounded(summariseMean(values).mean);
  if (name === 'phasesNs') return mapPhases((phase) => mean(runs.map((run) => run.phasesNs[phase])));
  const values = runs.map((run) => run[name]).filter((value) => value !== null);
  if (values.length < runs.length) return null;
  return ask === 'spread' ? spread(values, kind === 'time' ? toMs : rounded, deterministic) : mean(values);
}

/** The metrics' names as `ask --json` has them: before the share over budget, and after it. */
const SPREAD: readonly MetricName[] = [
  ...METRIC_NAMES.filter((name) => metricRow(name).ask === 'spread'),
  'phasesNs',
];
const MEANS: readonly MetricName[] = [
  ...ASK_ORDER,
  ...METRIC_NAMES.filter(
    (name) => metricRow(name).ask === undefined && ![...ASK_ORDER, ...SPREAD].includes(name),
  ),
];

/** How far over the budget each run is. */
function marginsOfRuns(runs: readonly RunMetrics[], budget: Budget): Margins {
  const margins = runs.map(({ stopAtLimitNs, leastStopNs, bitmapWorkNs }) =>
    marginsOf({ atLimit: stopAtLimitNs, atLeast: leastStopNs, work: bitmapWorkNs }, budget),
  );
  return { atLimit: margins.map(([now]) => now), atLeast: margins.map(([, lowered]) => lowered) };
}

/** The verdict on one strategy's runs; the budget is in nanoseconds. */
export function verdictOn(results: readonly RunResult[], budget: Budget, deterministic: boolean): Verdict {
  return verdictOfRuns(
    results,
    results.map(({ metrics }) => metrics),
    budget,
    deterministic,
  );
}

/** The same of runs whose metrics are told apart. */
export function verdictOfRuns(
  ended: readonly Pick<RunResult, 'state'>[],
  runs: readonly RunMetrics[],
  budget: Budget,
  deterministic = false,
): Verdict {
  return verdictOf(ended, marginsOfRuns(runs, budget), budget, deterministic);
}

/** Summary of one strategy; the budget, in nanoseconds, steers the verdict. */
export function summariseStrategy(
  results: readonly RunResult[],
  budget: Budget,
  deterministic: boolean,
): StrategyAnswer {
  const trouble = firstTrouble(results);
  const first = results[0]!;
  const runs = results.map((result) => result.metrics);
  const over = runs.filter((run) => run.downtimeNs > budget.stop).length;
  const overBudget = summariseProportion(over, runs.length);
  const share = {
    value: overBudget.value,
    ci95: deterministic ? [overBudget.value, overBudget.value] : overBudget.ci95,
  };
  const entry = (name: MetricName) => [metricRow(name).column, summaryOf(name, runs, deterministic)] as const;
  const numbers = Object.fromEntries([
    ...SPREAD.map(entry),
    ['p_over_budget', share],
    ...MEANS.map(entry),
  ]) as Numbers;
  return {
    strategy: first.strategy,
    variant: first.variant,
    built: definitionOf(first.strategy).built,
    state: trouble?.state ?? 'completed',
    reason: trouble?.reason ?? null,
    replications: results.length,
    deterministic,
    exact: false,
    too_few: [numbers.downtime_ms, numbers.bitmap_downtime_ms].some(({ mean, ci95 }) =>
      isTooFew(results.length, mean, ci95),
    ),
    ...numbers,
    added_phases_ms: mapPhases((phase) =>
      roundedMs(summariseMean(results.map(({ addedNs }) => addedNs[phase])).mean / 1e6),
    ),
    verdict: verdictOn(results, budget, deterministic),
  };
}
