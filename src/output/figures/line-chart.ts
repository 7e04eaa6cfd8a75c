/** Lines over a parameter with intervals, a name at the end of each, and the budget: the body of several figures. */
import * as Plot from '@observablehq/plot';
import { columnLabel } from '../../sweep/results/columns.js';
import { unitOf } from '../../sweep/results/parameter-columns.js';
import { shown } from './data.js';
import { WIDTH } from './figure.js';
import { BUDGET_COLOUR, coloursOf, dashOf } from './palette.js';
import { type MeasuredScale, measuredScale, parameterScale, place, type Scale, spread } from './scales.js';
import { budgetText } from './value-axis.js';

export interface LinePoint {
  readonly x: string;
  readonly y: number;
  /** Interval, where there is one. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface Line {
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** A line of theory: dashed, without points. */
  readonly theory?: boolean;
}

export interface LineChart {
  readonly lines: readonly Line[];
  readonly xColumn: string;
  readonly yColumn: string;
  readonly yLabel: string;
  readonly height: number;
  readonly budget?: number | undefined;
  /** Points that differ in more than `xColumn`: no line joins them. */
  readonly scattered?: boolean;
}

interface Mark extends LinePoint {
  readonly name: string;
  readonly at: number | string;
  readonly title: string;
}

const LABEL_PX = 14;
const MARGIN_TOP = 24;
const MARGIN_BOTTOM = 46;

/** Room for the longest name on the right. */
function labelRoom(lines: readonly Line[]): number {
  return 26 + 7.2 * Math.max(13, ...lines.map((line) => line.name.length));
}

const LABEL_ROOM_USUAL = 240;

/** The usual width, and more where names are so long that little would be left for the lines. */
export function lineChartWidth(lines: readonly Line[]): number {
  return WIDTH + Math.max(0, Math.ceil(labelRoom(lines) - LABEL_ROOM_USUAL));
}

function marksOf(chart: LineChart, numeric: boolean): Mark[] {
  const { xColumn, yColumn } = chart;
  return chart.lines.flatMap(({ name, points }) =>
    points
      .filter((point) => Number.isFinite(point.y))
      .map((point) => {
        const range =
          point.low === null || point.high === null
            ? ''
            : ` (95 %: ${shown(yColumn, String(point.low))} to ${shown(yColumn, String(point.high))})`;
        const title = `${name}\n${columnLabel(xColumn)} ${shown(xColumn, point.x)}\n${shown(yColumn, String(point.y))}${range}`;
        return { ...point, name, at: numeric ? Number(point.x) : point.x, title };
      }),
  );
}

/** Before the name of a line of theory: it has the colour of the line it explains. */
export const THEORY = 'theory: ';

function colourOfEach(names: readonly string[]): readonly string[] {
  const plain = [...new Set(names.map((name) => name.replace(THEORY, '')))];
  const colours = coloursOf(plain);
  return names.map((name) => colours[plain.indexOf(name.replace(THEORY, ''))]!);
}

interface EndLabel {
  readonly at: number | string;
  readonly labelAt: number;
  readonly text: string;
  readonly fill: string;
}

const lastOf = (scale: Scale): number | string => scale.domain.at(-1)!;

/** The name of each line at its end, and that of the budget, moved apart where they would overlap. */
function endLabels(
  chart: LineChart,
  marks: readonly Mark[],
  yScale: MeasuredScale,
  look: { readonly x: number | string; readonly colour: (mark: { name: string }) => string },
): EndLabel[] {
  const ends = chart.lines
    .map((line) => marks.filter((mark) => mark.name === line.name).at(-1))
    .filter((mark) => mark !== undefined)
    .map((mark) => ({ at: mark.at, y: mark.y, text: mark.name, fill: look.colour(mark) }));
  if (chart.budget !== undefined)
    ends.push({ at: look.x, y: chart.budget, text: budgetText(chart.budget), fill: BUDGET_COLOUR });
  const { to, from } = place(yScale);
  const inner = chart.height - MARGIN_TOP - MARGIN_BOTTOM;
  const places = spread(
    ends.map((end) => Math.min(1, Math.max(0, to(end.y)))),
    LABEL_PX / inner,
  );
  return ends.map((end, i) => ({ at: end.at, labelAt: from(places[i]!), text: end.text, fill: end.fill }));
}

