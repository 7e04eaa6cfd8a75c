/** All forty situations, against ten thousand drawn stops each; `STOPGAP_STOPS=100000` draws as many (five minutes). */
import { expect, it } from 'vitest';
import { BESIDE, quantilesInside, SITUATIONS } from './situations-exact.js';

const stops = Number(process.env.STOPGAP_STOPS ?? 10_000);

it('exact p50, p95 and p99 lie in the intervals of drawn stops in 93 % of the cases', {
  timeout: 3_600_000,
}, async () => {
  let inside = 0;
  for (const situation of SITUATIONS) inside += await quantilesInside(situation, stops);
  expect(SITUATIONS).toHaveLength(40);
  expect(inside / (3 * SITUATIONS.length)).toBeGreaterThanOrEqual(0.93);
});

it('so they do of strategies that act beside the guest or after the resume', {
  timeout: 3_600_000,
}, async () => {
  let inside = 0;
  // Pre-flush tells each of its stops from the beginning, which takes some times as long.
  for (const { situation, strategy } of BESIDE)
    inside += await quantilesInside(situation, Math.ceil(stops / 5), strategy);
  expect(BESIDE).toHaveLength(20);
  expect(inside / (3 * BESIDE.length)).toBeGreaterThanOrEqual(0.9);
});
