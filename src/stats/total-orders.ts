/**
 * Which share of the variance of an output each input has a part in (Sobol's total index), from points that were not chosen
 * for it. A grid tells it by counting: points that agree in all inputs but one differ by what that one does. Of other
 * designs no two points agree in anything, so a smooth surface is fitted to them, a polynomial whose terms are
 * orthogonal: the squares of those that an input is in add up to its part (polynomial chaos; B. Sudret, Reliability Engineering and
 * System Safety 93, 2008). Whether the surface is one is told by the points themselves, each foretold from all others.
 */
import { mean, sampleStandardDeviation, variance } from 'simple-statistics';
import { assert } from '../base/assert.js';
import type { Rng } from '../kernel/rng.js';
import { type Interval, Z95 } from './interval.js';
import { inverse, solve } from './linear.js';

export interface TotalOrder {
  readonly total: number;
  readonly total_ci95: Interval;
}

export interface TotalOrders {
  /** By input; null where the surface foretells too little. */
  readonly totals: readonly TotalOrder[] | null;
  /** Which share of the variance the surface foretells of points left out; null: no surface was needed, or points are too few for one. */
  readonly foretold: number | null;
}

type Columns = readonly (readonly number[])[];

/** A surface that foretells less leaves open what it does not hold. */
const FORETOLD_MIN = 0.9;
/** Highest degree of one input alone, and of two inputs together. Which surface is best is for the points to say. */
const DEGREES = [
  [5, 4],
  [3, 3],
  [2, 2],
] as const;
/** Points that each term needs. */
const POINTS_PER_TERM = 3;
/** More points or terms take long and tell no more: the first points of a design are spread as all of them are. */
const POINTS_MAX = 512;
const TERMS_MAX = 64;
const RESAMPLES = 100;

/** The totals of a whole grid; undefined where the points are none. */
function ofGrid(columns: Columns, y: readonly number[]): TotalOrder[] | undefined {
  const levels = columns.map((column) => new Set(column).size);
  const size = levels.reduce((product, count) => product * count, 1);
  const all = new Set(y.map((_, j) => JSON.stringify(columns.map((column) => column[j]))));
  if (size !== y.length || all.size !== size) return undefined;
  const whole = variance([...y]);
  return columns.map((_, i) => {
    const groups = new Map<string, number[]>();
    for (const [j, value] of y.entries()) {
      const others = JSON.stringify(columns.map((column, k) => (k === i ? null : column[j])));
      groups.set(others, [...(groups.get(others) ?? []), value]);
    }
    const within = mean([...groups.values()].map((values) => variance(values)));
    const total = whole > 0 ? within / whole : 0;
    return { total, total_ci95: [total, total] };
  });
}

type Values = Float64Array;

/** Which inputs a term is of (of none: the constant), and its values at the points. */
interface Term {
  readonly inputs: readonly number[];
  readonly at: Values;
}

/** Sum of products, each counted as often as its weight says. A loop: it is nearly all of the work. */
function dot(a: Values, b: Values, weights?: Values): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]! * (weights ? weights[j]! : 1);
  return sum;
}

/** Polynomials of one input with mean 0 and variance 1 over the points, each orthogonal to those of lower degree. */
function polynomials(x: readonly number[], highest: number): Values[] {
  const n = x.length;
  const found: Values[] = [new Float64Array(n).fill(1)];
  const most = Math.min(highest, new Set(x).size - 1);
  for (let degree = 1; degree <= most; degree++) {
    let next = found.at(-1)!.map((value, j) => value * x[j]!);
    // Twice: what rounding leaves of the lower ones goes the second time.
    for (const lower of [...found, ...found]) {
      const part = dot(next, lower) / n;
      next = next.map((value, j) => value - part * lower[j]!);
    }
    const length = Math.sqrt(dot(next, next) / n);
    found.push(next.map((value) => value / length));
  }
  return found.slice(1);
}

/** The constant, the polynomials of each input, and products of those of two. */
function termsOf(columns: Columns, alone: number, together: number): Term[] {
  const own = columns.map((x) => polynomials(x, alone));
  const terms: Term[] = own.flatMap((list, i) => list.map((at) => ({ inputs: [i], at })));
  for (const [i, first] of own.entries())
    for (const [k, second] of own.entries())
      for (const [d, a] of first.entries())
        for (const [e, b] of second.entries())
          if (i < k && d + e + 2 <= together)
            terms.push({ inputs: [i, k], at: a.map((value, j) => value * b[j]!) });
  return [{ inputs: [], at: new Float64Array(columns[0]!.length).fill(1) }, ...terms];
}

interface Surface {
  readonly coefficients: readonly number[];
  /** What it leaves of each value. */
  readonly rest: Values;
  /** Products of all pairs of terms. */
  readonly matrix: readonly (readonly number[])[];
}

