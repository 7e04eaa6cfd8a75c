/**
 * summary.csv: for each point and strategy the mean with its interval, quantiles, the share over budget, the paired
 * difference to storing at the stop. Made from the text of runs.csv and nothing else, so that every way of
 * getting the same rows (jobs, shards, resumes) gets the same summary.
 */

import { isJudged, REFERENCE } from '../../sim/strategies/lookup.js';
import type { Interval } from '../../stats/interval.js';
import { type MeanSummary, summariseMean } from '../../stats/mean.js';
import { summarisePaired } from '../../stats/paired.js';
import { summariseProportion } from '../../stats/proportion.js';
import { summariseQuantile } from '../../stats/quantile.js';
import { verdictOf } from '../../study/verdict.js';
import type { Cell, Column } from './column.js';
import { ID_COLUMNS, METRIC_COLUMNS, RESULT_COLUMNS, STATE_COLUMNS, unitOf } from './columns.js';
import type { Row } from './csv.js';
import { SPREAD_METRICS } from './metric-columns.js';

type Stats = Readonly<Record<string, Cell>>;

const ends = (name: string, interval: Interval | null): Stats => ({
  [`${name}_low`]: tidy(interval?.[0] ?? null),
  [`${name}_high`]: tidy(interval?.[1] ?? null),
});

/** Nine digits: more than any interval deserves, fewer than the last bits that sums differ in. */
function tidy(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(9));
}

const NAMES = new Map<string, string>();

/** `downtime_ms` → `downtime_p95_ms`: the unit stays last. */
function named(metric: string, statistic: string): string {
  const key = `${metric} ${statistic}`;
  const known = NAMES.get(key);
  if (known !== undefined) return known;
  const unit = ['_bytes', '_ms'].find((end) => metric.endsWith(end)) ?? '';
  const name = `${metric.slice(0, metric.length - unit.length)}_${statistic}${unit}`;
  NAMES.set(key, name);
  return name;
}

function meanStats(metric: string, { mean, sd, ci95 }: MeanSummary, deterministic: boolean): Stats {
  const interval: Interval | null = deterministic ? [mean, mean] : ci95;
  return {
    [named(metric, 'mean')]: tidy(mean),
    [named(metric, 'sd')]: tidy(deterministic ? 0 : sd),
    [named(metric, 'ci95_low')]: tidy(interval?.[0] ?? null),
    [named(metric, 'ci95_high')]: tidy(interval?.[1] ?? null),
  };
}

function quantileStats(metric: string, sorted: readonly number[], deterministic: boolean): Stats {
  const stats: Record<string, Cell> = {};
  for (const [label, p] of [
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
  ] as const) {
    const { value, ci95 } = deterministic
      ? { value: sorted[0] ?? null, ci95: null }
      : summariseQuantile(sorted, p);
    stats[named(metric, label)] = tidy(value);
    stats[named(metric, `${label}_low`)] = tidy(ci95?.[0] ?? null);
    stats[named(metric, `${label}_high`)] = tidy(ci95?.[1] ?? null);
  }
  return stats;
}

function numbers(rows: readonly Row[], name: string): number[] {
  return rows
    .map((row) => row[name] ?? '')
    .filter((text) => text !== '')
    .map(Number);
}

/** Difference to the baseline of the same point, replication by replication. */
function pairedStats(rows: readonly Row[], baseline: readonly Row[]): Stats {
  const name = 'vs_store_at_stop';
  const other = new Map(baseline.map((row) => [row.replication, row.downtime_ms]));
  const pairs = rows
    .map((row) => [row.downtime_ms ?? '', other.get(row.replication) ?? ''] as const)
    .filter(([mine, theirs]) => mine !== '' && theirs !== '');
  if (pairs.length === 0 || isJudged(rows[0]!.strategy!))
    return { [`${name}_ms`]: null, [`${name}_ci95_low_ms`]: null, [`${name}_ci95_high_ms`]: null };
  const { mean, ci95 } = summarisePaired(
    pairs.map(([mine]) => Number(mine)),
    pairs.map(([, theirs]) => Number(theirs)),
  );
  return {
    [`${name}_ms`]: tidy(mean),
    [`${name}_ci95_low_ms`]: tidy(ci95?.[0] ?? null),
    [`${name}_ci95_high_ms`]: tidy(ci95?.[1] ?? null),
  };
}

