/** Strategies against each other: lines over a parameter, or one dot each where a single point is shown. */

import * as Plot from '@observablehq/plot';
import { isJudged } from '../../sim/strategies/lookup.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { budgetOf, num, replicationsText, selected, shown, situation, stopping, strategyOf } from './data.js';
import { type Figure, HEIGHT, WIDTH } from './figure.js';
import { lineChartOptions, lineChartWidth } from './line-chart.js';
import { coloursOf } from './palette.js';
import { measuredScale } from './scales.js';
import { linesOf, metricColumns, xColumnOf } from './series.js';
import { BUDGET_ROOM, budgetLine, valueAxis } from './value-axis.js';

/** How much shorter the best strategy is than storing at the stop, at the last value of the axis. */
function finding(rows: readonly Row[], xColumn: string | undefined, metric: string): string {
  const { mean } = metricColumns(metric);
  const last = xColumn === undefined ? undefined : rows.at(-1)?.[xColumn];
  const here = rows.filter(
    (row) => (last === undefined || row[xColumn!] === last) && Number.isFinite(num(row, mean)),
  );
  const at = last === undefined ? 'The' : `${situation(xColumn!, last)} the`;
  const ranked = [...here].sort((a, b) => num(a, mean) - num(b, mean));
  const say = (row: Row): string => `${shown(metric, row[mean]!)} with ${strategyOf(row, rows)}`;
  const base = ranked.find((row) => isJudged(row.strategy!));
  const best = ranked.find((row) => row !== base);
  if (!base || !best)
    return ranked[0] ? `${at} ${columnLabel(metric)} is ${say(ranked[0])}` : columnLabel(metric);
  const ratio = num(base, mean) / num(best, mean);
  const times =
    ratio >= 1.05
      ? `, ${Number(ratio.toPrecision(2))} times shorter than`
      : ratio <= 0.95
        ? ', longer than'
        : ', no shorter than';
  return `${at} ${columnLabel(metric)} is ${say(best)}${times} ${say(base)}`;
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
  const dots = rows.map((row): Dot => {
    const mean = num(row, columns.mean);
    const end = (column: string): number => (Number.isFinite(num(row, column)) ? num(row, column) : mean);
    return {
      name: strategyOf(row, rows),
      mean,
      low: end(columns.low),
      high: end(columns.high),
      p95: num(row, columns.p95),
    };
  });
  const scale = measuredScale(dots.flatMap((dot) => [dot.low, dot.high, dot.p95]).concat(budget ?? []), 7);
  const names = dots.map((dot) => dot.name);
  const colours = coloursOf(names);
  const colour = (dot: Dot): string => colours[names.indexOf(dot.name)]!;
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
    ],
  };
}

export const strategies: Figure = {
  type: 'strategies',
  summary: 'strategies against each other, over a parameter or at one point',
  draw(data, spec: FigureSpec) {
    const metric = spec.metric ?? 'downtime_ms';
    const { rows, note } = stopping(selected(data.summary, spec), metric);
    if (rows.length === 0) return undefined;
    const xColumn = xColumnOf(rows, spec);
    const over = xColumn !== undefined && new Set(rows.map((row) => row[xColumn])).size > 1;
    const budget = metric.includes('downtime') ? budgetOf(rows) : undefined;
    const lines = over ? linesOf(rows, { ...spec, by: 'strategy' }, xColumn, metricColumns(metric)) : [];
    const height = over ? HEIGHT : 90 + 34 * rows.length;
    const drawn = over ? 'bars are 95 % intervals' : 'bars are 95 % intervals, strokes the 95th percentile';
    return {
      title: spec.title ?? finding(rows, over ? xColumn : undefined, metric),
      subtitle: `Mean ${columnLabel(metric)} of ${replicationsText(rows)}; ${drawn}. All strategies share their random numbers.${note}`,
      width: over ? lineChartWidth(lines) : WIDTH,
      height,
      options: over
        ? lineChartOptions({
            lines,
            xColumn,
            yColumn: metric,
            yLabel: columnLabel(metric),
            height,
            budget,
          })
        : dotOptions(rows, metric, budget),
    };
  },
};
