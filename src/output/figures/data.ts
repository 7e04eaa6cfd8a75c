/** Rows of summary.csv and runs.csv as figures want them: numbers, series, labels. Nothing here is computed twice. */
import { formatRate, formatSize, formatTime } from '../../base/units.js';
import { columnValue, PARAMETERS, PRESET_PATHS, parameterAt } from '../../input/parameters.js';
import { parseRow } from '../../input/values/kinds.js';
import { isReference } from '../../sim/strategies/lookup.js';
import { strategyTitle } from '../../study/run.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Cell } from '../../sweep/results/column.js';
import { columnLabel, METRIC_COLUMNS } from '../../sweep/results/columns.js';
import { cellText, type Row } from '../../sweep/results/csv.js';
import { unitOf } from '../../sweep/results/parameter-columns.js';
import { areNumbers, ascending } from './order.js';

/** What a figure is drawn from. */
export interface FigureData {
  readonly summary: readonly Row[];
  /** Columns of what the experiment sets, in its order: what of it is the same for a whole figure is said there. */
  readonly told?: readonly string[];
  /** How many rows summary.csv has, where it has more than are drawn. */
  readonly summaryRows?: number;
  /** Paths of the axes over which points are scattered, so that all of them differ between any two; absent: a grid. */
  readonly scattered?: readonly string[];
  /** All runs, one at a time and as often as asked; only figures of distributions read them. */
  readonly runs: () => Iterable<Row>;
}

/** The number in a cell; NaN where it is empty or a word. */
export function num(row: Row, column: string): number {
  const text = row[column];
  return text === undefined || text === '' ? Number.NaN : Number(text);
}

/** `disk.size` → `disk_bytes`; a column is itself. */
export function columnOf(name: string): string {
  return parameterAt(name)?.column ?? name;
}

/** What a row's strategy is called, as everywhere. */
export const strategyOf = ({ strategy, variant }: Row): string =>
  strategyTitle({ strategy: strategy!, variant: variant || null });

/** A cell in words for a reader: sizes, rates and times with units. */
export function shown(column: string, text: string): string {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value === 0) return text;
  const unit = unitOf(column);
  if (unit === 'B') return formatSize(value);
  if (unit === 'B/s') return formatRate(value);
  if (unit === 'ms') return formatTime(value * 1e6);
  if (column.endsWith('_share')) return `${Number((value * 100).toPrecision(3))} %`;
  return text;
}

/** A measured mean in words: three digits where it has no unit. */
export function measured(column: string, value: number): string {
  return shown(column, String(unitOf(column) === '' ? Number(value.toPrecision(3)) : value));
}

/** Versions are numbers that count nothing. */
const CHOICES = new Set(
  PARAMETERS.filter(({ kind }) => kind === 'choice' || kind === 'release').map(({ column }) => column),
);

/** Whether a cell is a bare number, written before what it counts; a value with a unit is written after its name. */
function isCount(column: string, text: string): boolean {
  const isNumber = text !== '' && Number.isFinite(Number(text));
  return isNumber && shown(column, text) === text && unitOf(column) === '' && !CHOICES.has(column);
}

/** Columns whose value says by its unit what it is of. */
const SAYS_ITSELF = new Set(['bitmap_bytes', 'all_bitmaps_bytes', 'disk_bytes', 'stack', ...PRESET_PATHS]);

/** A bare number before what it counts: `1 bitmap`, `8 bitmaps`, `2 migrations at a time`. */
function counted(value: string, label: string): string {
  return value === '1' ? `1 ${label.replace(/s\b/, '')}` : `${value} ${label}`;
}

/** A value with its parameter's name: `8 bitmaps`, `chunk size 4 KiB`. */
export function namedValue(column: string, text: string): string {
  const value = shown(column, text);
  return isCount(column, text) ? counted(value, columnLabel(column)) : `${columnLabel(column)} ${value}`;
}

/** The same where the axis has been named already: sizes and presets say by themselves what they are. */
export function settingText(column: string, text: string): string {
  return SAYS_ITSELF.has(column) ? shown(column, text) : namedValue(column, text);
}

const STATISTICS = /_(mean|sd|ci95|p50|p95|p99)/;
const NOT_PARAMETERS = new Set([
  'point',
  'strategy',
  'variant',
  'n',
  'completed',
  'not_converged',
  'failed',
  'verdict',
  'deterministic',
  'too_few',
]);

/** Parameter columns with more than one value. */
export function varying(rows: readonly Row[]): readonly string[] {
  const metrics = new Set(METRIC_COLUMNS.map((column) => column.name));
  return Object.keys(rows[0] ?? {}).filter((name) => {
    if (NOT_PARAMETERS.has(name) || STATISTICS.test(name) || metrics.has(name)) return false;
    if (name.startsWith('p_over_budget') || name.startsWith('vs_')) return false;
    return rows.some((row) => row[name] !== rows[0]![name]);
  });
}

