/** The list of metrics at work: counters at zero, and what follows at the end of a run. */
import {
  type Counters,
  METRICS,
  type MetricName,
  type MetricRow,
  type Metrics,
  type MetricsBy,
  type Pair,
  type RunEnd,
  type RunMetrics,
} from './metrics.js';

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

const ROWS: Readonly<Record<MetricName, MetricRow>> = METRICS;

/** The row of a metric, with what it may leave out. */
export function metricRow(name: MetricName): MetricRow {
  return ROWS[name];
}

/** Means in `ask --json` in the order in which other programs know them; metrics that came later follow these. */
export const ASK_ORDER: readonly MetricName[] = [
  'bytesWrittenRunning',
  'bytesWrittenStopped',
  'streamBytes',
  'clustersWritten',
  'storeWrites',
  'storeReads',
  'storePunches',
  'storeFlushes',
  'staleChunksAtStop',
  'guestSlowdown',
  'firstTouches',
  'bitsSetAtStop',
  'migrationNs',
  'bitmapReadyNs',
];

/** All counters at zero. */
export function noCounts(): Counters {
  const counted = METRIC_NAMES.filter((name) => metricRow(name).counted);
  return Object.fromEntries(counted.map((name) => [name, 0])) as Counters;
}

type Value = Metrics[keyof Metrics] | RunMetrics[keyof RunMetrics];

/** The metrics that have such a function, with it: listed once, since every run asks for all of them. */
function functionsOf<Given>(
  pick: (row: MetricRow) => ((given: Given) => Value) | undefined,
): (given: Given) => Record<string, Value> {
  const functions = METRIC_NAMES.flatMap((name) => {
    const value = pick(metricRow(name));
    return value ? [{ name, value }] : [];
  });
  return (given) => {
    const values: Record<string, Value> = {};
    for (const { name, value } of functions) values[name] = value(given);
    return values;
  };
}

const measuredOf = functionsOf<RunEnd>((row) => row.measured);
const comparedOf = functionsOf<Pair>((row) => row.compared);

/** What a run gives by itself. */
export function measured(end: RunEnd): Metrics {
  return { ...end.counters, ...(measuredOf(end) as Pick<Metrics, MetricsBy<'measured'>>) };
}

/** The same with what the run without bitmaps tells of it. */
export function compared(pair: Pair): RunMetrics {
  return { ...pair.own, ...(comparedOf(pair) as Pick<RunMetrics, MetricsBy<'compared'>>) };
}
