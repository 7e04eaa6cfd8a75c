/**
 * Which share of the variance of an output each input explains alone (Sobol's index of the first order), from points that
 * were not chosen for it: any design whose inputs are independent (E. Plischke, E. Borgonovo and C. Smith, European
 * Journal of Operational Research 226, 2013, estimate it from slices of the points). Points are cut into slices of equal number
 * along the input, a straight line is fitted in each, and what the lines leave is held against all of the variance,
 * each with its degrees of freedom: slopes within a slice do not count as noise, and noise does not count as slope.
 */
import { sampleStandardDeviation, sampleVariance } from 'simple-statistics';
import { assert } from '../base/assert.js';
import type { Rng } from '../kernel/rng.js';
import { type Interval, Z95 } from './interval.js';

export interface FirstOrder {
  readonly first: number;
  readonly first_ci95: Interval;
}

/** An input with so few values is cut at them: each is a slice without a slope. */
const VALUES_FEW = 12;
/** Points that a line needs, to leave enough to judge by. */
const SLICE_MIN = 8;
const SLICES_MAX = 16;
const RESAMPLES = 100;

interface Cut {
  /** Slice of each point. */
  readonly slice: readonly number[];
  readonly slices: number;
  readonly sloped: boolean;
}

function cutOf(x: readonly number[]): Cut {
  const values = [...new Set(x)].sort((a, b) => a - b);
  if (values.length <= Math.min(VALUES_FEW, x.length / 2)) {
    const place = new Map(values.map((value, i) => [value, i]));
    return { slice: x.map((value) => place.get(value)!), slices: values.length, sloped: false };
  }
  const slices = Math.max(1, Math.min(SLICES_MAX, Math.floor(x.length / SLICE_MIN)));
  const order = x.map((_, i) => i).sort((a, b) => x[a]! - x[b]! || a - b);
  const slice = new Array<number>(x.length);
  for (const [rank, i] of order.entries()) slice[i] = Math.floor((rank * slices) / x.length);
  return { slice, slices, sloped: true };
}

/** Squares that a constant, or a line, leaves of the points, and how many numbers were fitted. */
function left(
  x: readonly number[],
  y: readonly number[],
  sloped: boolean,
): { squares: number; fitted: number } {
  const n = y.length;
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [i, value] of y.entries()) {
    xx += (x[i]! - mx) ** 2;
    xy += (x[i]! - mx) * (value - my);
    yy += (value - my) ** 2;
  }
  return sloped && xx > 0 ? { squares: yy - xy ** 2 / xx, fitted: 2 } : { squares: yy, fitted: 1 };
}

/** One estimate over the chosen points, some of which may be chosen more than once. */
function estimate(x: readonly number[], y: readonly number[], cut: Cut, chosen: readonly number[]): number {
  const total = sampleVariance(chosen.map((i) => y[i]!));
  if (!(total > 0)) return 0;
  const members: number[][] = Array.from({ length: cut.slices }, () => []);
  for (const i of chosen) members[cut.slice[i]!]!.push(i);
  let [squares, freedom] = [0, chosen.length];
  for (const list of members.filter(({ length }) => length > 0)) {
    const rest = left(
      list.map((i) => x[i]!),
      list.map((i) => y[i]!),
      cut.sloped,
    );
    squares += rest.squares;
    freedom -= rest.fitted;
  }
  return freedom > 0 ? 1 - squares / freedom / total : 0;
}

/** Points more even than chance would have them leave less than nothing to an idle input; a share is from 0 to 1. */
const inside = (share: number): number => Math.min(1, Math.max(0, share));

/** The index of each input: `columns` has the values of each, by point. */
export function firstOrders(
  columns: readonly (readonly number[])[],
  y: readonly number[],
  rng: Rng,
): FirstOrder[] {
  assert(
    y.length >= 2 && columns.every(({ length }) => length === y.length),
    'a value of each input for each point',
  );
  const all = y.map((_, i) => i);
  const resamples = Array.from({ length: RESAMPLES }, () => all.map(() => rng.below(y.length)));
  return columns.map((x) => {
    const cut = cutOf(x);
    const middle = estimate(x, y, cut, all);
    const half = Z95 * sampleStandardDeviation(resamples.map((chosen) => estimate(x, y, cut, chosen)));
    return { first: inside(middle), first_ci95: [inside(middle - half), inside(middle + half)] };
  });
}
