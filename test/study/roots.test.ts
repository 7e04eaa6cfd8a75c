/** The cheap form of roots.slow.test.ts: one situation, few seeds. */
import { expect, it } from 'vitest';
import { covers, ROOTS, SITUATIONS, solved } from './roots.js';

it('solve covers the root from 100,000 replications', async () => {
  const [few] = SITUATIONS;
  for (const seed of [1, 2, 3]) expect(covers(await solved(few!, seed), ROOTS[few!.name]!)).toBe(true);
});
