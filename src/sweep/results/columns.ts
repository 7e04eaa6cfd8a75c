/**
 * Every column of every CSV that a sweep writes: name, unit and meaning, once. The files, datapackage.json and the
 * documentation all follow this list. Names carry their unit; a missing value is an empty cell.
 */

import { toMs } from '../../base/units.js';
import { OUTCOME } from '../../input/parameters/outcome.js';
import { BASE_PARAMETERS, PARAMETERS, type Parameter } from '../../input/parameters.js';
import { PHASE_MEANING, PHASES } from '../../sim/machine/phases.js';
import { DEFINITIONS } from '../../sim/strategies/lookup.js';
import type { RunMetrics } from '../../study/run.js';
import type { RunOutcome } from '../run/task.js';
import { FATE_METRICS, FATE_WORDS } from './fate-columns.js';

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
}

/** A column of runs.csv that a run fills. */
export interface ResultColumn extends Column {
  readonly value: (result: RunOutcome) => Cell;
}

/** What tells one row from another. */
export const ID_COLUMNS: readonly Column[] = [
  {
    name: 'run_id',
    unit: '',
    type: 'string',
    meaning: 'hash of scenario, strategy, seed, replication and model version; `stopgap repro` takes it',
  },
  { name: 'point', unit: '', type: 'integer', meaning: 'number of the point in the plan, from 0' },
  {
    name: 'replication',
    unit: '',
    type: 'integer',
    meaning: 'number of the replication, from 0; equal numbers met the same guest',
  },
  { name: 'seed', unit: '', type: 'integer', meaning: 'seed of the experiment' },
];

const UNIT_OF_NAME: readonly (readonly [end: string, unit: string])[] = [
  ['_bytes_per_s', 'B/s'],
  ['_per_s', '1/s'],
  ['_bytes', 'B'],
  ['_ms', 'ms'],
  ['_share', '1'],
];

/** The unit that a column's name ends in (or begins with: `bytes_written_running`). */
export function unitOf(name: string): string {
  if (name.startsWith('bytes_')) return 'B';
  return UNIT_OF_NAME.find(([end]) => name.endsWith(end))?.[1] ?? '';
}

const TEXT_KINDS: readonly string[] = [
  'text',
  'choice',
  'names',
  'pattern',
  'arrivals',
  'sizes',
  'latency',
  'parts',
];

function parameterColumn(parameter: Parameter): Column {
  const { column: name, help: meaning, kind } = parameter;
  const type = kind === 'switch' ? 'boolean' : TEXT_KINDS.includes(kind) ? 'string' : 'number';
  // `auto`, `unlimited` and shares of something are words among the numbers.
  const mixed = kind.endsWith('-or-auto') || kind === 'rate' || kind === 'number' || kind === 'extent';
  return { name, unit: unitOf(name), meaning, type: mixed ? 'string' : type };
}

/** What follows from the parameters. */
const DERIVED: readonly Column[] = [
  {
    name: 'bitmap_bytes',
    unit: 'B',
    type: 'integer',
    meaning: 'serialized size of one bitmap of the largest disk',
  },
  { name: 'all_bitmaps_bytes', unit: 'B', type: 'integer', meaning: 'size of all bitmaps of all disks' },
  {
    name: 'deterministic',
    unit: '',
    type: 'boolean',
    meaning: 'nothing is left to chance at this point: it is run once',
  },
];

const LEFT_OUT: readonly string[] = ['strategies', 'replications', 'seed'];

/**
 * Parameter columns of an experiment: every parameter with a default, and the others (presets' single figures,
 * optional ones) where the experiment sets them.
 */
export function parameterColumns(mentioned: ReadonlySet<string>): readonly Column[] {
  const always = BASE_PARAMETERS.filter(
    (parameter) => !parameter.optional && !LEFT_OUT.includes(parameter.path),
  );
  const shown = PARAMETERS.filter(
    (parameter) =>
      always.includes(parameter) || (mentioned.has(parameter.path) && !LEFT_OUT.includes(parameter.path)),
  );
  return [...shown.map(parameterColumn), ...DERIVED];
}

type Pick = (metrics: RunMetrics) => number | null;

function metric(
  name: string,
  unit: string,
  meaning: string,
  pick: Pick,
  type: Column['type'] = 'number',
): ResultColumn {
  return { name, unit, meaning, type, value: ({ metrics }) => (metrics ? pick(metrics) : null) };
}

function time(name: string, meaning: string, pick: Pick): ResultColumn {
  const inMs: Pick = (m) => {
    const ns = pick(m);
    return ns === null ? null : toMs(ns);
  };
  return metric(`${name}_ms`, 'ms', meaning, inMs);
}

const bytes = (name: string, meaning: string, pick: Pick): ResultColumn =>
  metric(name, 'B', meaning, (m) => Math.round(pick(m) ?? 0), 'integer');
const count = (name: string, meaning: string, pick: Pick): ResultColumn =>
  metric(name, '', meaning, pick, 'integer');

