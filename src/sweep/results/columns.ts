/**
 * Every column of every CSV that a sweep writes: name, unit and meaning, once. The files, datapackage.json and the
 * documentation all follow this list.
 */

import { diskPath } from '../../input/parameters/disk-list.js';
import { OUTCOME } from '../../input/parameters/outcome.js';
import { BASE_PARAMETERS, PARAMETERS, type Parameter, parameterAt } from '../../input/parameters.js';
import { DEFINITIONS } from '../../sim/strategies/lookup.js';
import type { Column, ResultColumn } from './column.js';
import { FATE_METRICS, FATE_WORDS } from './fate-columns.js';
import { RUN_METRICS } from './metric-columns.js';

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
    meaning: 'number of the replication, from 0; equal numbers share their random numbers',
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
  'release',
  'names',
  'pattern',
  'arrivals',
  'sizes',
  'latency',
  'parts',
  'files',
  'disks',
];

function parameterColumn(parameter: Parameter): Column {
  const { column: name, help: meaning, kind, label } = parameter;
  const type = kind === 'switch' ? 'boolean' : TEXT_KINDS.includes(kind) ? 'string' : 'number';
  // `auto`, `unlimited` and shares of something are words among the numbers.
  const mixed = kind.endsWith('-or-auto') || kind === 'rate' || kind === 'number' || kind === 'extent';
  return { name, unit: unitOf(name), meaning, type: mixed ? 'string' : type, ...(label ? { label } : {}) };
}

/** What follows from the parameters. */
const DERIVED: readonly Column[] = [
  {
    name: 'bitmap_bytes',
    unit: 'B',
    type: 'integer',
    meaning: 'serialized size of one bitmap of the largest disk',
    label: 'size of one bitmap',
  },
  {
    name: 'all_bitmaps_bytes',
    unit: 'B',
    type: 'integer',
    meaning: 'size of all bitmaps of all disks',
    label: 'size of all bitmaps',
  },
  {
    name: 'deterministic',
    unit: '',
    type: 'boolean',
    meaning: 'nothing is left to chance at this point: it is run once',
  },
];

const LEFT_OUT: readonly string[] = ['strategies', 'replications', 'seed'];

/**
 * Parameter columns of an experiment: every parameter with a default, and the others (presets' single values,
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
  // Values of single disks have rows of their own, made when they are asked for.
  const ofDisks = [...mentioned].flatMap((path) => (diskPath(path) ? parameterAt(path)! : []));
  return [...shown, ...ofDisks].map(parameterColumn).concat(DERIVED);
}

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

const LABELS = new Map(
  [...PARAMETERS.map(parameterColumn), ...DERIVED, ...METRIC_COLUMNS].map(({ name, label }) => [name, label]),
);

/** What tables and figures call a column. */
export function columnLabel(name: string): string {
  return LABELS.get(name) ?? name.replace(/_(bytes_per_s|per_s|bytes|ms)$/, '').replaceAll('_', ' ');
}
