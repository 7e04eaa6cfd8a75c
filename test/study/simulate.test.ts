/** How the work of a study is divided between threads. */
import { expect, test } from 'vitest';
import { inParts, replicationsFrom } from '../../src/study/simulate.js';
import { calm } from '../support/situation.js';

const sizes = async (replications: number, threads: number, evacuation = {}): Promise<number[]> => {
  const { scenario, strategies, seed } = await calm(evacuation);
  const work = { scenario, strategies, seed, replications: replicationsFrom(0, replications) };
  const parts = inParts(work, threads);
  expect(parts.flatMap((part) => part.replications)).toEqual(work.replications);
  return parts.map((part) => part.replications.length);
};

test('equally, in order', async () => {
  expect(await sizes(30, 1)).toEqual([30]);
  expect(await sizes(30, 4)).toEqual([8, 8, 8, 6]);
  expect(await sizes(3, 8)).toEqual([1, 1, 1]);
});

test('an evacuation stays with one thread, which would be simulated by each of several', async () => {
  const evacuation = { vms: 10, parallel: 2 };
  expect(await sizes(30, 2, evacuation)).toEqual([20, 10]);
  expect(await sizes(10, 2, evacuation)).toEqual([10]);
});
