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
import { RunningMean, Sample } from '../../stats/sample.js';
import { isTooFew } from '../../stats/too-few.js';
import { ALLOWED_SHARE, type Budget, marginsOf, type Verdict, verdictOf } from '../../study/verdict.js';
import type { Cell, Column } from './column.js';
import { ID_COLUMNS, METRIC_COLUMNS, RESULT_COLUMNS, STATE_COLUMNS } from './columns.js';
import { type Row, toRow } from './csv.js';
import { SPREAD_METRICS } from './metric-columns.js';
import { unitOf } from './parameter-columns.js';
import { ColumnsAt, PLAIN_METRICS, take } from './row-cells.js';

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

function quantileStats(metric: string, sorted: ArrayLike<number>, deterministic: boolean): Stats {
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

/** What is kept of the rows of one strategy at one point: its first row, and numbers. */
class StrategyRows {
  readonly first: Row;
  n = 0;
  over = 0;
  readonly states = { completed: 0, 'not-converged': 0, failed: 0 };
  private readonly budget: Budget;
  private readonly margins = { atLimit: new Sample(), atLeast: new Sample() };
  private readonly full = SPREAD_METRICS.map(() => new Sample());
  private readonly means = PLAIN_METRICS.map(() => new RunningMean());
  /** Of the rows that have a downtime. */
  private readonly replications = new Sample();

  constructor(first: Row) {
    this.first = first;
    this.budget = {
      stop: Number(first.budget_ms),
      bitmaps: first.bitmap_budget_ms ? Number(first.bitmap_budget_ms) : null,
      allowed: first.allowed_share ? Number(first.allowed_share) : ALLOWED_SHARE,
    };
  }

  /** `at` says where a column stands among the cells. */
  add(cells: readonly string[], at: ColumnsAt): void {
    this.n++;
    const state = cells[at.state];
    if (state === 'completed' || state === 'not-converged' || state === 'failed') this.states[state]++;
    for (const [i, sample] of this.full.entries()) take(sample, cells[at.full[i]!]);
    for (const [i, mean] of this.means.entries()) take(mean, cells[at.plain[i]!]);
    const downtime = cells[at.judged.downtime_ms];
    if (!downtime) return;
    this.replications.push(Number(cells[at.replication]));
    if (Number(downtime) > this.budget.stop) this.over++;
    this.judge(cells, at.judged);
  }

  /** Rows of an older version say nothing of what downtime-limit allows: there the stop itself is judged. */
  private judge(cells: readonly string[], at: ColumnsAt['judged']): void {
    const atLimit = Number(cells[at.stop_at_limit_ms] || cells[at.downtime_ms]);
    const least = cells[at.least_stop_ms];
    const atLeast = least ? Number(least) : atLimit;
    const work = Number(cells[at.bitmap_work_ms] || 0);
    const [now, lowered] = marginsOf({ atLimit, atLeast, work }, this.budget);
    this.margins.atLimit.push(now);
    this.margins.atLeast.push(lowered);
  }

  verdict(deterministic: boolean): Verdict {
    const { atLimit, atLeast } = this.margins;
    const margins = { atLimit: atLimit.values, atLeast: atLeast.values };
    return verdictOf(this.ends, margins, this.budget, deterministic);
  }

  /** Every state in which a run ended. */
  get ends(): readonly { readonly state: string }[] {
    return Object.entries(this.states)
      .filter(([, count]) => count > 0)
      .map(([state]) => ({ state }));
  }

  /** The numbers of a metric of SPREAD_METRICS. */
  values(metric: string): Float64Array {
    return this.full[SPREAD_METRICS.indexOf(metric)]!.values;
  }

  mean(metric: string): number | null {
    return this.means[PLAIN_METRICS.indexOf(metric)]!.mean;
  }

  /** Downtime by replication. */
  *downtimes(): Generator<readonly [replication: number, ms: number]> {
    const [replications, values] = [this.replications.values, this.values('downtime_ms')];
    for (let i = 0; i < values.length; i++) yield [replications[i]!, values[i]!];
  }
}

/** Difference to the baseline of the same point, replication by replication. */
function pairedStats(rows: StrategyRows, baseline: ReadonlyMap<number, number>): Stats {
  const name = 'vs_store_at_stop';
  const [mine, theirs] = [new Sample(), new Sample()];
  for (const [replication, ms] of rows.downtimes()) {
    const other = baseline.get(replication);
    if (other === undefined) continue;
    mine.push(ms);
    theirs.push(other);
  }
  if (mine.values.length === 0 || isJudged(rows.first.strategy!))
    return { [`${name}_ms`]: null, [`${name}_ci95_low_ms`]: null, [`${name}_ci95_high_ms`]: null };
  const { mean, ci95 } = summarisePaired(mine.values, theirs.values);
  return {
    [`${name}_ms`]: tidy(mean),
    [`${name}_ci95_low_ms`]: tidy(ci95?.[0] ?? null),
    [`${name}_ci95_high_ms`]: tidy(ci95?.[1] ?? null),
  };
}

function isLopsided(values: Float64Array): boolean {
  const { n, mean, ci95 } = summariseMean(values);
  return isTooFew(n, mean, ci95);
}

function strategyStats(
  rows: StrategyRows,
  baseline: ReadonlyMap<number, number>,
  deterministic: boolean,
): Stats {
  const { length } = rows.values('downtime_ms');
  const share = length > 0 ? summariseProportion(rows.over, length) : null;
  const stats: Record<string, Cell> = {
    n: rows.n,
    completed: rows.states.completed,
    not_converged: rows.states['not-converged'],
    failed: rows.states.failed,
    verdict: rows.verdict(deterministic),
    p_over_budget: tidy(share?.value ?? null),
    ...ends('p_over_budget_ci95', deterministic ? null : (share?.ci95 ?? null)),
    too_few: !deterministic && length > 0 && isLopsided(rows.values('downtime_ms')),
  };
  for (const { name } of METRIC_COLUMNS) {
    if (!SPREAD_METRICS.includes(name)) {
      stats[named(name, 'mean')] = tidy(rows.mean(name));
      continue;
    }
    const values = rows.values(name);
    if (values.length === 0) stats[named(name, 'mean')] = null;
    else Object.assign(stats, meanStats(name, summariseMean(values), deterministic));
    Object.assign(stats, quantileStats(name, values.slice().sort(), deterministic));
  }
  return { ...stats, ...pairedStats(rows, baseline) };
}

const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/^n$/, 'replications'],
  [/^(completed|not_converged|failed)$/, 'replications that ended in this state'],
  [
    /^verdict$/,
    'fits: at most the allowed share of the stops at limit (stop_at_limit_ms) is over the budget; fits-with-limit: of those at a lower downtime-limit (least_stop_ms); borderline: the replications cannot tell; too-much; not-converged; failed',
  ],
  [/^p_over_budget$/, 'share of the replications whose downtime is over the budget'],
  [/^p_over_budget_ci95/, 'end of its 95 % Wilson interval'],
  [
    /^too_few$/,
    'whether the replications are too few for the 95 % interval of the downtime: it holds less often where a sample is so small or skewed',
  ],
  [/^vs_store_at_stop_ms$/, 'mean paired difference in downtime from store-at-stop, same random numbers'],
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
  const type = name === 'verdict' ? 'string' : name === 'too_few' ? 'boolean' : 'number';
  return { name, unit: unitOf(name), meaning, type };
}

