/**
 * Every number that a run gives, registered once: types, counters, columns of CSV files, datapackage.json and the keys
 * of `ask --json` follow this list. A new metric is a row here and a line where it is counted. The order is that of
 * the columns of runs.csv.
 */
import type { PhaseTimes } from './phases.js';

export interface MetricRow {
  /** Its column in CSV files and its key in `--json`; the name ends in its unit. */
  readonly column: string;
  /** Times are whole nanoseconds in a run and milliseconds in every file. */
  readonly kind: 'time' | 'bytes' | 'count' | 'ratio';
  /**
   * counted   added up while the run goes on, in `machine.counters`
   * measured  read off at the end of the run, by the controller
   * compared  to the run without bitmaps or to the floor, by src/study/run.ts
   */
  readonly how: 'counted' | 'measured' | 'compared';
  /** A run may have none. */
  readonly nullable?: true;
  /** In `ask --json`: the mean unless told; `spread`: with interval and quantiles; `none`: left out. */
  readonly ask?: 'spread' | 'none';
  /** In summary.csv: the mean unless told; `spread`: with interval, deviation and quantiles. */
  readonly summary?: 'spread';
  readonly meaning: string;
}

export const METRICS = {
  downtimeNs: {
    column: 'downtime_ms',
    kind: 'time',
    how: 'measured',
    ask: 'spread',
    summary: 'spread',
    meaning: 'stop to resume as the guest sees it',
  },
  bitmapDowntimeNs: {
    column: 'bitmap_downtime_ms',
    kind: 'time',
    how: 'compared',
    ask: 'spread',
    summary: 'spread',
    meaning: 'downtime minus that of strategy none with the same random numbers',
  },
  bitmapWorkNs: {
    column: 'bitmap_work_ms',
    kind: 'time',
    how: 'compared',
    summary: 'spread',
    meaning: "of the bitmap downtime, what the bitmaps' own work takes: all but the change in RAM",
  },
  ramChangeNs: {
    column: 'ram_change_ms',
    kind: 'time',
    how: 'compared',
    meaning: 'of the bitmap downtime, time of the last RAM pages minus that of strategy none',
  },
  floorNs: {
    column: 'floor_ms',
    kind: 'time',
    how: 'compared',
    ask: 'none',
    meaning: 'the least that bitmaps can add in the mean if a durable copy is left, whatever the strategy',
  },
  aboveFloorNs: {
    column: 'above_floor_ms',
    kind: 'time',
    how: 'compared',
    meaning: 'bitmap work minus the floor; below zero only where no durable copy is left',
  },
  stopAtLimitNs: {
    column: 'stop_at_limit_ms',
    kind: 'time',
    how: 'measured',
    meaning:
      'the downtime with as much RAM left as downtime-limit lets QEMU leave to the stop: what is judged',
  },
  finalLimitNs: {
    column: 'final_limit_ms',
    kind: 'time',
    how: 'measured',
    meaning: 'downtime-limit at the stop: where management raised it meanwhile, what it had come to',
  },
  leastStopNs: {
    column: 'least_stop_ms',
    kind: 'time',
    how: 'compared',
    meaning: 'the same at the lowest downtime-limit at which RAM still converges',
  },
  sourceDowntimeNs: {
    column: 'source_downtime_ms',
    kind: 'time',
    how: 'measured',
    ask: 'spread',
    meaning: "what the source's query-migrate reports",
  },
  bitmapSourceDowntimeNs: {
    column: 'bitmap_source_downtime_ms',
    kind: 'time',
    how: 'compared',
    ask: 'spread',
    meaning: 'source downtime minus that of strategy none',
  },
  migrationNs: {
    column: 'migration_ms',
    kind: 'time',
    how: 'measured',
    meaning: 'start of the migration to the resume',
  },
  // One time for each phase, hence a column for each: `phase_load_ms`.
  phasesNs: { column: 'phases_ms', kind: 'time', how: 'measured', meaning: 'part of the downtime' },
  bitmapReadyNs: {
    column: 'bitmap_ready_ms',
    kind: 'time',
    how: 'measured',
    nullable: true,
    meaning: 'resume to a usable bitmap on the destination; empty: it stayed behind',
  },
  clustersWritten: {
    column: 'clusters_written',
    kind: 'count',
    how: 'counted',
    meaning: 'bitmap data clusters written inside the stop',
  },
  storeWrites: {
    column: 'store_writes',
    kind: 'count',
    how: 'counted',
    meaning: 'writes of the store inside the stop, tables included',
  },
  storeReads: {
    column: 'store_reads',
    kind: 'count',
    how: 'counted',
    meaning: 'reads of the store inside the stop',
  },
  storePunches: {
    column: 'store_punches',
    kind: 'count',
    how: 'counted',
    meaning: 'holes punched inside the stop',
  },
  storeFlushes: {
    column: 'store_flushes',
    kind: 'count',
    how: 'counted',
    meaning: 'flushes of the store inside the stop',
  },
  bytesWrittenRunning: {
    column: 'bytes_written_running',
    kind: 'bytes',
    how: 'counted',
    meaning: 'bitmap bytes written to the image while the guest ran',
  },
  bytesRewrittenRunning: {
    column: 'bytes_rewritten_running',
    kind: 'bytes',
    how: 'counted',
    meaning: 'of these, chunks that this migration had written before',
  },
  bytesWrittenStopped: {
    column: 'bytes_written_stopped',
    kind: 'bytes',
    how: 'counted',
    meaning: 'bitmap bytes written to the image inside the stop',
  },
  streamBytes: {
    column: 'stream_bytes',
    kind: 'bytes',
    how: 'counted',
    meaning: 'bitmap bytes in the migration stream',
  },
  ramLeftBytes: {
    column: 'ram_left_bytes',
    kind: 'bytes',
    how: 'measured',
    ask: 'none',
    meaning: 'RAM left to send at the stop',
  },
  staleChunksAtStop: {
    column: 'stale_chunks_at_stop',
    kind: 'count',
    how: 'counted',
    summary: 'spread',
    meaning: 'chunks that changed since they were last written, at the stop',
  },
  bitsSetAtStop: {
    column: 'bits_set_at_stop',
    kind: 'count',
    how: 'measured',
    meaning: 'bits set at the stop',
  },
  firstTouches: {
    column: 'first_touches',
    kind: 'count',
    how: 'measured',
    meaning: 'bits that the guest set during the migration',
  },
  guestWrites: {
    column: 'guest_writes',
    kind: 'count',
    how: 'measured',
    ask: 'none',
    meaning: 'writes of the guest during the migration',
  },
  guestSlowdown: {
    column: 'guest_slowdown',
    kind: 'ratio',
    how: 'measured',
    meaning: "mean latency of the guest's writes during the migration over that without background requests",
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

type Rows = typeof METRICS;
export type MetricName = keyof Rows;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** The row of a metric, with what it may leave out. */
export function metricRow(name: MetricName): MetricRow {
  return METRICS[name];
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

type Value<Name extends MetricName> = Name extends 'phasesNs'
  ? Readonly<PhaseTimes>
  : Rows[Name] extends { nullable: true }
    ? number | null
    : number;

/** The names of metrics that are got in one of these ways. */
export type MetricsBy<How extends MetricRow['how']> = {
  [Name in MetricName]: Rows[Name]['how'] extends How ? Name : never;
}[MetricName];

/** What one simulated migration gives. */
export type Metrics = { readonly [Name in MetricsBy<'counted' | 'measured'>]: Value<Name> };

/** The same beside the replication's run without bitmaps. */
export type RunMetrics = { readonly [Name in MetricName]: Value<Name> };

/** What a run adds up. */
export type Counters = Record<MetricsBy<'counted'>, number>;

/** All counters at zero. */
export function noCounts(): Counters {
  const counted = METRIC_NAMES.filter((name) => METRICS[name].how === 'counted');
  return Object.fromEntries(counted.map((name) => [name, 0])) as Counters;
}