function strategyStats(rows: readonly Row[], baseline: readonly Row[], deterministic: boolean): Stats {
  const budget = Number(rows[0]!.budget_ms);
  const downtimes = numbers(rows, 'downtime_ms');
  const over = downtimes.filter((value) => value > budget).length;
  const share = downtimes.length > 0 ? summariseProportion(over, downtimes.length) : null;
  const stats: Record<string, Cell> = {
    n: rows.length,
    completed: rows.filter((row) => row.state === 'completed').length,
    not_converged: rows.filter((row) => row.state === 'not-converged').length,
    failed: rows.filter((row) => row.state === 'failed').length,
    verdict: verdictOf(rows, over / rows.length),
    p_over_budget: tidy(share?.value ?? null),
    ...ends('p_over_budget_ci95', deterministic ? null : (share?.ci95 ?? null)),
  };
  for (const { name } of METRIC_COLUMNS) {
    const values = numbers(rows, name);
    const full = SPREAD_METRICS.includes(name);
    const mean = values.length === 0 ? null : summariseMean(values);
    if (mean && full) Object.assign(stats, meanStats(name, mean, deterministic));
    else stats[named(name, 'mean')] = tidy(mean?.mean ?? null);
    if (full)
      Object.assign(
        stats,
        quantileStats(
          name,
          values.sort((a, b) => a - b),
          deterministic,
        ),
      );
  }
  return { ...stats, ...pairedStats(rows, baseline) };
}

const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/^n$/, 'replications'],
  [/^(completed|not_converged|failed)$/, 'replications that ended so'],
  [/^verdict$/, 'fits: at most 5 % of the replications are over the budget; too-much; not-converged; failed'],
  [/^p_over_budget$/, 'share of the replications whose downtime is over the budget'],
  [/^p_over_budget_ci95/, 'end of its 95 % Wilson interval'],
  [/^vs_store_at_stop_ms$/, 'mean paired difference of the downtime to store-at-stop, same random numbers'],
  [/^vs_store_at_stop_ci95/, 'end of its 95 % Student interval'],
  [/_ci95_(low|high)/, 'end of the 95 % Student interval of the mean'],
  [/_p\d\d_(low|high)/, 'end of the 95 % order-statistic interval; empty: too few replications for one'],
  [/_p\d\d/, 'quantile over the replications; p99 is empty below 299'],
  [/_sd/, 'standard deviation over the replications'],
];

function summaryColumn(name: string): Column {
  const known = MEANINGS.find(([pattern]) => pattern.test(name))?.[1];
  const metric = METRIC_COLUMNS.find((column) => named(column.name, 'mean') === name);
  const meaning = known ?? `mean: ${metric?.meaning ?? name}`;
  const type = name === 'verdict' ? 'string' : 'number';
  return { name, unit: unitOf(name), meaning, type };
}

const SAMPLE = { replication: '0', budget_ms: '1', state: 'completed', strategy: REFERENCE.name };
const FULL_SAMPLE: Row = { ...SAMPLE, ...Object.fromEntries(METRIC_COLUMNS.map(({ name }) => [name, '1'])) };
/** The statistics, in the order in which strategyStats gives them. */
const STAT_COLUMNS: readonly Column[] = Object.keys(strategyStats([FULL_SAMPLE], [], true)).map(
  summaryColumn,
);

const KEPT_STATE = ['strategy', 'variant'];

/** The columns of summary.csv for the columns of runs.csv. */
export function summaryColumns(runColumns: readonly Column[]): readonly Column[] {
  const perRun = new Set([...ID_COLUMNS, ...RESULT_COLUMNS].map((column) => column.name));
  const present = new Set(runColumns.map((column) => column.name));
  const missing = METRIC_COLUMNS.filter(({ name }) => !present.has(name)).map(({ name }) =>
    named(name, 'mean'),
  );
  const parameters = runColumns.filter((column) => !perRun.has(column.name));
  const point = ID_COLUMNS.find((column) => column.name === 'point')!;
  const strategy = STATE_COLUMNS.filter((column) => KEPT_STATE.includes(column.name));
  return [point, ...parameters, ...strategy, ...STAT_COLUMNS.filter(({ name }) => !missing.includes(name))];
}

/** Rows of one point, by strategy in the order of their first appearance. */
function byStrategy(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.strategy}/${row.variant}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** The rows of summary.csv for all rows of one point: a cell by its column's name. */
export function summarisePoint(rows: readonly Row[]): ((column: string) => Cell | undefined)[] {
  const deterministic = rows[0]!.deterministic === 'true';
  const groups = byStrategy(rows);
  const baseline = [...groups.values()].find((group) => isJudged(group[0]!.strategy!)) ?? [];
  return [...groups.values()].map((group) => {
    const stats = strategyStats(group, baseline, deterministic);
    return (column) => (stats[column] === undefined ? group[0]![column] : stats[column]);
  });
}
