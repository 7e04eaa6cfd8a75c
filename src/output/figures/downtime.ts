/** Downtime over a parameter (mostly the size of the bitmaps), a line for each storage or strategy. */
import type { FigureSpec } from '../../experiment/sweep/schema.js';
import { budgetOf, replicationsText, selected, shown, situation, stopping, worded } from './data.js';
import { type Figure, HEIGHT, WIDTH } from './figure.js';
import { type Line, lineChartOptions } from './line-chart.js';
import { linesOf, metricColumns, xColumnOf } from './series.js';

/** What the largest value of the axis shows, in a sentence. */
function finding(
  lines: readonly Line[],
  xColumn: string,
  metric: string,
  budget: number | undefined,
): string {
  const ends = lines.map((line) => ({
    name: line.name,
    last: line.points.findLast((point) => Number.isFinite(point.y)),
  }));
  const known = ends.filter((end) => end.last !== undefined).sort((a, b) => a.last!.y - b.last!.y);
  const [least, most] = [known[0], known.at(-1)];
  if (!least || !most) return worded(metric);
  const say = (y: number): string => shown(metric, String(y));
  const at = situation(xColumn, most.last!.x);
  const range =
    known.length === 1 || least.last!.y === most.last!.y
      ? `${at} the ${worded(metric)} is ${say(most.last!.y)}`
      : `${at} the ${worded(metric)} is ${say(least.last!.y)} (${least.name}) to ${say(most.last!.y)} (${most.name})`;
  if (budget === undefined) return range;
  const over = known.filter((end) => end.last!.y > budget).length;
  const limit = shown('budget_ms', String(budget));
  if (known.length === 1) return `${range}, ${over ? 'over' : 'within'} the budget of ${limit}`;
  const verdict =
    over === 0 ? 'all within' : over === known.length ? 'all over' : `${over} of ${known.length} over`;
  return `${range}: ${verdict} the budget of ${limit}`;
}

export const downtime: Figure = {
  type: 'downtime',
  summary: 'downtime over one parameter, a line for each storage (or whatever else varies), with the budget',
  draw(data, spec: FigureSpec) {
    const all = data.summary;
    const present = new Set(all.map((row) => row.strategy));
    const metric = spec.metric ?? 'downtime_ms';
    const asked = selected(all, spec, present.has('store-at-stop') ? ['store-at-stop'] : undefined);
    const { rows, note } = stopping(asked, metric);
    const xColumn = xColumnOf(rows, spec);
    if (!xColumn || rows.length === 0) return undefined;
    const lines = linesOf(rows, spec, xColumn, metricColumns(metric));
    const budget = metric.includes('downtime') ? budgetOf(rows) : undefined;
    return {
      title: spec.title ?? finding(lines, xColumn, metric, budget),
      subtitle: `Mean ${worded(metric)} of ${replicationsText(rows)}; bars are 95 % intervals. Strategy: ${[...new Set(rows.map((row) => row.strategy))].join(', ')}.${note}`,
      width: WIDTH,
      height: HEIGHT,
      options: lineChartOptions({
        lines,
        xColumn,
        yColumn: metric,
        yLabel: worded(metric),
        height: HEIGHT,
        budget,
      }),
    };
  },
};
