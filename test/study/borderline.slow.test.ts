/** Thousands of replications: how a verdict comes about where the share over budget is near the allowed one. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve } from '../../src/input/resolve.js';
import { judge } from '../../src/study/answer/answer.js';

describe('a borderline verdict', () => {
  it('comes after many replications, and does not follow the seed', async () => {
    const overrides: Overrides = {
      'disk.size': '1T',
      storage: 'hdd-7200',
      'bitmaps.dirty': '100%',
      workload: 'idle',
      strategies: 'store-at-stop',
    };
    const resolved = await resolve({}, { ...overrides, replications: 2000 });
    const stops = judge(resolved).strategies[0]!.downtime_ms;
    // A budget that 3.7 % of the stops exceed, by the normal law through their mean and 95 % quantile.
    const budget = `${stops.mean + ((stops.p95! - stops.mean) * 1.787) / 1.645}ms`;
    const unlimited: Overrides = { 'migration.max-bandwidth': 'unlimited' };
    const verdicts = await Promise.all(
      Array.from({ length: 6 }, async (_, seed) =>
        judge(await resolve({}, { ...overrides, ...unlimited, budget, seed: seed + 1 })),
      ),
    );
    expect(verdicts.filter(({ verdict }) => verdict === 'too-much')).toHaveLength(0);
    for (const { verdict, strategies } of verdicts)
      if (verdict === 'borderline') expect(strategies[0]!.replications).toBe(1000);
  });
});
