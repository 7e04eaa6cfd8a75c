/** Downtime over a parameter (mostly the size of the bitmaps), a line for each storage or strategy. */

import { JUDGED } from '../../sim/strategies/lookup.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import { budgetOf, distinct, replicationsText, selected, shown, situation, stopping } from './data.js';
import { type Figure, HEIGHT } from './figure.js';
import { type Line, lineChartOptions, lineChartWidth } from './line-chart.js';
import { linesOf, metricColumns, xColumnOf } from './series.js';

/** The end of the axis where the largest value of the two stands: the one that says most. */
function tellingEnd(lines: readonly Line[], order: readonly string[]): string {
  const [first = '', last = ''] = [order[0], order.at(-1)];
  const most = (x: string): number =>
    Math.max(...lines.flatMap(({ points }) => points.filter((point) => point.x === x).map(({ y }) => y)));
  return most(first) > most(last) ? first : last;
}

/** What that end of the axis shows of the lines that reach it, in a sentence. */
function finding(
  drawn: readonly Line[],
  order: readonly string[],
  axis: { readonly xColumn: string; readonly metric: string; readonly budget: number | undefined },
): string {
  const { xColumn, metric, budget } = axis;
  const lines = drawn.map(({ name, points }) => ({
    name,
    points: points.filter((point) => Number.isFinite(point.y)),
  }));
  const x = tellingEnd(lines, order);
  const known = lines
    .flatMap(({ name, points }) => points.filter((point) => point.x === x).map(({ y }) => ({ name, y })))
    .sort((a, b) => a.y - b.y);
  const [least, most] = [known[0], known.at(-1)];
  if (!least || !most) return columnLabel(metric);
  const say = ({ name, y }: { name: string; y: number }): string =>
    `${shown(metric, String(y))}${lines.length > 1 ? ` (${name})` : ''}`;
  const from = least.y === most.y ? '' : `${say(least)} to `;
  const range = `${situation(xColumn, x)} the ${columnLabel(metric)} is ${from}${say(most)}`;
  if (budget === undefined) return range;
  const over = known.filter(({ y }) => y > budget).length;
  const limit = shown('budget_ms', String(budget));
  if (known.length === 1) return `${range}, ${over ? 'over' : 'within'} the budget of ${limit}`;
  const verdict =
    over === 0 ? 'all within' : over === known.length ? 'all over' : `${over} of ${known.length} over`;
  return `${range}: ${verdict} the budget of ${limit}`;
}

/** What points tell that differ in more than one parameter: no more than where they lie. */
function scatter(xColumn: string, metric: string, lines: readonly Line[]): string {
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite);
  const range = [Math.min(...values), Math.max(...values)].map((value) => shown(metric, String(value)));
  return `${columnLabel(metric)} over ${columnLabel(xColumn)}: ${range.join(' to ')}`;
}

export const downtime: Figure = {
  type: 'downtime',
  summary: 'downtime over one parameter, a line for each storage (or whatever else varies), with the budget',
  draw(data, spec: FigureSpec) {
    const all = data.summary;
    const present = new Set(all.map((row) => row.strategy));
    const metric = spec.metric ?? 'downtime_ms';
    const asked = selected(all, spec, present.has(JUDGED.name) ? [JUDGED.name] : undefined);
    const { rows, note } = stopping(asked, metric);
    const xColumn = xColumnOf(rows, spec);
    if (!xColumn || rows.length === 0) return undefined;
    const lines = linesOf(rows, spec, xColumn, metricColumns(metric));
    const budget = metric.includes('downtime') ? budgetOf(rows) : undefined;
    const scattered = data.scattered !== undefined;
    const found = scattered ? scatter(xColumn, metric, lines) : undefined;
    return {
      title: spec.title ?? found ?? finding(lines, distinct(rows, xColumn), { xColumn, metric, budget }),
      subtitle: `Mean ${columnLabel(metric)} of ${replicationsText(rows)}; bars are 95 % intervals.${scattered ? ' Points differ in the other axes too: no line joins them.' : ''} Strategy: ${[...new Set(rows.map((row) => row.strategy))].join(', ')}.${note}`,
      width: lineChartWidth(lines),
      height: HEIGHT,
      options: lineChartOptions({
        lines,
        xColumn,
        yColumn: metric,
        yLabel: columnLabel(metric),
        height: HEIGHT,
        budget,
        scattered,
      }),
    };
  },
};
