/** Each what-if switch does in the stop what it says, in the strategies it is meant for. Requests take 1 ms. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import type { Metrics } from '../../../src/sim/machine/metrics.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { REFERENCE } from '../../../src/sim/strategies/lookup.js';
import type { StrategySpec } from '../../../src/sim/strategies/registry.js';
import { calm } from '../../support/situation.js';

const MS = 1e6;

async function stop(strategy: StrategySpec['name'], overrides: Overrides = {}): Promise<Metrics> {
  const { scenario, strategies } = await calm({
    host: 'zero',
    'disk.size': '1T',
    'bitmaps.count': 2,
    'bitmaps.frozen': 1,
    ...overrides,
  });
  const result = migrate(scenario, strategies.find(({ name }) => name === strategy) ?? REFERENCE, {
    seed: 1,
    replication: 0,
  });
  expect(result.state).toBe('completed');
  return result.metrics;
}

// 1 TiB, 64 KiB: two bitmaps of 32 clusters, both full, one of them frozen.
describe('what-if switches', () => {
  it('loadEarly: of a store only what cannot have changed is read before; of pre-flush all that was flushed', async () => {
    const plain = await stop('store-at-stop');
    const early = await stop('store-at-stop', { 'what-if.load-early': 'on' });
    expect(plain.phasesNs.load - early.phasesNs.load).toBe(32 * MS);
    const flushed = await stop('pre-flush');
    const both = await stop('pre-flush', { 'what-if.load-early': 'on' });
    expect(flushed.phasesNs.load - both.phasesNs.load).toBe(64 * MS);
  });

  it('loadEarly: what the last pass writes is read again', async () => {
    // The flusher may write 2 clusters a second, so that most are left to the stop; RAM takes a few seconds.
    const slow = { 'pre-flush.rate': '128KiB/s', 'pre-flush.pending': 'off' } as const;
    const plain = await stop('pre-flush', slow);
    const early = await stop('pre-flush', { ...slow, 'what-if.load-early': 'on' });
    const left = early.clustersWritten;
    expect(left).toBeGreaterThan(32);
    expect(left).toBeLessThan(64);
    expect(plain.phasesNs.load - early.phasesNs.load).toBe((64 - left) * MS);
  });

  it('loadAfterResume: tables and clusters are read when the guest runs; the directory and the marks stay', async () => {
    const on = { 'what-if.load-after-resume': 'on' } as const;
    const bare = await stop('none');
    for (const name of ['store-at-stop', 'pre-flush'] as const) {
      const plain = await stop(name);
      const later = await stop(name, on);
      expect(plain.bitmapReadyNs).toBe(0);
      expect(plain.downtimeNs - later.downtimeNs).toBe(66 * MS);
      // Extension, its head and the directory; then the directory and three times the header with a flush.
      expect(later.phasesNs.load - bare.phasesNs.load).toBe((3 + 4 + 3) * MS);
      expect(later.bitmapReadyNs).toBe(66 * MS);
    }
    const early = await stop('pre-flush', { ...on, 'what-if.load-early': 'on' });
    expect(early.bitmapReadyNs).toBe(2 * MS);
  });

  it('loadAfterResume: the reads share the one channel with the guest, and with each other', async () => {
    const on = { 'what-if.load-after-resume': 'on' } as const;
    const busy = await stop('store-at-stop', { ...on, 'workload.write-iops': 500 });
    expect(busy.bitmapReadyNs).toBe(2 * 66 * MS);
    const two = await stop('store-at-stop', { ...on, 'disk.count': 2 });
    expect(two.bitmapReadyNs).toBe(2 * 66 * MS);
    const apart = await stop('store-at-stop', { ...on, 'disk.count': 2, 'storage.channels': 2 });
    // Either reader is on either channel with the same chance, so they meet half of the time.
    expect(apart.bitmapReadyNs).toBe(1.5 * 66 * MS);
  });

  it('earlyAllocation: the walk over an allocated image is not in the stop', async () => {
    const allocated = { 'disk.allocated': '100%' };
    const plain = await stop('store-at-stop', allocated);
    const early = await stop('store-at-stop', { ...allocated, 'what-if.early-allocation': 'on' });
    // One refcount block for each 2 GiB of disk.
    expect(plain.phasesNs.store_scan).toBeGreaterThanOrEqual(512 * MS);
    expect(early.phasesNs.store_scan).toBe(0);
    expect(early.clustersWritten).toBe(plain.clustersWritten);
    // Pre-flush allocates before the stop by itself.
    expect((await stop('pre-flush', allocated)).phasesNs.store_scan).toBe(0);
  });

  it('earlyAllocation: the stop waits for the walk, not the guest', async () => {
    // 4,096 blocks of 1 ms; an idle guest's RAM is sent sooner.
    const large = { 'disk.size': '8T', 'disk.allocated': '100%', 'what-if.early-allocation': 'on' } as const;
    const { downtimeNs, migrationNs, phasesNs } = await stop('store-at-stop', large);
    expect(migrationNs - downtimeNs).toBeGreaterThan(4096 * MS);
    expect(phasesNs.stop).toBeLessThan(5 * MS);
  });

  it('skipUnchanged: the frozen bitmap stays as it is', async () => {
    const plain = await stop('store-at-stop');
    const skipped = await stop('store-at-stop', { 'what-if.skip-unchanged': 'on' });
    expect([plain.clustersWritten, plain.storePunches]).toEqual([64, 64]);
    expect([skipped.clustersWritten, skipped.storePunches]).toEqual([32, 32]);
    const flushed = await stop('pre-flush');
    const less = await stop('pre-flush', { 'what-if.skip-unchanged': 'on' });
    expect([flushed.bytesWrittenRunning, less.bytesWrittenRunning]).toEqual([64 * 65536, 32 * 65536]);
  });

  it('deferPunch: no punch in the stop, in the store and in the shadow layout', async () => {
    for (const name of ['store-at-stop', 'pre-flush'] as const) {
      const shadow = { 'pre-flush.layout': 'shadow' } as const;
      expect((await stop(name, shadow)).storePunches).toBe(64);
      expect((await stop(name, { ...shadow, 'what-if.defer-punch': 'on' })).storePunches).toBe(0);
    }
  });

  it('encodeAllOnes: full clusters are neither written nor read back, where no old one must be kept', async () => {
    const on = { 'what-if.encode-all-ones': 'on' } as const;
    const store = await stop('store-at-stop', on);
    expect(store.clustersWritten).toBe(0);
    const fresh = { 'bitmaps.history': 'new' } as const;
    const plain = await stop('pre-flush', fresh);
    const marked = await stop('pre-flush', { ...fresh, ...on });
    expect([plain.bytesWrittenRunning, marked.bytesWrittenRunning]).toEqual([64 * 65536, 0]);
    expect(plain.phasesNs.load - marked.phasesNs.load).toBe(64 * MS);
    // In place the old clusters are overwritten: freeing them would be punches in the stop.
    const held = await stop('pre-flush', on);
    expect([held.bytesWrittenRunning, held.storePunches]).toEqual([64 * 65536, 0]);
  });

  it('queueDepth: as many requests at once as asked for and the device takes', async () => {
    const at = async (depth: number): Promise<number> =>
      (await stop('store-at-stop', { storage: 'ceph-nvme', 'what-if.queue-depth': depth })).phasesNs
        .store_data;
    const one = await at(1);
    expect(one / (await at(8))).toBeGreaterThan(6);
    expect(one / (await at(2))).toBeLessThan(2.2);
  });
});
