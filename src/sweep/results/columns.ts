/**
 * Every column of every CSV that a sweep writes: name, unit and meaning, once. The files, datapackage.json and the
 * documentation all follow this list.
 */

import { OUTCOME } from '../../input/parameters/outcome.js';
import { PARAMETERS } from '../../input/parameters.js';
import { DEFINITIONS } from '../../sim/strategies/lookup.js';
import type { Column, ResultColumn } from './column.js';
import { FATE_METRICS, FATE_WORDS } from './fate-columns.js';
import { RUN_METRICS } from './metric-columns.js';
import { DERIVED, parameterColumn, parameterColumns } from './parameter-columns.js';

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
