import { describe, expect, it } from 'vitest';
import { resolve } from '../../src/experiment/resolve.js';

describe('resolve', () => {
  it('fills in every default', async () => {
    const { scenario, question, strategies, budgetNs, replications, seed } = await resolve();
    expect(question.disk_bytes).toBe(16 * 2 ** 40);
    expect(question.bitmap_bytes).toBe(33_554_432);
    expect(question.bitmap_clusters).toBe(512);
    expect([budgetNs, replications, seed]).toEqual([300e6, 30, 1]);
    expect(strategies.map((s) => s.name)).toEqual([
      'dont-store',
      'dont-store',
      'dont-store',
      'store-at-stop',
      'pre-flush',
    ]);
    expect(scenario.disks).toHaveLength(1);
    expect(scenario.disks[0]!.bitmaps[0]!.content).toEqual({ kind: 'age', ageNs: 86_400e9 });
    expect(JSON.stringify(question)).not.toContain('null');
  });
});
