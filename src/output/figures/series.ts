/** Rows to lines: one for each strategy, and for each value of what else tells points apart. */

import { PRESET_PATHS } from '../../input/parameters.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { columnOf, distinct, isCount, num, seriesColumns, shown, strategyOf, varying } from './data.js';
import type { Line } from './line-chart.js';

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
  if (PRESET_PATHS.some((path) => path === column)) return text;
  const value = shown(column, text);
  return isCount(column, text) ? `${value} ${columnLabel(column)}` : `${columnLabel(column)} ${value}`;
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

/** Lines over `xColumn`, in the order of the file; the strategy is in the name where there are several. */
export function linesOf(
  rows: readonly Row[],
  spec: FigureSpec,
  xColumn: string,
  metric: MetricColumns,
): readonly Line[] {
  const asked = spec.by ? [columnOf(spec.by)].filter((column) => column !== 'strategy') : [];
  const columns = seriesColumns(rows, [xColumn], asked);
  const several = new Set(rows.map((row) => strategyOf(row, rows))).size > 1;
  const lines = new Map<string, { name: string; points: Line['points'][number][] }>();
  for (const row of rows) {
    const strategy = several || columns.length === 0 ? [strategyOf(row, rows)] : [];
    const name = nameOf(row, columns, strategy);
    const line = lines.get(name) ?? { name, points: [] };
    lines.set(name, line);
    const [low, high] = [num(row, metric.low), num(row, metric.high)];
    const known = Number.isFinite(low) && Number.isFinite(high);
    line.points.push({
      x: row[xColumn] ?? '',
      y: num(row, metric.mean),
      low: known ? low : null,
      high: known ? high : null,
    });
  }
  const order = distinct(rows, xColumn);
  for (const { points } of lines.values()) points.sort((a, b) => order.indexOf(a.x) - order.indexOf(b.x));
  return [...lines.values()];
}
