/** Rows of a sweep as points over one column, joined by series; a scale is logarithmic where values span decades. */
import { distinctOf, shown } from '../output/figures/data.js';
import { coloursOf } from '../output/figures/palette.js';
import { countScale, parameterScale, place } from '../output/figures/scales.js';
import { unitOf } from '../sweep/results/parameter-columns.js';
import { budgetAcross, drawing, keyOf, NEVER_KEY, neverMark, widthOf } from './chart.js';
import { svg } from './dom.js';

export interface Dot {
  readonly x: string;
  /** Null: the guest never stops by itself, which is drawn as a cross at the top. */
  readonly y: number | null;
  readonly series: string;
  /** Said of it where one points at it. */
  readonly tip: string;
}

interface Axes {
  readonly x: string;
  readonly y: string;
}

const HEIGHT = 360;
const [TOP, BOTTOM, LEFT, RIGHT_ROOM] = [14, HEIGHT - 36, 76, 18];
/** Room for crosses above all dots, and of a setting's name. */
const CROSS = 16;
const LABEL_PX = 90;
const TICKS = 7;

interface YAxis {
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** What is measured, upwards: the axis that figures have too. */
function yAxisOf(column: string, values: readonly number[]): YAxis {
  const scale = countScale(values, TICKS, unitOf(column) === 'B');
  const { to } = place(scale);
  const [low] = scale.domain;
  return {
    at: (value) => BOTTOM - 8 + (TOP + 8 + CROSS - (BOTTOM - 8)) * to(Math.max(value, low)),
    ticks: scale.ticks.map((tick) => ({
      value: Number(tick),
      text: tick === scale.zeroAt ? '0' : shown(column, String(tick)),
    })),
  };
}

interface XAxis {
  readonly at: (text: string) => number;
  readonly ticks: readonly string[];
}

/** The settings from left to right: numbers on a scale, words side by side. */
function xAxisOf(dots: readonly Dot[], from: number, to: number): XAxis {
  const texts = distinctOf(dots.map(({ x }) => x));
  const scale = parameterScale(texts, Math.max(2, Math.floor((to - from) / LABEL_PX)));
  const ticks = scale.ticks.map(String);
  if (scale.type === 'point') {
    const step = (to - from) / Math.max(1, texts.length - 1);
    return { ticks, at: (text) => from + step * texts.indexOf(text) };
  }
  const share = place({ type: scale.type, domain: scale.domain as readonly [number, number] }).to;
  return { ticks, at: (text) => from + (to - from) * share(Number(text)) };
}

function markOf({ y, tip }: Dot, x: number, at: YAxis['at'], colour: string): SVGElement {
  if (y === null) return neverMark(x, TOP + 10, colour, tip);
  return svg('circle', { cx: x, cy: at(y), r: 5, fill: colour }, svg('title', {}, tip));
}

/** Draws the dots; lines where a series has one dot at each place. */
export function drawScatter(
  target: HTMLElement,
  dots: readonly Dot[],
  columns: Axes,
  budgetMs: number | undefined,
): void {
  if (dots.length === 0) {
    target.replaceChildren('No row has both values.');
    return;
  }
  const right = widthOf(target) - RIGHT_ROOM;
  const x = xAxisOf(dots, LEFT + 14, right - 14);
  const y = yAxisOf(columns.y, dots.flatMap((dot) => dot.y ?? []).concat(budgetMs ?? []));
  const names = [...new Set(dots.map(({ series }) => series))];
  const colours = coloursOf(names);
  const grid = [
    ...y.ticks.flatMap(({ value, text }) => [
      svg('line', { class: 'grid', x1: LEFT, x2: right, y1: y.at(value), y2: y.at(value) }),
      svg('text', { x: LEFT - 6, y: y.at(value) + 4, 'text-anchor': 'end' }, text),
    ]),
    ...x.ticks.map((text) =>
      svg('text', { x: x.at(text), y: BOTTOM + 22, 'text-anchor': 'middle' }, shown(columns.x, text)),
    ),
  ];
  const series = names.flatMap((name, i) => {
    const own = dots.filter((dot) => dot.series === name).sort((a, b) => x.at(a.x) - x.at(b.x));
    const isLine = new Set(own.map((dot) => dot.x)).size === own.length;
    const stopping = own.flatMap((dot) => (dot.y === null ? [] : [`${x.at(dot.x)},${y.at(dot.y)}`]));
    const line = svg('polyline', {
      points: stopping.join(' '),
      fill: 'none',
      stroke: colours[i],
      'stroke-width': 1.5,
    });
    const marks = own.map((dot) => markOf(dot, x.at(dot.x), y.at, colours[i]!));
    return isLine ? [line, ...marks] : marks;
  });
  target.replaceChildren(
    drawing(
      right + RIGHT_ROOM,
      HEIGHT,
      `${dots.length} points in ${names.length} series`,
      ...grid,
      ...(budgetMs === undefined ? [] : budgetAcross(y.at(budgetMs), LEFT, right, budgetMs)),
      ...series,
    ),
    keyOf([
      ...names.map((text, i) => ({ colour: colours[i]!, text })),
      ...(dots.some((dot) => dot.y === null) ? [NEVER_KEY] : []),
    ]),
  );
}
