/** Where pre-flush pays: two parameters as a map, each cell coloured by what the budget asks for there. */

import * as Plot from '@observablehq/plot';
import { isJudged, JUDGED, proposedMark } from '../../sim/strategies/lookup.js';
import { preFlush } from '../../sim/strategies/pre-flush.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { conditionsText } from './conditions.js';
import {
  columnOf,
  cutNote,
  distinct,
  num,
  replicationsText,
  selected,
  shown,
  stops,
  strategyOf,
} from './data.js';
import { type Figure, HEIGHT, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { INK } from './palette.js';
import { PANELS_MAX, type Place, panelNames, panelScales, panelsOf, placeOf } from './panels.js';
import { parameterScale } from './scales.js';
import { panelOf } from './series.js';
import { type Split, splitOf } from './split.js';

/** Pre-flush as readers call it: by its layout, where all rows have one. */
function flushName(rows: readonly Row[]): string {
  const names = new Set(rows.filter(({ strategy }) => strategy === preFlush.name).map(strategyOf));
  return names.size === 1 ? [...names][0]! : preFlush.name + proposedMark(preFlush.name);
}

/** From the cheapest answer to none; lightness falls along the list, so that the map reads without colour too. */
const ANSWERS = {
  store: { name: () => 'storing at the stop fits', colour: '#DCEBF7' },
  preFlush: { name: (flush: string) => `${flush} makes it fit`, colour: '#56B4E9' },
  open: { name: (flush: string) => `${flush} helps, whether enough is open`, colour: '#C9C25E' },
  shorter: { name: (flush: string) => `${flush} helps, not enough`, colour: '#E69F00' },
  nothing: { name: (flush: string) => `${flush} gains nothing`, colour: '#C04000' },
  unknown: { name: () => 'never stops by itself', colour: '#444444' },
  failed: { name: () => 'loses bits', colour: '#000000' },
} as const;

type Answer = keyof typeof ANSWERS;

interface Cell {
  readonly x: string;
  readonly y: string;
  readonly panel: string;
  readonly answer: Answer;
  readonly text: string;
  readonly title: string;
}

const fits = ({ verdict }: Row): boolean => verdict === 'fits' || verdict === 'fits-with-limit';

/** Pre-flush is shorter only if the whole interval of the paired difference says so. */
function answerOf(store: Row, flush: Row): Answer {
  if (store.verdict === 'failed' || flush.verdict === 'failed') return 'failed';
  if (fits(store)) return 'store';
  if (fits(flush)) return 'preFlush';
  if (flush.verdict === 'not-converged') return 'unknown';
  const end = num(flush, 'vs_store_at_stop_ci95_high_ms');
  const isShorter = (Number.isFinite(end) ? end : num(flush, 'vs_store_at_stop_ms')) < 0;
  if (!isShorter) return 'nothing';
  return flush.verdict === 'borderline' ? 'open' : 'shorter';
}

const brief = (row: Row): string => (stops(row) ? shown('downtime_ms', row.downtime_mean_ms ?? '') : '×');

function mapCells(
  rows: readonly Row[],
  axes: { x: string; y: string; panelOf: (row: Row) => string },
): Cell[] {
  const stores = rows.filter((row) => isJudged(row.strategy!));
  return stores.flatMap((store) => {
    const flush = rows.find((row) => row.point === store.point && row.strategy === preFlush.name);
    if (!flush) return [];
    const answer = answerOf(store, flush);
    const [x, y] = [store[axes.x]!, store[axes.y]!];
    return [
      {
        x,
        y,
        panel: axes.panelOf(store),
        answer,
        text: answer === 'store' ? brief(store) : `${brief(store)}\n→ ${brief(flush)}`,
        title: `${columnLabel(axes.x)} ${shown(axes.x, x)}, ${columnLabel(axes.y)} ${shown(axes.y, y)}\n${strategyOf(store)} ${brief(store)}, ${strategyOf(flush)} ${brief(flush)}\n${ANSWERS[answer].name(strategyOf(flush))}`,
      },
    ];
  });
}

function finding(cells: readonly Cell[], budget: string, flush: string): string {
  const count = (answer: Answer): number => cells.filter((cell) => cell.answer === answer).length;
  const [fit, helped] = [count('store'), count('preFlush')];
  const said = `Storing at the stop fits the budget of ${budget} in ${fit} of ${cells.length} situations`;
  return fit === cells.length ? said : `${said}; ${flush} makes ${helped} of the others fit`;
}

const CELL_PX = 46;
const CELL_WIDTH = 86;

/** Every column that differs beyond the two axes makes panels. */
function layers(rows: readonly Row[], spec: FigureSpec, x: string, y: string) {
  const stores = rows.filter((row) => isJudged(row.strategy!));
  const { colour, panels: others } = splitOf(stores, { ...(spec.facet ? { facet: spec.facet } : {}) }, [
    x,
    y,
  ]);
  const split: Split = { colour: undefined, panels: [...others, ...(colour ? [colour] : [])] };
  const nameOf = (row: Row): string => panelOf(row, split);
  const order = split.panels.reduce<readonly Row[]>(
    (sorted, column) =>
      distinct(sorted, column).flatMap((value) => sorted.filter((row) => row[column] === value)),
    stores,
  );
  const all = [...new Set(order.map(nameOf))];
  const names = all.slice(0, PANELS_MAX);
  return { names, nameOf, cut: cutNote(names.length, all.length, 'panels') };
}

/** Cells side by side; points of a design that is no grid stand where they are. */
function cellMarks(cells: readonly (Cell & Place)[], facets: object, scattered: boolean): Plot.Markish[] {
  const light = ({ answer }: Cell): boolean => ['nothing', 'unknown', 'failed'].includes(answer);
  const fill = ({ answer }: Cell): string => ANSWERS[answer].colour;
  if (scattered)
    return [
      Plot.dot(cells, {
        ...facets,
        x: 'at',
        y: 'up',
        fill,
        stroke: INK,
        strokeWidth: 0.5,
        r: 5,
        title: 'title',
      }),
    ];
  return [
    Plot.cell(cells, { ...facets, x: 'x', y: 'y', fill, inset: 1, title: 'title' }),
    Plot.text(cells, {
      ...facets,
      x: 'x',
      y: 'y',
      text: 'text',
      fill: (each: Cell) => (light(each) ? 'white' : INK),
      fontSize: 11,
      lineHeight: 1.25,
    }),
  ];
}

/** Bands of words for a grid, numbers on axes for points that are scattered. */
function axesOf(rows: readonly Row[], x: string, y: string, scattered: boolean): Plot.PlotOptions {
  const [xs, ys] = [distinct(rows, x), distinct(rows, y)];
  const label = (column: string) => ({ label: columnLabel(column), labelArrow: 'none' }) as const;
  if (scattered) {
    const numbers = (values: readonly string[]) => {
      const { type, domain, ticks } = parameterScale(values, 6);
      return { type, domain: domain as number[], inset: 10, ticks: ticks as number[] };
    };
    const format = (column: string) => (value: number) => shown(column, String(value));
    return {
      x: { ...numbers(xs), ...label(x), labelAnchor: 'center', tickFormat: format(x) },
      y: { ...numbers(ys), ...label(y), tickFormat: format(y) },
    };
  }
  const band = (column: string, domain: readonly string[]) =>
    ({
      type: 'band',
      domain: [...domain],
      tickFormat: (value: string) => shown(column, value),
      tickSize: 0,
      ...label(column),
    }) as const;
  return {
    x: { ...band(x, xs), labelAnchor: 'center' },
    y: { ...band(y, [...ys].reverse()), labelAnchor: 'top' },
  };
}

export const decisionMap: Figure = {
  type: 'decision-map',
  summary: 'a map over two parameters: where storing at the stop fits, and where pre-flush pays',
  draw(data, spec: FigureSpec) {
    const rows = selected(data.summary, spec, [JUDGED.name, preFlush.name]);
    if (!spec.x || !spec.y || rows.length === 0) return undefined;
    const [x, y] = [columnOf(spec.x), columnOf(spec.y)];
    const scattered = data.scattered !== undefined;
    const { names, nameOf, cut } = scattered
      ? { names: [''], nameOf: () => '', cut: '' }
      : layers(rows, spec, x, y);
    const xs = distinct(rows, x);
    const flush = flushName(rows);
    const drawn = mapCells(rows, { x, y, panelOf: nameOf }).filter(({ panel }) => names.includes(panel));
    if (drawn.length === 0) return undefined;
    const legend = (Object.keys(ANSWERS) as Answer[])
      .filter((answer) => drawn.some((cell) => cell.answer === answer))
      .map((answer) => ({ name: ANSWERS[answer].name(flush), colour: ANSWERS[answer].colour }));
    const panels = panelsOf(names, 1.4 * WIDTH, xs.length * CELL_WIDTH);
    const cells = drawn.map((cell) => ({
      ...cell,
      ...placeOf(panels, cell.panel),
      at: Number(cell.x),
      up: Number(cell.y),
    }));
    const budget = shown('budget_ms', rows[0]!.budget_ms ?? '');
    const isPanelled = names.length > 1;
    const width = Math.max(WIDTH, 80 + legendRoom(legend) + panels.across * xs.length * CELL_WIDTH);
    const rowHeight = CELL_PX * distinct(rows, y).length;
    return {
      title: spec.title ?? finding(drawn, budget, flush),
      subtitle: `Mean downtime of ${JUDGED.name} → ${flush}, ${replicationsText(rows)}. Fits: at most 5 % of the migrations are over ${budget}.${cut}`,
      conditions: conditionsText(rows, data),
      width: scattered ? WIDTH : width,
      height: scattered ? HEIGHT : 100 + (rowHeight + (isPanelled ? 40 : 0)) * panels.down,
      options: {
        marginLeft: 80,
        marginRight: legendRoom(legend),
        marginBottom: 46,
        marginTop: isPanelled ? 40 : 24,
        ...axesOf(rows, x, y, scattered),
        ...panelScales(panels, 0.05),
        marks: [
          ...cellMarks(cells, isPanelled ? { fx: 'fx', fy: 'fy' } : {}, scattered),
          ...panelNames(panels),
          ...legendMarks(legend),
        ],
      },
    };
  },
};
