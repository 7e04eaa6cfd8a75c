/** Lines over a parameter with intervals, a name for each, panels, and the budget: the body of several figures. */
import * as Plot from '@observablehq/plot';
import { columnLabel } from '../../sweep/results/columns.js';
import { unitOf } from '../../sweep/results/parameter-columns.js';
import { measured, shown } from './data.js';
import { HEIGHT, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { BUDGET_COLOUR } from './palette.js';
import { PANEL_TOP, type Panels, panelNames, panelScales, panelsOf, placeOf } from './panels.js';
import { countScale, type MeasuredScale, parameterScale, place, type Scale, spread } from './scales.js';
import type { Line, LinePoint } from './series.js';
import { stripMarks, type TroubleMark, troubleMarks, troubleRoom } from './trouble-marks.js';
import { budgetText } from './value-axis.js';

export interface LineChart {
  readonly lines: readonly Line[];
  readonly xColumn: string;
  /** The settings of `xColumn` in their order; those where nothing is drawn get no place. */
  readonly xs: readonly string[];
  readonly yColumn: string;
  readonly yLabel: string;
  readonly budget?: number | undefined;
  /** Points that differ in more than `xColumn`: no line joins them. */
  readonly scattered?: boolean;
}

interface Mark extends LinePoint {
  readonly line: Line;
  readonly at: number | string;
  readonly fx: number;
  readonly fy: number;
  readonly colour: string;
  readonly title: string;
}

const LABEL_PX = 15;
const MARGIN_TOP = 24;
const MARGIN_BOTTOM = 46;
const MARGIN_LEFT = 64;
const STRIP_LEFT = 84;
const PANEL_HEIGHT = 230;
/** About what a character of 12 px takes. */
const CHARACTER_PX = 7.2;

/** How a chart is laid out: everything that the marks and the size of the drawing must agree in. */
interface Layout {
  readonly panels: Panels;
  readonly xScale: Scale;
  readonly yScale: MeasuredScale;
  readonly marks: readonly Mark[];
  readonly strip: readonly (TroubleMark & { readonly fx: number; readonly fy: number })[];
  readonly width: number;
  readonly height: number;
}

const isPanelled = ({ panels }: Layout): boolean => panels.names.length > 1;

/** Room for the names at the right. */
function nameRoom(names: readonly string[]): number {
  return 26 + CHARACTER_PX * Math.max(13, ...names.map((name) => name.length));
}

const NAME_ROOM_USUAL = 240;

function titleOf({ name, panel }: Line, { x, y, low, high }: LinePoint, chart: LineChart): string {
  const { xColumn, yColumn } = chart;
  const said = (value: number): string => measured(yColumn, value);
  const range = low === null || high === null ? '' : ` (95 %: ${said(low)} to ${said(high)})`;
  const who = panel === '' ? name : `${name}, ${panel}`;
  return `${who}\n${columnLabel(xColumn)} ${shown(xColumn, x)}\n${said(y)}${range}`;
}

function layoutOf(chart: LineChart): Layout {
  const { lines, xColumn, budget } = chart;
  const drawn = new Set(lines.flatMap((l) => [...l.points, ...l.troubles].map((point) => point.x)));
  const sorted = chart.xs.filter((x) => drawn.has(x));
  const names = [...new Set(lines.map(({ panel }) => panel))];
  const labelPx = 14 + CHARACTER_PX * Math.max(...sorted.map((x) => shown(xColumn, x).length));
  const single = names.length === 1;
  const room = WIDTH - MARGIN_LEFT - 150;
  const panels = panelsOf(names, room, Math.max(150, Math.min(4, sorted.length) * labelPx));
  const xScale = parameterScale(sorted, Math.floor((single ? 560 : room / panels.across) / labelPx) || 2);
  const at = (x: string): number | string => (xScale.type === 'point' ? x : Number(x));
  const marks = lines.flatMap((line) =>
    line.points
      .filter(({ y }) => Number.isFinite(y))
      .map((point) => ({
        ...point,
        line,
        colour: line.colour,
        at: at(point.x),
        ...placeOf(panels, line.panel),
        title: titleOf(line, point, chart),
      })),
  );
  const strip = troubleMarks(lines, at).map((mark) => ({ ...mark, ...placeOf(panels, mark.panel) }));
  // An interval that reaches below nothing is no reason for an axis to do so where all that is measured is above it.
  const least = Math.min(0, ...marks.map(({ y }) => y));
  const yScale = countScale(
    marks.flatMap(({ y, low, high }) => [y, Math.max(least, low ?? y), high ?? y]).concat(budget ?? []),
    single ? 8 : 5,
    unitOf(chart.yColumn) === 'B',
  );
  const labels = lines.map(({ name }) => name);
  const height = single
    ? Math.max(HEIGHT + troubleRoom(strip), 90 + LABEL_PX * (lines.length + 1))
    : MARGIN_BOTTOM + panels.down * (PANEL_HEIGHT + troubleRoom(strip));
  const width = WIDTH + Math.max(0, Math.ceil(nameRoom(labels) - NAME_ROOM_USUAL));
  return { panels, xScale, yScale, marks, strip, width, height };
}

interface EndLabel {
  readonly labelAt: number;
  readonly text: string;
  readonly fill: string;
}

/** The names at the right of the frame, each as high as its line ends, moved apart where they would overlap. */
function endLabels(chart: LineChart, { marks, strip, yScale, height }: Layout): EndLabel[] {
  const top = yScale.domain[1];
  const named = chart.lines.filter(({ theory }) => !theory);
  const ends = named.map((line) => ({
    y: marks.findLast((mark) => mark.line === line)?.y ?? top,
    text: line.name,
    fill: line.colour,
  }));
  if (chart.budget !== undefined)
    ends.push({ y: chart.budget, text: budgetText(chart.budget), fill: BUDGET_COLOUR });
  const { to, from } = place(yScale);
  const inner = height - MARGIN_TOP - MARGIN_BOTTOM - troubleRoom(strip);
  const places = spread(
    ends.map((end) => Math.min(1, Math.max(0, to(Math.max(end.y, yScale.domain[0]))))),
    LABEL_PX / inner,
  );
  return ends.map(({ text, fill }, i) => ({ labelAt: from(places[i]!), text, fill }));
}

/** Names at the ends of lines, or a legend where there are panels: never on a line. */
function nameMarks(chart: LineChart, layout: Layout): Plot.Markish[] {
  if (isPanelled(layout)) return legendMarks(legendOf(chart));
  return [
    Plot.text(endLabels(chart, layout), {
      frameAnchor: 'right',
      y: 'labelAt',
      text: 'text',
      textAnchor: 'start',
      dx: 12,
      fill: 'fill',
      fontWeight: 'bold',
    }),
  ];
}

function legendOf({ lines, budget }: LineChart) {
  const entries = new Map(
    lines.filter(({ theory }) => !theory).map(({ name, colour }) => [name, { name, colour }]),
  );
  const limit = budget === undefined ? [] : [{ name: budgetText(budget), colour: BUDGET_COLOUR }];
  return [...entries.values(), ...limit];
}

/** Axes with their words given: Plot would leave out labels on a logarithmic scale as it sees fit. */
function axes(chart: LineChart, layout: Layout): Plot.Markish[] {
  const { xScale, yScale } = layout;
  const text = (column: string) => (value: number | string) => shown(column, String(value));
  const y = (value: number): string => (value === yScale.zeroAt ? '0' : text(chart.yColumn)(value));
  const xLabel = columnLabel(chart.xColumn);
  return [
    Plot.gridY(yScale.ticks as number[], { strokeOpacity: 0.12 }),
    Plot.axisX(xScale.ticks as number[], {
      text: text(chart.xColumn),
      label: xLabel,
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 40,
    }),
    Plot.axisY(yScale.ticks as number[], {
      text: y,
      // Above panels stand their names: what is measured is said below the title.
      label: isPanelled(layout) ? null : chart.yLabel,
      labelArrow: 'none',
    }),
  ];
}

const FACETS = { fx: 'fx', fy: 'fy' } as const;

/** The lines with their points, intervals, and a place around each point that is easily hit with a pointer. */
function lineMarks(chart: LineChart, layout: Layout): Plot.Markish[] {
  const { marks, yScale } = layout;
  const facets = isPanelled(layout) ? FACETS : {};
  const floor = (value: number): number => Math.max(value, yScale.domain[0]);
  const y = (mark: Mark): number => floor(mark.y);
  const measured = marks.filter(({ line }) => !line.theory);
  return [
    ...(chart.scattered ? [] : chart.lines).map((line) =>
      Plot.line(
        marks.filter((mark) => mark.line === line),
        {
          ...facets,
          x: 'at',
          y,
          stroke: line.colour,
          strokeWidth: line.theory ? 1.5 : 2,
          strokeDasharray: line.theory ? '3,3' : line.dash,
        },
      ),
    ),
    // Not links with markers: their ids count up, and the second figure would differ from the first.
    Plot.ruleX(
      measured.filter((mark) => mark.low !== null),
      {
        ...facets,
        x: 'at',
        y1: (mark: Mark) => floor(mark.low!),
        y2: (mark: Mark) => floor(mark.high!),
        stroke: 'colour',
        strokeWidth: 2.5,
        strokeOpacity: 0.6,
      },
    ),
    Plot.dot(measured, { ...facets, x: 'at', y, fill: 'colour', r: 3.2 }),
    Plot.dot(measured, { ...facets, x: 'at', y, fill: 'white', fillOpacity: 0, r: 12, title: 'title' }),
  ];
}

/** The chart as part of a drawing; the caller adds the words above it. */
export function lineChart(chart: LineChart): {
  readonly width: number;
  readonly height: number;
  readonly options: Plot.PlotOptions;
} {
  const layout = layoutOf(chart);
  const { panels, xScale, yScale, strip, width, height } = layout;
  const panelled = isPanelled(layout);
  const options: Plot.PlotOptions = {
    marginLeft: strip.length > 0 ? STRIP_LEFT : MARGIN_LEFT,
    marginRight: panelled ? legendRoom(legendOf(chart)) : nameRoom(chart.lines.map(({ name }) => name)),
    marginTop: panelled ? PANEL_TOP : MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    ...panelScales(panels),
    x: {
      type: xScale.type,
      domain: xScale.domain as string[],
      axis: null,
      inset: 10,
      ...(xScale.type === 'point' ? { padding: 0 } : {}),
    },
    y: { type: yScale.type, domain: [...yScale.domain], axis: null, insetTop: troubleRoom(strip) },
    marks: [
      ...axes(chart, layout),
      ...(chart.budget === undefined ? [] : [chart.budget]).map((at) =>
        Plot.ruleY([at], { stroke: BUDGET_COLOUR, strokeDasharray: '5,4', strokeWidth: 1.5 }),
      ),
      ...lineMarks(chart, layout),
      ...stripMarks(strip, panelled ? FACETS : {}),
      ...nameMarks(chart, layout),
      ...panelNames(panels),
    ],
  };
  return { width, height, options };
}
