/** Strategies against each other: lines over a parameter, or one dot each where a single point is shown. */

import * as Plot from '@observablehq/plot';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { conditionsText } from './conditions.js';
import { budgetOf, num, replicationsText, selected, shown, stops, strategyOf } from './data.js';
import { drawLines } from './draw-lines.js';
import { type Figure, WIDTH } from './figure.js';
import { GREY, strategyLook } from './palette.js';
import { measuredScale } from './scales.js';
import { metricColumns, xColumnOf } from './series.js';
import { BUDGET_ROOM, budgetLine, valueAxis } from './value-axis.js';

/** Every strategy against the one that is judged, and the budget, of a single point. */
function finding(rows: readonly Row[], metric: string, budget: number | undefined): string {
  const { mean } = metricColumns(metric);
  const known = rows.filter((row) => stops(row) && Number.isFinite(num(row, mean)));
  const ranked = [...known].sort((a, b) => num(a, mean) - num(b, mean));
  const never = rows.filter((row) => !stops(row)).map((row) => `${strategyOf(row)} never stops`);
  const [best, worst] = [ranked[0], ranked.at(-1)];
  if (!best || !worst) return never.join('; ') || columnLabel(metric);
  const say = (row: Row): string => `${shown(metric, row[mean]!)} with ${strategyOf(row)}`;
  const range = best === worst ? say(best) : `${say(best)} to ${say(worst)}`;
  const over = known.filter((row) => num(row, mean) > (budget ?? Number.POSITIVE_INFINITY)).length;
  const limit = budget === undefined ? '' : shown('budget_ms', String(budget));
  const judged = budget === undefined ? [] : [`${over} of ${known.length} over ${limit}`];
  return [`The ${columnLabel(metric)} is ${range}`, ...judged, ...never].join('; ');
}

interface Dot {
  readonly name: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly p95: number;
}

/** One line for each strategy of a single point: mean, interval, 95th percentile. */
function dotOptions(rows: readonly Row[], metric: string, budget: number | undefined): Plot.PlotOptions {
  const columns = metricColumns(metric);
  const dots = rows.filter(stops).map((row): Dot => {
    const mean = num(row, columns.mean);
    const end = (column: string): number => (Number.isFinite(num(row, column)) ? num(row, column) : mean);
    return {
      name: strategyOf(row),
      mean,
      low: end(columns.low),
      high: end(columns.high),
      p95: num(row, columns.p95),
    };
  });
  const scale = measuredScale(dots.flatMap((dot) => [dot.low, dot.high, dot.p95]).concat(budget ?? []), 7);
  const names = rows.map((row) => strategyOf(row));
  const never = rows.filter((row) => !stops(row)).map((row) => strategyOf(row));
  const colour = (dot: Dot): string => strategyLook(dot.name).colour;
  return {
    marginLeft: 150,
    marginTop: BUDGET_ROOM,
    marginRight: 90,
    marginBottom: 46,
    x: { type: scale.type, domain: [...scale.domain] as number[], axis: null },
    y: { type: 'band', domain: names, label: null, tickSize: 0 },
    marks: [
      ...valueAxis(scale, metric),
      ...budgetLine(budget),
      Plot.ruleY(dots, {
        y: 'name',
        x1: 'low',
        x2: 'high',
        stroke: colour,
        strokeWidth: 4,
        strokeOpacity: 0.5,
      }),
      Plot.tickX(dots, {
        y: 'name',
        x: 'p95',
        stroke: colour,
        strokeWidth: 1.5,
        insetTop: 8,
        insetBottom: 8,
      }),
      Plot.dot(dots, { y: 'name', x: 'mean', fill: colour, r: 5 }),
      Plot.text(dots, {
        y: 'name',
        x: (dot: Dot) => Math.max(dot.high, Number.isFinite(dot.p95) ? dot.p95 : dot.high),
        text: (dot: Dot) => shown(metric, String(dot.mean)),
        textAnchor: 'start',
        dx: 10,
        fill: colour,
        fontWeight: 'bold',
        // Readable across the budget's line.
        stroke: 'white',
        strokeWidth: 3,
      }),
      Plot.text(never, {
        y: (name: string) => name,
        text: () => '× never stops by itself',
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: 6,
        fill: GREY,
      }),
    ],
  };
}

export const strategies: Figure = {
  type: 'strategies',
  summary: 'strategies against each other, over a parameter or at one point',
  draw(data, spec: FigureSpec) {
    const metric = spec.metric ?? 'downtime_ms';
    const rows = selected(data.summary, spec);
    if (rows.length === 0) return undefined;
    const xColumn = xColumnOf(rows, spec);
    const how = `Mean ${columnLabel(metric)}; all strategies share their random numbers`;
    if (xColumn !== undefined && new Set(rows.map((row) => row[xColumn])).size > 1)
      return drawLines({ data, spec: { ...spec, by: 'strategy' }, rows, xColumn, metric, how });
    const budget = metric.includes('downtime') ? budgetOf(rows) : undefined;
    return {
      title: spec.title ?? finding(rows, metric, budget),
      subtitle: `${how}, ${replicationsText(rows)}; bars are 95 % intervals, strokes the 95th percentile.`,
      conditions: conditionsText(rows, data),
      width: WIDTH,
      height: 90 + 34 * rows.length,
      options: dotOptions(rows, metric, budget),
    };
  },
};
