/** Where a line crosses the budget, and where it never stops, in words that hold for every point of the line. */
import { PARAMETERS } from '../../input/parameters.js';
import { unitOf } from '../../sweep/results/parameter-columns.js';
import { settingText } from './data.js';
import type { Line, LinePoint, Trouble } from './series.js';

/**
 * `at`: the setting in words from which (rises) or up to which (falls) it is over; `within`: on which side it is not. Of an
 * axis of words, or of a line that crosses more than once, the settings over it.
 */
export type Crossing =
  | { readonly kind: 'within' | 'over' }
  | { readonly kind: 'rises' | 'falls'; readonly at: string; readonly within: string; readonly value: number }
  | { readonly kind: 'parts'; readonly over: readonly string[]; readonly of: number };

/** Where the straight line between two points meets the budget; on logarithms where there are any. */
function meeting(a: LinePoint, b: LinePoint, budget: number): number {
  const [x0, x1] = [Number(a.x), Number(b.x)];
  const isLog = Math.min(x0, x1, a.y, b.y, budget) > 0;
  const of = isLog ? Math.log : (value: number): number => value;
  const share = (of(budget) - of(a.y)) / (of(b.y) - of(a.y));
  const at = of(x0) + share * (of(x1) - of(x0));
  return isLog ? Math.exp(at) : at;
}

/** Rounded to so few digits as still lie between the last setting on one side and the first on the other. */
function roundedBetween(at: number, low: number, high: number, column: string): number | undefined {
  const unit = unitOf(column).startsWith('B') ? 1024 ** Math.floor(Math.log(at) / Math.log(1024)) : 1;
  for (const digits of [2, 3]) {
    const value = Number((at / unit).toPrecision(digits)) * unit;
    if (value > low && value < high) return value;
  }
  return undefined;
}

/** Whether only powers of two can be set, so that nothing lies between two settings. */
const isStepped = (column: string): boolean =>
  PARAMETERS.some((each) => each.column === column && each.kind === 'power-of-two');

/** Up to here whole numbers are counted one by one. */
const COUNTED_MAX = 100;

interface Side {
  /** The last setting that is over and the first that is not, or the other way round. */
  readonly over: number;
  readonly within: number;
}

/** The settings next to the budget on its two sides; one number for both where settings may lie as close as one likes. */
function sidesOf(exact: number, over: number, within: number, column: string): Side {
  if (isStepped(column)) return { over, within };
  const isWhole = unitOf(column) === '' && Number.isInteger(over) && Number.isInteger(within);
  if (isWhole && Math.max(over, within) <= COUNTED_MAX) {
    const [below, above] = [Math.ceil(exact) - 1, Math.floor(exact) + 1];
    return over > within
      ? { over: above, within: Math.min(above - 1, over) }
      : { over: below, within: below + 1 };
  }
  const value = roundedBetween(exact, Math.min(over, within), Math.max(over, within), column);
  // What is seen to be over is over: the settings themselves where nothing rounder lies between.
  return value === undefined ? { over, within } : { over: value, within: value };
}

/** Of the points of one line in the order of the axis; they are not empty. */
export function crossingOf(points: readonly LinePoint[], xColumn: string, budget: number): Crossing {
  const over = points.map(({ y }) => y > budget);
  if (over.every((is) => is)) return { kind: 'over' };
  if (!over.some((is) => is)) return { kind: 'within' };
  const changes = over.flatMap((is, i) => (i > 0 && is !== over[i - 1] ? [i] : []));
  const numbers = points.map(({ x }) => (x === '' ? Number.NaN : Number(x)));
  const [first] = changes;
  if (changes.length > 1 || !numbers.every(Number.isFinite))
    return {
      kind: 'parts',
      over: points.filter(({ y }) => y > budget).map(({ x }) => settingText(xColumn, x)),
      of: points.length,
    };
  const [a, b] = [points[first! - 1]!, points[first!]!];
  const kind = over[first!] ? 'rises' : 'falls';
  const exact = meeting(a, b, budget);
  const [x, y] = [Number(a.x), Number(b.x)];
  const sides = kind === 'rises' ? sidesOf(exact, y, x, xColumn) : sidesOf(exact, x, y, xColumn);
  const isOne = sides.over === sides.within;
  const side = kind === 'rises' ? (isOne ? 'below' : 'up to') : isOne ? 'above' : 'from';
  const said = (value: number): string => settingText(xColumn, String(value));
  return { kind, at: said(sides.over), within: `${side} ${said(sides.within)}`, value: sides.over };
}

/** Where a line has trouble of a kind: at all its settings, from one on, up to one, or at so many. */
export function troubleAt(
  line: Line,
  kind: Trouble['kind'],
  order: readonly string[],
  xColumn: string,
): string | undefined {
  const bad = new Set(line.troubles.filter((each) => each.kind === kind).map(({ x }) => x));
  if (bad.size === 0) return undefined;
  const own = new Set([...line.points, ...line.troubles].map(({ x }) => x));
  const settings = order.filter((x) => own.has(x));
  if (bad.size === settings.length) return '';
  const numeric = settings.every((x) => x !== '' && Number.isFinite(Number(x)));
  const first = settings.findIndex((x) => bad.has(x));
  const last = settings.findLastIndex((x) => bad.has(x));
  if (numeric && last - first + 1 === bad.size && bad.size > 1) {
    if (last === settings.length - 1) return ` from ${settingText(xColumn, settings[first]!)}`;
    if (first === 0) return ` up to ${settingText(xColumn, settings[last]!)}`;
  }
  if (bad.size === 1) return ` at ${settingText(xColumn, settings[first]!)}`;
  return ` at ${bad.size} of ${settings.length} settings`;
}
