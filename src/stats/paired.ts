import { assert } from '../base/assert.js';
import { type MeanSummary, summariseMean } from './mean.js';

/** `values[i] - baseline[i]`; as many of both, at least one. */
export function pairedDifferences(values: ArrayLike<number>, baseline: ArrayLike<number>): Float64Array {
  assert(values.length === baseline.length && values.length > 0, 'as many values as baselines, at least one');
  return Float64Array.from(values, (value, i) => value - baseline[i]!);
}

/**
 * Mean of `values[i] - baseline[i]` with its interval; index i is one replication, so both shared their random
 * numbers (docs/model.md says what that gives). Narrower than comparing two intervals, and the honest way to say "better".
 */
export function summarisePaired(values: ArrayLike<number>, baseline: ArrayLike<number>): MeanSummary {
  return summariseMean(pairedDifferences(values, baseline));
}
