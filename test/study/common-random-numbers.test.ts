/** What strategies of one replication have in common: with per-write all of the guest, with first-touch its begin. */
import { describe, expect, it } from 'vitest';
import { runReplication } from '../../src/study/run.js';
import { calm } from '../support/situation.js';

const REPLICATIONS = 20;

/** Bits set at the stop, and how many of them since the begin: without a flusher, and under one. */
async function pairs(engine: 'per-write' | 'first-touch') {
  const { scenario, strategies } = await calm({
    engine,
    storage: 'ceph-nvme',
    strategies: 'store-at-stop,pre-flush',
    'disk.size': '1T',
    'bitmaps.dirty': '50%',
    'workload.pattern': 'uniform',
    'workload.footprint': '100%',
    'workload.write-iops': '200',
    'pre-flush.pending': 'off',
  });
  return Array.from({ length: REPLICATIONS }, (_, replication) => {
    const [store, flushed] = runReplication(scenario, strategies, 1, replication);
    const of = (result: typeof store) => ({
      bits: result!.metrics.bitsSetAtStop,
      touches: result!.metrics.firstTouches,
    });
    return { store: of(store), flushed: of(flushed) };
  });
}

describe('strategies of one replication', () => {
  it('per-write: meet the same guest, write by write', async () => {
    for (const { store, flushed } of await pairs('per-write')) expect(flushed).toEqual(store);
  });

  it('first-touch: begin with as many set bits, and are then touched alike only in distribution', async () => {
    const met = await pairs('first-touch');
    for (const { store, flushed } of met)
      expect(flushed.bits - flushed.touches).toBe(store.bits - store.touches);
    const differences = met.map(({ store, flushed }) => flushed.touches - store.touches);
    expect(differences.filter((difference) => difference !== 0).length).toBeGreaterThan(REPLICATIONS / 2);
    // Two Poisson counts of the same mean, independent: twice its variance.
    const mean = met.reduce((sum, { store }) => sum + store.touches, 0) / REPLICATIONS;
    const bias = differences.reduce((sum, difference) => sum + difference, 0) / REPLICATIONS;
    expect(Math.abs(bias)).toBeLessThan(4 * Math.sqrt((2 * mean) / REPLICATIONS));
    const variance =
      differences.reduce((sum, difference) => sum + (difference - bias) ** 2, 0) / REPLICATIONS;
    expect(variance / (2 * mean)).toBeGreaterThan(0.3);
    expect(variance / (2 * mean)).toBeLessThan(2.5);
  });
});