/** Whether a column is not decided by the others: two rows agree in them and differ in it. */
function isFree(rows: readonly Row[], column: string, decided: readonly string[]): boolean {
  const seen = new Map<string, string>();
  return rows.some((row) => {
    const key = decided.map((name) => row[name]).join('|');
    const before = seen.get(key);
    seen.set(key, row[column]!);
    return before !== undefined && before !== row[column];
  });
}

/** Geometry that follows from the parameters never tells lines apart. */
export const FOLLOWS: ReadonlySet<string> = new Set([
  'bitmap_bytes',
  'all_bitmaps_bytes',
  'migration_timeout_ms',
]);

/** The columns that tell series apart: those asked for, and whatever else varies and would mix points up. */
export function seriesColumns(
  rows: readonly Row[],
  decided: readonly string[],
  asked: readonly string[],
): readonly string[] {
  const columns = [...asked];
  for (const name of varying(rows)) {
    if (FOLLOWS.has(name) || columns.includes(name) || decided.includes(name)) continue;
    if (isFree(rows, name, [...decided, ...columns, 'strategy', 'variant'])) columns.push(name);
  }
  return columns;
}

/** A value of `where`, written as in a scenario, as the cell that holds it. */
function cellOf(name: string, value: string | number | boolean): string {
  const parameter = parameterAt(name);
  if (!parameter) return cellText(value);
  return cellText(columnValue(parameter, parseRow(parameter, value, `where.${name}`)) as Cell);
}

/** Whether a figure's `where` and `strategies` let a row through. */
export function selection(spec: FigureSpec, strategies?: readonly string[]): (row: Row) => boolean {
  const wanted = spec.strategies ?? strategies;
  const conditions = Object.entries(spec.where ?? {}).map(
    ([name, value]) => [columnOf(name), cellOf(name, value)] as const,
  );
  return (row) => {
    if (!conditions.every(([column, value]) => row[column] === value)) return false;
    if (wanted) return wanted.includes(row.strategy!) || wanted.includes(`${row.strategy}/${row.variant}`);
    return !isReference(row.strategy!);
  };
}

/** The rows that it lets through. */
export function selected(
  rows: readonly Row[],
  spec: FigureSpec,
  strategies?: readonly string[],
): readonly Row[] {
  return rows.filter(selection(spec, strategies));
}

/** Whether all runs of a row stop by themselves: a forced stop has no downtime of its own. */
export const stops = (row: Row): boolean => !(num(row, 'not_converged') > 0);

/** Which point and strategy a row is of. */
export const situationKey = ({ point, strategy, variant }: Row): string => `${point}/${strategy}/${variant}`;

/** How many situations are not drawn because their guest had to be stopped, in a sentence. */
export function leftNote(left: number): string {
  if (left === 0) return '';
  return ` Left out: ${left} ${left === 1 ? 'situation' : 'situations'} in which the guest never stops.`;
}

/** What a figure has no room for, said below its title. */
export function cutNote(drawn: number, all: number, what: string): string {
  return drawn < all ? ` Drawn: the first ${drawn} of ${all} ${what}.` : '';
}

/** What is said where summary.csv has more rows than are drawn; nothing where all are. */
export function firstRowsNote({ summary, summaryRows = summary.length }: FigureData): string {
  if (summaryRows <= summary.length) return '';
  return `Figures and table are of the first ${summary.length} of ${summaryRows} rows of summary.csv.`;
}

/** Distinct values, numbers ascending, words in order of appearance. */
export function distinctOf(all: readonly string[]): readonly string[] {
  const values = [...new Set(all)];
  return areNumbers(values) ? ascending(values) : values;
}

/** Those of a column. */
export function distinct(rows: readonly Row[], column: string): readonly string[] {
  return distinctOf(rows.map((row) => row[column] ?? ''));
}

/** The budget of the rows in ms; undefined where they have several. */
export function budgetOf(rows: readonly Row[]): number | undefined {
  const budgets = distinct(rows, 'budget_ms');
  return budgets.length === 1 && budgets[0] !== '' ? Number(budgets[0]) : undefined;
}

/** `30 replications`, or the range of them. */
export function replicationsText(rows: readonly Row[]): string {
  const counts = rows.map((row) => num(row, 'n')).filter((n) => n > 1);
  if (counts.length === 0) return 'nothing is left to chance, one run each';
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${most} replications` : `${least} to ${most} replications`;
}
