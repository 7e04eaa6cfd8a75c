/** All forty situations, against a hundred thousand drawn stops each. */
import { expect, it } from 'vitest';
import { quantilesInside, SITUATIONS } from './situations-exact.js';

it('exact p50, p95 and p99 lie in the intervals of 100,000 drawn stops in 93 % of the cases', {
  timeout: 900_000,
}, async () => {
  let inside = 0;
  for (const situation of SITUATIONS) inside += await quantilesInside(situation, 100_000);
  expect(SITUATIONS).toHaveLength(40);
  expect(inside / (3 * SITUATIONS.length)).toBeGreaterThanOrEqual(0.93);
});
