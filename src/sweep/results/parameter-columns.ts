/** Columns of CSV files that say which situation a row is of: parameters, and what follows from them. */
import { type Companion, companionOf } from '../../input/companion.js';
import { diskPath } from '../../input/parameters/disk-list.js';
import { BASE_PARAMETERS, PARAMETERS, type Parameter, parameterAt } from '../../input/parameters.js';
import type { Kind } from '../../sim/parameters/row.js';
import type { Cell, Column } from './column.js';

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

/** The resolved question of a point, and whether anything is left to chance in it. */
export type Situation = Readonly<Record<string, unknown>>;

/** A column that a point fills. */
export interface ParameterColumn extends Column {
  readonly value: (situation: Situation) => Cell;
}

const TYPES: Readonly<Partial<Record<Kind, Column['type']>>> = {
  switch: 'boolean',
  size: 'integer',
  'power-of-two': 'integer',
  count: 'integer',
  rate: 'number',
  time: 'number',
  share: 'number',
  number: 'number',
  extent: 'number',
  'share-or-auto': 'number',
  budget: 'number',
  latency: 'number',
  sizes: 'number',
};

/** What is more than one word (a pattern, a list of disks) is written as JSON. */
function asCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as Cell);
}

/** Among numbers a word is nothing: the companion has it. */
const numberCell = (value: unknown): Cell => (typeof value === 'number' ? value : null);

/** The column of a parameter's own, without what stands beside it. */
export function parameterColumn(parameter: Parameter): ParameterColumn {
  const { column: name, help: meaning, kind, label } = parameter;
  const type = TYPES[kind] ?? 'string';
  const cell = type === 'number' || type === 'integer' ? numberCell : asCell;
  const value = (situation: Situation): Cell => cell(situation[name]);
  return { name, unit: unitOf(name), meaning, type, value, ...(label ? { label } : {}) };
}

function companionColumn(parameter: Parameter, companion: Companion): ParameterColumn {
  const { column: name, type, meaning } = companion;
  return {
    name,
    unit: unitOf(name),
    type,
    meaning: `of ${parameter.column}: ${meaning}`,
    value: (situation) => asCell(companion.value(situation[parameter.column], situation[name])),
  };
}

/** The columns of one parameter. */
function columnsFor(parameter: Parameter): readonly ParameterColumn[] {
  const companion = companionOf(parameter);
  const own = parameterColumn(parameter);
  return companion === undefined ? [own] : [own, companionColumn(parameter, companion)];
}

const derived = (column: Column): ParameterColumn => ({
  ...column,
  value: (situation) => asCell(situation[column.name]),
});

/** What follows from the parameters. */
export const DERIVED: readonly ParameterColumn[] = [
  derived({
    name: 'bitmap_bytes',
    unit: 'B',
    type: 'integer',
    meaning: 'serialized size of one bitmap of the largest disk',
    label: 'size of one bitmap',
  }),
  derived({
    name: 'all_bitmaps_bytes',
    unit: 'B',
    type: 'integer',
    meaning: 'size of all bitmaps of all disks',
    label: 'size of all bitmaps',
  }),
  derived({
    name: 'deterministic',
    unit: '',
    type: 'boolean',
    meaning: 'nothing is left to chance at this point: it is run once',
  }),
];

const LEFT_OUT: readonly string[] = ['strategies', 'replications', 'seed'];

/** The parameters that an experiment which sets these paths has columns for. */
function shownParameters(mentioned: ReadonlySet<string>): readonly Parameter[] {
  const isShown = ({ path }: Parameter): boolean => !LEFT_OUT.includes(path);
  const always = new Set(BASE_PARAMETERS.filter(({ optional }) => !optional));
  // Values of single disks have rows of their own, made when they are asked for.
  const ofDisks = [...mentioned].flatMap((path) => (diskPath(path) ? parameterAt(path)! : []));
  return [
    ...PARAMETERS.filter((each) => isShown(each) && (always.has(each) || mentioned.has(each.path))),
    ...ofDisks,
  ];
}

/**
 * Parameter columns of an experiment: every parameter with a default, and the others (presets' single values,
 * optional ones) where the experiment sets them.
 */
export function parameterColumns(mentioned: ReadonlySet<string>): readonly ParameterColumn[] {
  return [...shownParameters(mentioned).flatMap(columnsFor), ...DERIVED];
}
