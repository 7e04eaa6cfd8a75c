import { expect, it } from 'vitest';
import { PointSummary } from '../../../src/sweep/results/summary.js';

const HEADER = [
  'point',
  'replication',
  'strategy',
  'variant',
  'state',
  'budget_ms',
  'downtime_ms',
  'deterministic',
];

/** What summary.csv says of so many runs of one strategy with these stops. */
function saidOf(stops: readonly number[], deterministic = false): unknown {
  const point = new PointSummary(HEADER);
  for (const [i, ms] of stops.entries())
    point.add(['0', String(i), 'pre-flush', '', 'completed', '300', String(ms), String(deterministic)]);
  return point.rows()[0]!('too_few');
}

it('says of which rows the replications are too few for the interval', () => {
  expect(saidOf([10, 11, 12, 13, 14, 15, 16, 17])).toBe(false);
  expect(saidOf([10, 10, 10, 10, 11, 10, 10, 60])).toBe(true);
  expect(saidOf([10, 11, 12])).toBe(true);
  expect(saidOf([10], true)).toBe(false);
});
