/** Rows of a sweep as points over one column, joined by series; a scale is logarithmic where values span decades. */
import { shown } from '../output/figures/data.js';
import { coloursOf } from '../output/figures/palette.js';
import { drawing, keyOf, widthOf } from './chart.js';
import { svg } from './dom.js';

export interface Dot {
  readonly x: string;
  readonly y: number;
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
/** Values that differ by more are drawn by their logarithm. */
const LOG_RATIO = 8;
const TICKS = 6;

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Evenly between the least and the most, by value or by logarithm. */
function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLog = least > 0 && most / least > LOG_RATIO;
  const of = isLog ? Math.log : (value: number): number => value;
  const back = isLog ? Math.exp : (value: number): number => value;
  const span = of(most) - of(least) || 1;
  const ticks = Array.from({ length: TICKS }, (_, i) => back(of(least) + (span * i) / (TICKS - 1)));
  return { at: (value) => from + ((to - from) * (of(value) - of(least))) / span, ticks };
}

/** Words stand side by side in the order in which they come. */
function placesOf(dots: readonly Dot[], from: number, to: number) {
  const texts = [...new Set(dots.map(({ x }) => x))];
  const numbers = texts.map(Number);
  if (texts.every((text) => text !== '') && numbers.every(Number.isFinite)) {
    const { at } = scaleOf(numbers, from, to);
    return { texts: texts.sort((a, b) => Number(a) - Number(b)), at: (text: string) => at(Number(text)) };
  }
  const step = (to - from) / Math.max(1, texts.length - 1);
  return { texts, at: (text: string) => from + step * texts.indexOf(text) };
}

/** Draws the dots; lines where a series has one dot at each place. */
export function drawScatter(place: HTMLElement, dots: readonly Dot[], columns: Axes): void {
  if (dots.length === 0) {
    place.replaceChildren('No row has both values.');
    return;
  }
  const right = widthOf(place) - RIGHT_ROOM;
  const x = placesOf(dots, LEFT + 14, right - 14);
  const y = scaleOf(
    dots.map((dot) => dot.y),
    BOTTOM - 8,
    TOP + 8,
  );
  const names = [...new Set(dots.map(({ series }) => series))];
  const colours = coloursOf(names);
  const every = Math.ceil(x.texts.length / Math.max(2, Math.floor((right - LEFT) / 90)));
  const grid = [
    ...y.ticks.flatMap((tick) => [
      svg('line', { class: 'grid', x1: LEFT, x2: right, y1: y.at(tick), y2: y.at(tick) }),
      svg(
        'text',
        { x: LEFT - 6, y: y.at(tick) + 4, 'text-anchor': 'end' },
        shown(columns.y, String(Number(tick.toPrecision(3)))),
      ),
    ]),
    ...x.texts
      .filter((_, i) => i % every === 0)
      .map((text) =>
        svg('text', { x: x.at(text), y: BOTTOM + 22, 'text-anchor': 'middle' }, shown(columns.x, text)),
      ),
  ];
  const series = names.flatMap((name, i) => {
    const own = dots.filter((dot) => dot.series === name).sort((a, b) => x.at(a.x) - x.at(b.x));
    const isLine = new Set(own.map((dot) => dot.x)).size === own.length;
    const points = own.map((dot) => `${x.at(dot.x)},${y.at(dot.y)}`).join(' ');
    const line = svg('polyline', { points, fill: 'none', stroke: colours[i], 'stroke-width': 1.5 });
    const marks = own.map((dot) =>
      svg('circle', { cx: x.at(dot.x), cy: y.at(dot.y), r: 5, fill: colours[i] }, svg('title', {}, dot.tip)),
    );
    return isLine ? [line, ...marks] : marks;
  });
  place.replaceChildren(
    drawing(
      right + RIGHT_ROOM,
      HEIGHT,
      `${dots.length} points in ${names.length} series`,
      ...grid,
      ...series,
    ),
    keyOf(names.map((text, i) => ({ colour: colours[i]!, text }))),
  );
}
