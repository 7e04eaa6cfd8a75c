/**
 * Every number that a run gives, registered once: types, counters, columns of CSV files, datapackage.json, the keys of
 * `ask --json`, the tables of `run` and the axes of figures follow this list. A new metric is a row here: how it follows
 * from what is known at the end of a run. One that is counted needs also the line that counts. The order is that of the
 * columns of runs.csv.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Row, WayOfGetting } from './metric-row.js';
import type { PhaseTimes } from './phases.js';
import type { RunTimes } from './run-times.js';

/** What is known when a migration is over. */
export interface RunEnd extends RunTimes {
  readonly counters: Readonly<Counters>;
}

/** A run, its replication's run without bitmaps, and the least that bitmaps can add in the mean. */
export interface Pair {
  readonly own: Metrics;
  readonly reference: Metrics;
  readonly floorNs: TimeNs;
  /** The least time that the last RAM can take. */
  readonly leastRamNs: TimeNs;
}

/** A row of the list below. */
export type MetricRow = Row<RunEnd, Pair>;

const wholeNs = ({ runningNs, stopNs, resumeNs, bitmapReadyNs }: RunEnd): TimeNs =>
  runningNs + resumeNs - stopNs + (bitmapReadyNs ?? 0);
const addedNs = ({ own, reference }: Pair): TimeNs => own.downtimeNs - reference.downtimeNs;
const addedRamNs = ({ own, reference }: Pair): TimeNs => own.phasesNs.ram - reference.phasesNs.ram;

const leastStopNs = ({ own, leastRamNs }: Pair): TimeNs =>
  Math.min(own.stopAtLimitNs, own.downtimeNs - own.phasesNs.ram + leastRamNs);

