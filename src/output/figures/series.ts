/** Rows to lines: one for each strategy, and for each value of what else tells points apart. */

import { PRESET_PATHS } from '../../input/parameters.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { columnOf, distinct, namedValue, num, varying } from './data.js';
import { type Look, lookOf } from './palette.js';
import { cellOf, type Split, STRATEGY } from './split.js';

export interface LinePoint {
  readonly x: string;
  readonly y: number;
  /** Interval, where there is one. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface Line extends Look {
  readonly name: string;
  /** What the panel is called that it stands in; nothing where there is one. */
  readonly panel: string;
  readonly points: readonly LinePoint[];
  readonly troubles: readonly Trouble[];
  /** A line of theory: dotted, without points, in the colour of the line it explains. */
  readonly theory?: boolean;
}

/** The statistics of a metric of runs.csv in summary.csv. */
export interface MetricColumns {
  readonly mean: string;
  readonly low: string;
  readonly high: string;
  readonly p50: string;
  readonly p95: string;
}

/** `downtime_ms` → `downtime_mean_ms` and the others. */
export function metricColumns(metric: string): MetricColumns {
  const [, stem = metric, unit = ''] = /^(.*?)(_ms|_bytes)?$/.exec(metric) ?? [];
  const of = (statistic: string): string => `${stem}_${statistic}${unit}`;
  return { mean: of('mean'), low: of('ci95_low'), high: of('ci95_high'), p50: of('p50'), p95: of('p95') };
}

/** The horizontal axis: what the figure asks for, else the first parameter that varies. */
export function xColumnOf(rows: readonly Row[], spec: FigureSpec): string | undefined {
  return spec.x ? columnOf(spec.x) : varying(rows)[0];
}

/** A value as part of a name: with its parameter's name, except for presets, which say what they are. */
function inName(column: string, text: string): string {
  if (column.startsWith('what_if_')) return whatIf(column, text);
  if (column === 'stack' || PRESET_PATHS.some((path) => path === column)) return text;
  return namedValue(column, text);
}

/** A change to QEMU that is made; one that is not made has no name. */
function whatIf(column: string, text: string): string {
  if (text === 'false' || text === '1') return '';
  const words = columnLabel(column).replace('what if ', '');
  return text === 'true' ? words : `${words} ${text}`;
}

/** The values of a row as the name of a line or a bar. */
export function nameOf(row: Row, columns: readonly string[], strategy: readonly string[]): string {
  const parts = columns.map((column) => inName(column, row[column] ?? '')).filter((part) => part !== '');
  if (
    parts.length > 0 &&
    parts.length === columns.filter((c) => c.startsWith('what_if_')).length &&
    parts.length > 2
  )
    return ['every change', ...strategy].join(', ');
  return [...parts, ...strategy].join(', ') || 'QEMU as it is';
}

/** A situation that has no point, or not one like the others. */
export interface Trouble {
  readonly x: string;
  /** It never stops, some of its runs do not, or the destination lacks bits. */
  readonly kind: 'never' | 'sometimes' | 'failed';
}

function troubleOf(row: Row): Trouble['kind'] | undefined {
  if (num(row, 'failed') > 0) return 'failed';
  const never = num(row, 'not_converged');
  if (!(never > 0)) return undefined;
  return never < num(row, 'n') ? 'sometimes' : 'never';
}

/** Rows to draw, over what, and how they are told apart. */
export interface LinesAsked {
  readonly rows: readonly Row[];
  /** All rows of the experiment: what a colour is the colour of. */
  readonly all: readonly Row[];
  readonly xColumn: string;
  readonly metric: MetricColumns;
  readonly split: Split;
}

/**
 * Lines in the order of the file; one that has no column of its own is called by its strategy. A situation in trouble has
 * no point: what was measured of it is the timeout, and nobody's stop.
 */
export function linesOf({ rows, all, xColumn, metric, split }: LinesAsked): readonly Line[] {
  const { colour = STRATEGY } = split;
  const values = all.map((row) => cellOf(row, colour));
  const lines = new Map<string, Line & { points: LinePoint[]; troubles: Trouble[] }>();
  for (const row of rows) {
    const value = cellOf(row, colour);
    const name = colour === STRATEGY ? value : nameOf(row, [colour], []);
    const panel = panelOf(row, split);
    const key = JSON.stringify([panel, name]);
    const line = lines.get(key) ?? {
      name,
      panel,
      ...lookOf(colour, value, values),
      points: [],
      troubles: [],
    };
    lines.set(key, line);
    const x = row[xColumn] ?? '';
    const trouble = troubleOf(row);
    if (trouble) {
      line.troubles.push({ x, kind: trouble });
      continue;
    }
    const [low, high] = [num(row, metric.low), num(row, metric.high)];
    const known = Number.isFinite(low) && Number.isFinite(high);
    line.points.push({ x, y: num(row, metric.mean), low: known ? low : null, high: known ? high : null });
  }
  const order = distinct(rows, xColumn);
  for (const { points } of lines.values()) points.sort((a, b) => order.indexOf(a.x) - order.indexOf(b.x));
  // What has neither a time nor trouble has nothing to show.
  return [...lines.values()].filter(
    ({ points, troubles }) => troubles.length > 0 || points.some(({ y }) => Number.isFinite(y)),
  );
}

/** What the panel of a row is called; nothing where there is one panel. */
export function panelOf(row: Row, { panels }: Split): string {
  if (panels.length === 0) return '';
  const strategy = panels.includes(STRATEGY) ? [cellOf(row, STRATEGY)] : [];
  return nameOf(
    row,
    panels.filter((column) => column !== STRATEGY),
    strategy,
  );
}
