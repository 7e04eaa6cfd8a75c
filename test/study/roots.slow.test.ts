/**
 * How often `solve` and `compare` are right on the model itself. Over 20 seeds in .ci/run, over more by hand
 * (STOPGAP_SEEDS=100; docs/decide.md has what that found): a rate of 95 % is then below 93 of 100 in 13 % of all choices of
 * seeds, and below 17 of 20 in 2 %.
 */
import { describe, expect, it } from 'vitest';
import { resolveTree } from '../../src/input/resolve.js';
import { compare } from '../../src/study/compare/compare.js';
import type { Simulate } from '../../src/study/simulate.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';
import { covers, ROOTS, SITUATIONS, solved } from './roots.js';

const COUNT = Number(process.env.STOPGAP_SEEDS ?? 20);
const SEEDS = Array.from({ length: COUNT }, (_, i) => i + 1);
/** So many of 100, or of fewer with a wider margin for chance. */
const most = (of100: number): number => (COUNT >= 100 ? (of100 / 100) * COUNT : ((of100 - 8) / 100) * COUNT);

describe('solve', () => {
  it.each(SITUATIONS.map((situation) => [situation.name, situation] as const))(
    'covers the root: %s',
    async (name, situation) => {
      let [covered, runs, grid] = [0, 0, 0];
      for (const seed of SEEDS) {
        const root = await solved(situation, seed);
        if (covers(root, ROOTS[name]!)) covered++;
        runs += root.runs;
        grid += root.grid_runs;
      }
      expect(covered).toBeGreaterThanOrEqual(most(93));
      expect(runs).toBeLessThan(0.01 * grid);
    },
  );
});

const executor = new InlineExecutor();
const inline: Simulate = async (work) => (await executor.run([work])).parts[0]!;

/** Names of disks, compared on a storage with a tail: the smaller the disk, the shorter the stop. */
async function compared(disks: readonly string[], seed: number) {
  const alternatives = await Promise.all(
    disks.map(async (disk, i) => {
      const given = {
        storage: 'hdd-7200',
        workload: 'idle',
        'bitmaps.dirty': '100%',
        strategies: 'store-at-stop',
        replications: 5,
      };
      return { name: `${i} ${disk}`, resolved: await resolveTree({}, { ...given, 'disk.size': disk, seed }) };
    }),
  );
  return compare({ alternatives, metric: 'downtimeNs', indifference: 0.01, simulate: inline });
}

describe('compare', () => {
  it('says no difference of a thing and itself', async () => {
    let same = 0;
    for (const seed of SEEDS)
      if ((await compared(['256G', '256G'], seed)).verdict === 'no-difference') same++;
    expect(same).toBeGreaterThanOrEqual(most(93));
  });

  it('names the best, where it is better by a cluster of eight', async () => {
    let right = 0;
    for (const seed of SEEDS) if ((await compared(['256G', '224G', '288G'], seed)).best === '1 224G') right++;
    expect(right).toBeGreaterThanOrEqual(most(95));
  });
});
