/**
 * How much of a variance is between groups and how much inside them: the one-way analysis with random effects (S.
 * Searle, G. Casella and C. McCulloch, Variance Components, 1992, chapter 3), for groups of equal size.
 */
import { mean, sampleVariance } from 'simple-statistics';
import { assert } from '../base/assert.js';

export interface VarianceParts {
  readonly mean: number;
  /** Never below 0; 0 for groups that differ by less than chance makes them differ. */
  readonly between: number;
  /** 0 for groups of one. */
  readonly within: number;
}

/** The parts of the variance of values in groups; at least two groups. */
export function varianceParts(groups: readonly (readonly number[])[]): VarianceParts {
  const size = groups[0]?.length ?? 0;
  assert(groups.length >= 2 && size >= 1 && groups.every(({ length }) => length === size), 'equal groups');
  const means = groups.map((group) => mean([...group]));
  const within = size < 2 ? 0 : mean(groups.map((group) => sampleVariance([...group])));
  return { mean: mean(means), between: Math.max(0, sampleVariance(means) - within / size), within };
}
