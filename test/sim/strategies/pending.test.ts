import { describe, expect, it } from 'vitest';
import type { MigrationResult } from '../../../src/sim/machine/result.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import type { PreFlushSpec } from '../../../src/sim/strategies/pre-flush.js';
import { calm } from '../../support/situation.js';

/** 16 TiB, half of the bits set: 512 chunks of a cluster. A write is a first touch half of the time, and takes 1 ms to flush. */
async function preFlush(
  limit: string,
  iops: number,
  pending: PreFlushSpec['pending'] = 'on',
  more = {},
): Promise<MigrationResult> {
  const { scenario, strategies } = await calm({
    // Other than the ideal storage this one serves the guest beside the flusher.
    storage: 'ceph-nvme',
    'flush-latency': '1ms',
    'bitmaps.dirty': '50%',
    'workload.footprint': '100%',
    'workload.pattern': 'uniform',
    'workload.write-iops': String(iops),
    'migration.downtime-limit': limit,
    'migration.timeout': '5s',
    'pre-flush.pending': pending,
    strategies: 'pre-flush',
    ...more,
  });
  return migrate(scenario, strategies[0]!, { seed: 1, replication: 0 });
}

const storeMs = ({ metrics: { phasesNs } }: MigrationResult): number =>
  (phasesNs.store_qemu +
    phasesNs.store_scan +
    phasesNs.store_data +
    phasesNs.store_metadata +
    phasesNs.store_flush) /
  1e6;

describe('pending: on', () => {
  it('says that a limit below the fixed part of a store is never met, with both figures', async () => {
    const result = await preFlush('5ms', 0);
    expect(result.state).toBe('not-converged');
    // Read, directory, refcount block, header, refcount block and three flushes, of 1 ms each, a flush of the image before,
    // and a little of QEMU's own.
    expect(result.reason).toMatch(
      /^cannot meet the limit: with no chunk left the stop still takes (9|1[01])(\.\d+)? ms/,
    );
    expect(result.reason).toMatch(/downtime-limit 5 ms$/);
    expect((await preFlush('5ms', 0, 'off')).state).toBe('completed');
    // Without a limit at all there is nothing to compare with, and no endless loop either.
    expect((await preFlush('0ms', 0)).reason).toMatch(/cannot meet the limit.*downtime-limit 0/);
  });

  it('keeps the store within the limit where chunks can be written as fast as they become stale', async () => {
    for (const limit of [30, 100]) {
      const result = await preFlush(`${limit}ms`, 1000);
      expect(result).toMatchObject({ state: 'completed', reason: null });
      expect(storeMs(result)).toBeLessThan(limit);
    }
  });

  it('waits in vain for a guest that is twice as fast, and says so; off stops at once with more than the limit', async () => {
    const waited = await preFlush('100ms', 4000);
    const atOnce = await preFlush('100ms', 4000, 'off');
    expect(waited.reason).toMatch(/^cannot meet the limit: chunks become stale as fast as they are written/);
    expect(atOnce.state).toBe('completed');
    expect(storeMs(atOnce)).toBeGreaterThan(200);
    expect(waited.metrics.migrationNs - atOnce.metrics.migrationNs).toBeGreaterThan(4e9);
  });

  it('leaves the reason to RAM where the guest dirties it too fast', async () => {
    const { reason } = await preFlush('300ms', 0, 'on', {
      'ram.dirty-rate': '10GiB/s',
      'ram.working-set': '4G',
      'ram.used': '8G',
    });
    expect(reason).toMatch(
      /^the guest dirties its RAM.*; the stop without RAM takes .* of the downtime-limit 300 ms$/,
    );
  });
});