/** The surface nearest to the points, each of which counts as often as its weight says. */
function fitted(terms: readonly Term[], y: Values, weights: Values): Surface {
  const matrix: number[][] = [];
  for (const [i, a] of terms.entries()) {
    const row = terms.slice(0, i + 1).map((b) => dot(a.at, b.at, weights));
    matrix.push(row);
    for (let k = 0; k < i; k++) matrix[k]!.push(row[k]!);
  }
  const coefficients = solve(
    matrix,
    terms.map(({ at }) => dot(at, y, weights)),
  );
  const rest = y.map((value, j) =>
    terms.reduce((left, { at }, t) => left - coefficients[t]! * at[j]!, value),
  );
  return { coefficients, rest, matrix };
}

const ones = (y: Values): Values => new Float64Array(y.length).fill(1);

/** How much of the variance the surface through all other points foretells of each point. */
function foretoldBy(terms: readonly Term[], y: Values): number {
  const { rest, matrix } = fitted(terms, y, ones(y));
  const lines = inverse(matrix).map((line) => Float64Array.from(line));
  const missed = rest.map((left, j) => {
    const row = Float64Array.from(terms, ({ at }) => at[j]!);
    // The part that a point has in its own value; without it what is left is so much more.
    const own = dot(
      row,
      Float64Array.from(lines, (line) => dot(line, row)),
    );
    return left / Math.max(1e-9, 1 - own);
  });
  return 1 - dot(missed, missed) / (y.length * variance([...y]));
}

/** The part of each input in the variance of the points; what noise puts into a coefficient is taken off. */
function partsOf(inputs: number, terms: readonly Term[], y: Values, weights: Values): number[] {
  const { coefficients, rest } = fitted(terms, y, weights);
  const left = dot(rest, rest, weights) / Math.max(1, y.length - terms.length);
  const squares = terms.map((_, t) => coefficients[t]! ** 2 - left / y.length);
  const of = (isMeant: (term: Term) => boolean): number =>
    terms.reduce((sum, term, t) => (isMeant(term) ? sum + squares[t]! : sum), 0);
  const whole = of((term) => term.inputs.length > 0) + left;
  return Array.from({ length: inputs }, (_, i) =>
    whole > 0 ? of((term) => term.inputs.includes(i)) / whole : 0,
  );
}

/** How often each of n points is met by so many draws. */
function resampled(n: number, rng: Rng): Values {
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) weights[rng.below(n)]!++;
  return weights;
}

const inside = (share: number): number => Math.min(1, Math.max(0, share));

interface Fit {
  readonly terms: readonly Term[];
  readonly foretold: number;
}

/** The surface that foretells most, of those that the points are enough for. */
function bestSurface(columns: Columns, y: Values): Fit | undefined {
  const affordable = DEGREES.map(([alone, together]) => termsOf(columns, alone, together)).filter(
    ({ length }) => length <= TERMS_MAX && POINTS_PER_TERM * length <= y.length,
  );
  const fits = affordable.map((terms): Fit => ({ terms, foretold: foretoldBy(terms, y) }));
  return fits.reduce<Fit | undefined>(
    (best, fit) => (best === undefined || fit.foretold > best.foretold ? fit : best),
    undefined,
  );
}

/** The total index of each input: `columns` has the values of each, by point. */
export function totalOrders(columns: Columns, y: readonly number[], rng: Rng): TotalOrders {
  assert(
    y.length >= 2 && columns.every(({ length }) => length === y.length),
    'a value of each input for each point',
  );
  const counted = ofGrid(columns, y);
  if (counted) return { totals: counted, foretold: null };
  if (!(variance([...y]) > 0)) return { totals: null, foretold: null };
  // About their mean: the variance is then no difference of large numbers.
  const middle = mean([...y]);
  const values = Float64Array.from(y.slice(0, POINTS_MAX), (value) => value - middle);
  const fit = bestSurface(
    columns.map((column) => column.slice(0, POINTS_MAX)),
    values,
  );
  if (fit === undefined) return { totals: null, foretold: null };
  const { terms, foretold } = fit;
  if (!(foretold >= FORETOLD_MIN)) return { totals: null, foretold };
  const parts = (weights: Values): number[] => partsOf(columns.length, terms, values, weights);
  const again = Array.from({ length: RESAMPLES }, () => parts(resampled(values.length, rng)));
  const totals = parts(ones(values)).map((total, i): TotalOrder => {
    const half = Z95 * sampleStandardDeviation(again.map((each) => each[i]!));
    return { total: inside(total), total_ci95: [inside(total - half), inside(total + half)] };
  });
  return { totals, foretold };
}
