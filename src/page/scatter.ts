/** Rows of a sweep as points over one column, joined by series; a scale is logarithmic where values span decades. */
import { shown } from '../output/figures/data.js';
import { coloursOf } from '../output/figures/palette.js';
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
/** Room for crosses above all dots. */
const CROSS = 16;
/** Values that differ by more are drawn by their logarithm. */
const LOG_RATIO = 8;
const TICKS = 6;

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Evenly between the least and the most, by value or by logarithm. */
function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
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

function markOf({ y, tip }: Dot, x: number, at: Scale['at'], colour: string): SVGElement {
  if (y === null) return neverMark(x, TOP + 10, colour, tip);
  return svg('circle', { cx: x, cy: at(y), r: 5, fill: colour }, svg('title', {}, tip));
}

/** Draws the dots; lines where a series has one dot at each place. */
export function drawScatter(
  place: HTMLElement,
  dots: readonly Dot[],
  columns: Axes,
  budgetMs: number | undefined,
): void {
  if (dots.length === 0) {
    place.replaceChildren('No row has both values.');
    return;
  }
  const right = widthOf(place) - RIGHT_ROOM;
  const x = placesOf(dots, LEFT + 14, right - 14);
  const y = scaleOf(
    [...dots.flatMap((dot) => dot.y ?? []), ...(budgetMs === undefined ? [] : [budgetMs])],
    BOTTOM - 8,
    TOP + 8 + CROSS,
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
  place.replaceChildren(
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
