/** Slow spells of the storage in whole migrations: the mean stays, the spread grows, and all strategies meet the same ones. */
import { mean, standardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { isDeterministic, runReplication } from '../../src/study/run.js';
import { calm } from '../support/situation.js';

const SPELLS = {
  'storage.spells.slow-factor': 4,
  'storage.spells.slow-time': '1s',
  'storage.spells.fast-time': '3s',
};
/** 64 clusters of 1 ms: far shorter than a spell. */
const SITUATION = { 'disk.size': '2T', 'bitmaps.dirty': '100%', 'workload.write-iops': 0 };
const REPLICATIONS = 100;

describe('a store in slow and fast spells', () => {
  it('lasts as long as the spell says, and twice stored bitmaps last the same', async () => {
    const { scenario, strategies } = await calm({ ...SITUATION, ...SPELLS, strategies: 'store-at-stop' });
    expect(isDeterministic(scenario)).toBe(false);
    const runs = Array.from({ length: REPLICATIONS }, (_, i) =>
      runReplication(scenario, [strategies[0]!, strategies[0]!], 1, i),
    );
    for (const [one, two] of runs) expect(one!.metrics).toEqual(two!.metrics);
    const bare = await calm({ ...SITUATION, strategies: 'store-at-stop' });
    expect(isDeterministic(bare.scenario)).toBe(true);
    const [alone] = runReplication(bare.scenario, bare.strategies, 1, 0);
    const shares = runs.map(([run]) => run!.metrics.bitmapDowntimeNs! / alone!.metrics.bitmapDowntimeNs!);
    // Fast: 1 - 1/4 + 1/16 of the mean time; slow: 4 times that. At a moment of time it is slow with 1/4.
    const fast = 0.8125;
    expect(mean(shares)).toBeCloseTo(0.75 * fast + 0.25 * 4 * fast, 0);
    expect(standardDeviation(shares)).toBeGreaterThan(0.8);
    expect(Math.min(...shares)).toBeCloseTo(fast, 1);
    expect(Math.max(...shares)).toBeCloseTo(4 * fast, 0);
  });
});