function strategiesText(): string {
  return DEFINITIONS.map(({ name, role }) => (role === 'reference' ? `${name} (reference)` : name)).join(
    ', ',
  );
}

function variantsText(): string {
  const named = DEFINITIONS.map(({ variants }) => variants.flatMap(({ name }) => name ?? []).join(', '));
  return [...named.filter((names) => names !== ''), 'empty for the others'].join('; ');
}

/** Strategy and state: text that every result has. */
export const STATE_COLUMNS: readonly ResultColumn[] = [
  {
    name: 'strategy',
    unit: '',
    type: 'string',
    meaning: strategiesText(),
    value: (r) => r.strategy,
  },
  {
    name: 'variant',
    unit: '',
    type: 'string',
    meaning: variantsText(),
    value: (r) => r.variant,
  },
  {
    name: 'state',
    unit: '',
    type: 'string',
    meaning: 'completed, not-converged (stopped by the timeout), failed (the destination lacks bits)',
    value: (r) => r.state,
  },
  {
    name: 'reason',
    unit: '',
    type: 'string',
    meaning: 'why the state is not completed',
    value: (r) => r.reason,
  },
];

/** The numbers of every run. */
const RUN_METRICS: readonly ResultColumn[] = [
  time('downtime', 'stop to resume as the guest sees it', (m) => m.downtimeNs),
  time(
    'bitmap_downtime',
    'downtime minus that of strategy none with the same random numbers',
    (m) => m.bitmapDowntimeNs,
  ),
  time('source_downtime', "what the source's query-migrate reports", (m) => m.sourceDowntimeNs),
  time(
    'bitmap_source_downtime',
    'source downtime minus that of strategy none',
    (m) => m.bitmapSourceDowntimeNs,
  ),
  time('migration', 'begin of the migration to the resume', (m) => m.migrationNs),
  ...PHASES.map((phase) =>
    time(`phase_${phase}`, `part of the downtime: ${PHASE_MEANING[phase]}`, (m) => m.phasesNs[phase]),
  ),
  time(
    'bitmap_ready',
    'resume to a usable bitmap on the destination; empty: it stayed behind',
    (m) => m.bitmapReadyNs,
  ),
  count('clusters_written', 'bitmap data clusters written inside the stop', (m) => m.clustersWritten),
  count('store_writes', 'writes of the store inside the stop, tables included', (m) => m.storeWrites),
  count('store_reads', 'reads of the store inside the stop', (m) => m.storeReads),
  count('store_punches', 'holes punched inside the stop', (m) => m.storePunches),
  count('store_flushes', 'flushes of the store inside the stop', (m) => m.storeFlushes),
  bytes(
    'bytes_written_running',
    'bitmap bytes written to the image while the guest ran',
    (m) => m.bytesWrittenRunning,
  ),
  bytes(
    'bytes_written_stopped',
    'bitmap bytes written to the image inside the stop',
    (m) => m.bytesWrittenStopped,
  ),
  bytes('stream_bytes', 'bitmap bytes in the migration stream', (m) => m.streamBytes),
  bytes('ram_left_bytes', 'RAM left to send at the stop', (m) => m.ramLeftBytes),
  count(
    'stale_chunks_at_stop',
    'chunks that changed since they were last written, at the stop',
    (m) => m.staleChunksAtStop,
  ),
  count('bits_set_at_stop', 'bits set at the stop', (m) => m.bitsSetAtStop),
  count('first_touches', 'bits that the guest set during the migration', (m) => m.firstTouches),
  count('guest_writes', 'writes of the guest during the migration', (m) => m.guestWrites),
  metric(
    'guest_slowdown',
    '1',
    "mean latency of the guest's writes with the flusher over that without",
    (m) => m.guestSlowdown,
  ),
];

/** All numbers that a run can have. */
export const METRIC_COLUMNS: readonly ResultColumn[] = [...RUN_METRICS, ...FATE_METRICS];

/** Everything a run can fill in, in the order of the file; the last are for those that follow an outcome. */
export const RESULT_COLUMNS: readonly ResultColumn[] = [...STATE_COLUMNS, ...METRIC_COLUMNS, ...FATE_WORDS];

/** The first of RESULT_COLUMNS: those that an experiment fills which sets these parameters. */
export function resultColumns(mentioned: ReadonlySet<string>): readonly ResultColumn[] {
  const fates = Object.values(OUTCOME).some(({ path }) => mentioned.has(path));
  return fates ? RESULT_COLUMNS : [...STATE_COLUMNS, ...RUN_METRICS];
}

/** Where a metric stands among the cells of a result. */
export function resultIndex(name: string): number {
  return RESULT_COLUMNS.findIndex((column) => column.name === name);
}

/** The columns of runs.csv for an experiment that sets these parameters. */
export function runColumns(mentioned: ReadonlySet<string>): readonly Column[] {
  return [...ID_COLUMNS, ...parameterColumns(mentioned), ...resultColumns(mentioned)];
}