/** Axes with their words given: Plot would leave out labels on a logarithmic scale as it sees fit. */
function axes(xScale: Scale, yScale: Scale, chart: LineChart): Plot.Markish[] {
  const text = (column: string) => (value: number | string) => shown(column, String(value));
  return [
    Plot.gridY(yScale.ticks as number[], { strokeOpacity: 0.12 }),
    Plot.axisX(xScale.ticks as number[], {
      text: text(chart.xColumn),
      label: columnLabel(chart.xColumn),
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 40,
    }),
    Plot.axisY(yScale.ticks as number[], {
      text: text(chart.yColumn),
      label: chart.yLabel,
      labelArrow: 'none',
    }),
  ];
}

/** The lines with their points and intervals. */
function lineMarks(
  chart: LineChart,
  marks: readonly Mark[],
  look: { readonly colour: (mark: { name: string }) => string; readonly floor: number },
): Plot.Markish[] {
  const { colour, floor } = look;
  const clamp = (value: number): number => Math.max(value, floor);
  const theories = new Set(chart.lines.filter((line) => line.theory).map((line) => line.name));
  const measured = marks.filter((mark) => !theories.has(mark.name));
  return [
    ...(chart.scattered ? [] : chart.lines).map((line, i) =>
      Plot.line(
        marks.filter((mark) => mark.name === line.name),
        {
          x: 'at',
          y: (mark: Mark) => clamp(mark.y),
          stroke: colour(line),
          strokeWidth: line.theory ? 1.5 : 2,
          strokeDasharray: line.theory ? '3,3' : dashOf(i),
        },
      ),
    ),
    // Not links with markers: their ids count up, and the second figure would differ from the first.
    Plot.ruleX(
      measured.filter((mark) => mark.low !== null),
      {
        x: 'at',
        y1: (mark: Mark) => clamp(mark.low!),
        y2: (mark: Mark) => clamp(mark.high!),
        stroke: colour,
        strokeWidth: 2.5,
        strokeOpacity: 0.6,
      },
    ),
    Plot.dot(measured, { x: 'at', y: (mark: Mark) => clamp(mark.y), fill: colour, r: 3.2, title: 'title' }),
  ];
}

/** Options for Plot; the caller adds title and size. */
export function lineChartOptions(chart: LineChart): Plot.PlotOptions {
  const xs = [...new Set(chart.lines.flatMap((line) => line.points.map((point) => point.x)))];
  const sorted = xs.every((x) => Number.isFinite(Number(x))) ? xs.sort((a, b) => Number(a) - Number(b)) : xs;
  const xScale = parameterScale(sorted);
  const marks = marksOf(chart, xScale.type !== 'point');
  const yScale = measuredScale(
    marks.flatMap((mark) => [mark.y, mark.low ?? mark.y, mark.high ?? mark.y]).concat(chart.budget ?? []),
    8,
    unitOf(chart.yColumn) === 'B',
  );
  const names = chart.lines.map((line) => line.name);
  const colours = colourOfEach(names);
  const colour = (mark: { name: string }): string => colours[names.indexOf(mark.name)]!;
  const budget = chart.budget === undefined ? [] : [chart.budget];
  return {
    marginLeft: 64,
    marginRight: labelRoom(chart.lines),
    marginTop: MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    x: {
      type: xScale.type,
      domain: xScale.domain as string[],
      axis: null,
      inset: 10,
      ...(xScale.type === 'point' ? { padding: 0 } : {}),
    },
    y: { type: yScale.type, domain: [...yScale.domain], axis: null },
    marks: [
      ...axes(xScale, yScale, chart),
      ...budget.map((at) =>
        Plot.ruleY([at], { stroke: BUDGET_COLOUR, strokeDasharray: '5,4', strokeWidth: 1.5 }),
      ),
      ...lineMarks(chart, marks, { colour, floor: yScale.domain[0] }),
      Plot.text(endLabels(chart, marks, yScale, { x: lastOf(xScale), colour }), {
        x: 'at',
        y: 'labelAt',
        text: 'text',
        textAnchor: 'start',
        dx: 12,
        fill: 'fill',
        fontWeight: 'bold',
        // Where a line ends early its name stands among the others: readable across them.
        stroke: 'white',
        strokeWidth: 3,
      }),
    ],
  };
}
