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

/** What a run gives by itself. */
export function measured(end: RunEnd): Metrics {
  const values = METRIC_NAMES.flatMap((name) => {
    const { measured: value } = metricRow(name);
    return value ? [[name, value(end)]] : [];
  });
  return { ...end.counters, ...(Object.fromEntries(values) as Pick<Metrics, MetricsBy<'measured'>>) };
}

/** The same with what the run without bitmaps tells of it. */
export function compared(pair: Pair): RunMetrics {
  const values = METRIC_NAMES.flatMap((name) => {
    const { compared: value } = metricRow(name);
    return value ? [[name, value(pair)]] : [];
  });
  return { ...pair.own, ...(Object.fromEntries(values) as Pick<RunMetrics, MetricsBy<'compared'>>) };
}