const SAMPLE = { replication: '0', budget_ms: '1', state: 'completed', strategy: REFERENCE.name };
const FULL_SAMPLE: Row = { ...SAMPLE, ...Object.fromEntries(METRIC_COLUMNS.map(({ name }) => [name, '1'])) };
/** The statistics, in the order in which strategyStats gives them. */
const STAT_COLUMNS: readonly Column[] = Object.keys(strategyStats(sampleRows(), new Map(), true)).map(
  summaryColumn,
);

function sampleRows(): StrategyRows {
  const rows = new StrategyRows(FULL_SAMPLE);
  rows.add(Object.values(FULL_SAMPLE), new ColumnsAt(Object.keys(FULL_SAMPLE)));
  return rows;
}

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

/** One point while its rows come in; its strategies in the order of their first appearance. */
export class PointSummary {
  private readonly header: readonly string[];
  private readonly at: ColumnsAt;
  private readonly groups = new Map<string, StrategyRows>();

  constructor(header: readonly string[]) {
    this.header = header;
    this.at = new ColumnsAt(header);
  }

  /** A row, as the cells of the header's columns. */
  add(cells: readonly string[]): void {
    const { at } = this;
    const key = `${cells[at.strategy]}/${cells[at.variant]}`;
    let group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, (group = new StrategyRows(toRow(this.header, cells))));
    group.add(cells, at);
  }

  /** The rows of summary.csv: a cell by its column's name. */
  rows(): ((column: string) => Cell | undefined)[] {
    const groups = [...this.groups.values()];
    const deterministic = groups[0]?.first.deterministic === 'true';
    const baseline = new Map(groups.find(({ first }) => isJudged(first.strategy!))?.downtimes());
    return groups.map((group) => {
      const stats = strategyStats(group, baseline, deterministic);
      return (column) => (stats[column] === undefined ? group.first[column] : stats[column]);
    });
  }
}
