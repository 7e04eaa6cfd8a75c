/**
 * How much of a variance is between groups and how much inside them, by moments (S. Searle, G. Casella and C. McCulloch, Variance
 * Components, 1992): the first values of all groups vary by both, and those of groups with more than one value tell the latter.
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
  assert(groups.length >= 2 && groups.every(({ length }) => length >= 1), 'two groups of one value or more');
  const several = groups.filter(({ length }) => length > 1);
  const within = several.length === 0 ? 0 : mean(several.map((group) => sampleVariance([...group])));
  const all = sampleVariance(groups.map(([first]) => first!));
  return { mean: mean(groups.map((group) => mean([...group]))), between: Math.max(0, all - within), within };
}