// Parameters and results of the functions are named: the types below are made of this list, which so stands before them.
export const METRICS = {
  downtimeNs: {
    column: 'downtime_ms',
    label: 'downtime',
    kind: 'time',
    measured: (end: RunEnd): number => end.resumeNs - end.stopNs,
    ask: 'spread',
    summary: 'spread',
    meaning: 'stop to resume as the guest sees it',
  },
  bitmapDowntimeNs: {
    column: 'bitmap_downtime_ms',
    label: 'downtime due to the bitmaps',
    kind: 'time',
    compared: (pair: Pair): number => addedNs(pair),
    ask: 'spread',
    summary: 'spread',
    meaning: 'downtime minus that of strategy none with the same random numbers',
  },
  bitmapWorkNs: {
    column: 'bitmap_work_ms',
    label: 'bitmap work',
    kind: 'time',
    compared: (pair: Pair): number => addedNs(pair) - addedRamNs(pair),
    summary: 'spread',
    meaning: "of the bitmap downtime, what the bitmaps' own work takes: all but the change in RAM",
  },
  ramChangeNs: {
    column: 'ram_change_ms',
    label: 'change in the time of the last RAM',
    kind: 'time',
    compared: (pair: Pair): number => addedRamNs(pair),
    meaning: 'of the bitmap downtime, time of the last RAM pages minus that of strategy none',
  },
  floorNs: {
    column: 'floor_ms',
    kind: 'time',
    compared: (pair: Pair): number => pair.floorNs,
    ask: 'none',
    meaning: 'the least that bitmaps can add in the mean if a durable copy is left, whatever the strategy',
  },
  aboveFloorNs: {
    column: 'above_floor_ms',
    label: 'work above the floor',
    kind: 'time',
    compared: (pair: Pair): number => addedNs(pair) - addedRamNs(pair) - pair.floorNs,
    meaning: 'bitmap work minus the floor; below zero only where no durable copy is left',
  },
  stopAtLimitNs: {
    column: 'stop_at_limit_ms',
    kind: 'time',
    measured: (end: RunEnd): number => end.resumeNs - end.stopNs + end.ramOverNs,
    meaning: 'the downtime with all the RAM that downtime-limit lets QEMU leave to the stop: what is judged',
  },
  finalLimitNs: {
    column: 'final_limit_ms',
    kind: 'time',
    measured: (end: RunEnd): number => end.limitNs,
    meaning: 'downtime-limit at the stop: where management raised it meanwhile, what it had come to',
  },
  leastStopNs: {
    column: 'least_stop_ms',
    kind: 'time',
    compared: (pair: Pair): number => leastStopNs(pair),
    meaning: 'the same at the lowest downtime-limit at which RAM still converges',
  },
  sourceDowntimeNs: {
    column: 'source_downtime_ms',
    kind: 'time',
    measured: (end: RunEnd): number => end.sourceEndNs - end.stopNs,
    ask: 'spread',
    meaning: "what the source's query-migrate reports",
  },
  bitmapSourceDowntimeNs: {
    column: 'bitmap_source_downtime_ms',
    kind: 'time',
    compared: (pair: Pair): number => pair.own.sourceDowntimeNs - pair.reference.sourceDowntimeNs,
    ask: 'spread',
    meaning: 'source downtime minus that of strategy none',
  },
  migrationNs: {
    column: 'migration_ms',
    label: 'duration of the migration',
    kind: 'time',
    measured: (end: RunEnd): number => end.runningNs + end.resumeNs - end.stopNs,
    meaning: 'start of the migration to the resume',
  },
  emptiedNs: {
    column: 'emptied_ms',
    label: 'time to empty the host',
    kind: 'time',
    measured: (end: RunEnd): number => wholeNs(end),
    ask: 'none',
    meaning: 'start of the first migration to the end of the last, of all VMs that leave the host together',
  },
  // One time for each phase, hence a column for each: `phase_load_ms`.
  phasesNs: {
    column: 'phases_ms',
    kind: 'time',
    measured: (end: RunEnd): Readonly<PhaseTimes> => end.phasesNs,
    meaning: 'part of the downtime',
  },
  bitmapReadyNs: {
    column: 'bitmap_ready_ms',
    label: 'time from resume to a usable bitmap',
    kind: 'time',
    measured: (end: RunEnd): number | null => end.bitmapReadyNs,
    nullable: true,
    meaning: 'resume to a usable bitmap on the destination; empty: it stayed behind',
  },
  clustersWritten: {
    column: 'clusters_written',
    label: 'bitmap clusters written in the stop',
    kind: 'count',
    counted: true,
    meaning: 'bitmap data clusters written inside the stop',
  },
  storeWrites: {
    column: 'store_writes',
    kind: 'count',
    counted: true,
    meaning: 'writes of the store inside the stop, tables included',
  },
  storeReads: {
    column: 'store_reads',
    kind: 'count',
    counted: true,
    meaning: 'reads of the store inside the stop',
  },
  storePunches: {
    column: 'store_punches',
    kind: 'count',
    counted: true,
    meaning: 'holes punched inside the stop',
  },
  storeFlushes: {
    column: 'store_flushes',
    kind: 'count',
    counted: true,
    meaning: 'flushes of the store inside the stop',
  },
  bytesWrittenRunning: {
    column: 'bytes_written_running',
    label: 'bitmap data written while the guest runs',
    kind: 'bytes',
    counted: true,
    meaning: 'bitmap bytes written to the image while the guest ran',
  },
  bytesRewrittenRunning: {
    column: 'bytes_rewritten_running',
    label: 'bitmap data written again while the guest runs',
    kind: 'bytes',
    counted: true,
    meaning: 'of these, chunks that this migration had written before',
  },
  bytesWrittenStopped: {
    column: 'bytes_written_stopped',
    label: 'bitmap data written inside the stop',
    kind: 'bytes',
    counted: true,
    meaning: 'bitmap bytes written to the image inside the stop',
  },
  streamBytes: {
    column: 'stream_bytes',
    label: 'bitmap data on the link',
    kind: 'bytes',
    counted: true,
    meaning: 'bitmap bytes in the migration stream',
  },
  mirrorNs: {
    column: 'mirror_ms',
    label: 'time until the mirrors are ready',
    kind: 'time',
    counted: true,
    meaning: 'mirrored disks: from the start of the mirrors until all are ready and the migration begins',
  },
  mirrorBytes: {
    column: 'mirror_bytes',
    label: 'data copied by the mirrors',
    kind: 'bytes',
    counted: true,
    meaning: 'mirrored disks: bytes copied until the mirrors are ready and in the stop',
  },
  ramLeftBytes: {
    column: 'ram_left_bytes',
    kind: 'bytes',
    measured: (end: RunEnd): number => end.ramLeftBytes,
    ask: 'none',
    meaning: 'RAM left to send at the stop',
  },
  ramFollowsNs: {
    column: 'ram_follows_ms',
    label: 'RAM after the resume',
    kind: 'time',
    counted: true,
    meaning: 'post-copy of RAM: from the resume until all of it has come',
  },
  staleChunksAtStop: {
    column: 'stale_chunks_at_stop',
    label: 'stale chunks at the stop',
    kind: 'count',
    counted: true,
    summary: 'spread',
    meaning: 'chunks that changed since they were last written, at the stop',
  },
  bitsSetAtStop: {
    column: 'bits_set_at_stop',
    kind: 'count',
    measured: (end: RunEnd): number => end.bitsSetAtStop,
    meaning: 'bits set at the stop',
  },
  firstTouches: {
    column: 'first_touches',
    kind: 'count',
    measured: (end: RunEnd): number => end.guest.firstTouches,
    meaning: 'bits that the guest set during the migration',
  },
  guestWrites: {
    column: 'guest_writes',
    kind: 'count',
    measured: (end: RunEnd): number => end.guest.writes,
    ask: 'none',
    meaning: 'writes of the guest during the migration',
  },
  guestSlowdown: {
    column: 'guest_slowdown',
    kind: 'ratio',
    measured: (end: RunEnd): number => end.guestSlowdown,
    meaning: "mean latency of the guest's writes during the migration over that without background requests",
  },
} as const;

type Rows = typeof METRICS;
export type MetricName = keyof Rows;

type Value<Name extends MetricName> = Name extends 'phasesNs'
  ? Readonly<PhaseTimes>
  : Rows[Name] extends { nullable: true }
    ? number | null
    : number;

/** The names of metrics that are got in this way. */
export type MetricsBy<How extends WayOfGetting> = {
  [Name in MetricName]: How extends keyof Rows[Name] ? Name : never;
}[MetricName];

/** What one simulated migration gives. */
export type Metrics = { readonly [Name in MetricsBy<'counted'> | MetricsBy<'measured'>]: Value<Name> };

/** The same beside the replication's run without bitmaps. */
export type RunMetrics = { readonly [Name in MetricName]: Value<Name> };

/** What a run adds up. */
export type Counters = Record<MetricsBy<'counted'>, number>;
