/**
 * Sobol's indices of a function of independent inputs: which share of its variance each input explains alone (first
 * order) and in whatever company (total). Sampling and estimators: A. Saltelli et al., Computer Physics Communications
 * 181, 2010, table 2 (b) for the first order; M. Jansen, CPC 117, 1999, for the total. Intervals by bootstrap over the
 * base points, as SALib has them. Inputs may be taken in groups: the indices of a group are those of its inputs changed
 * together, so its total is at least that of any of them.
 */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { assert } from '../base/assert.js';
import type { Rng } from '../kernel/rng.js';
import { type Interval, Z95 } from './interval.js';
import { scrambledSobolPoints } from './sobol.js';

/** Inputs that are changed together, by their index. */
export type Group = readonly number[];

/** Points of the unit cube: base points A and B, and for each group A with the inputs of that group of B. */
export interface SaltelliDesign {
  readonly groups: number;
  readonly samples: number;
  /** All points in the order in which values are wanted: for each base point A, B, AB of the first group, of the next, … */
  readonly points: readonly (readonly number[])[];
}

/** Each input by itself. */
export function singles(inputs: number): readonly Group[] {
  return Array.from({ length: inputs }, (_, i) => [i]);
}

/** The design of `samples` base points, best a power of two. The base points do not depend on the groups. */
export function saltelliDesign(
  inputs: number,
  samples: number,
  rng: Rng,
  groups: readonly Group[] = singles(inputs),
): SaltelliDesign {
  const base = scrambledSobolPoints(samples, 2 * inputs, rng);
  const points = base.flatMap((row) => {
    const a = row.slice(0, inputs);
    const b = row.slice(inputs);
    return [a, b, ...groups.map((group) => a.map((value, i) => (group.includes(i) ? b[i]! : value)))];
  });
  return { groups: groups.length, samples, points };
}

export interface SobolIndex {
  readonly first: number;
  readonly first_ci95: Interval;
  readonly total: number;
  readonly total_ci95: Interval;
}

interface Values {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly ab: readonly (readonly number[])[];
}

function valuesOf({ groups, samples }: SaltelliDesign, values: readonly number[]): Values {
  const width = groups + 2;
  assert(values.length === samples * width, 'a value for each point of the design');
  const column = (k: number): number[] => Array.from({ length: samples }, (_, j) => values[j * width + k]!);
  // The estimators multiply values: about their mean the products are small, and so is the error.
  const [a, b] = [column(0), column(1)];
  const middle = mean([...a, ...b]);
  const centred = (list: readonly number[]): number[] => list.map((value) => value - middle);
  return {
    a: centred(a),
    b: centred(b),
    ab: Array.from({ length: groups }, (_, i) => centred(column(2 + i))),
  };
}

/** First and total index of one group over the chosen base points; 0 where nothing varies. */
function estimate(
  { a, b, ab }: Values,
  group: number,
  chosen: readonly number[],
): { first: number; total: number } {
  let [sum, squares, first, total] = [0, 0, 0, 0];
  for (const j of chosen) {
    const [fa, fb, fab] = [a[j]!, b[j]!, ab[group]![j]!];
    sum += fa + fb;
    squares += fa * fa + fb * fb;
    first += fb * (fab - fa);
    total += (fa - fab) ** 2;
  }
  const n = chosen.length;
  const variance = squares / (2 * n) - (sum / (2 * n)) ** 2;
  return variance <= 0
    ? { first: 0, total: 0 }
    : { first: first / n / variance, total: total / (2 * n) / variance };
}

const RESAMPLES = 200;

/** The indices of each group from the values of the design's points. */
export function sobolIndices(design: SaltelliDesign, given: readonly number[], rng: Rng): SobolIndex[] {
  const values = valuesOf(design, given);
  const { samples } = design;
  const all = Array.from({ length: samples }, (_, j) => j);
  const resamples = Array.from({ length: RESAMPLES }, () => all.map(() => rng.below(samples)));
  return values.ab.map((_, group) => {
    const { first, total } = estimate(values, group, all);
    const again = resamples.map((chosen) => estimate(values, group, chosen));
    const around = (value: number, list: readonly number[]): Interval => {
      const half = Z95 * sampleStandardDeviation([...list]);
      return [value - half, value + half];
    };
    return {
      first,
      first_ci95: around(
        first,
        again.map((each) => each.first),
      ),
      total,
      total_ci95: around(
        total,
        again.map((each) => each.total),
      ),
    };
  });
}
