/** Guest and background on one device, against a simulation of its own and against known queues. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import type { Metrics } from '../../../src/sim/machine/result.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { calm } from '../../support/situation.js';
import { simulateDevice } from './device.js';

async function preFlushed(overrides: Overrides): Promise<Metrics> {
  const { scenario, strategies } = await calm({
    strategies: 'pre-flush',
    'pre-flush.pending': 'off',
    'bitmaps.dirty': '50%',
    'workload.pattern': 'uniform',
    'workload.footprint': '100%',
    ...overrides,
  });
  return migrate(scenario, strategies[0]!, { seed: 1, replication: 0 }).metrics;
}

describe('the slowdown of the guest', () => {
  it('is never more than two beside one request in flight on one channel', async () => {
    for (const iops of ['30', '60', '75', '200']) {
      const { guestSlowdown } = await preFlushed({
        storage: 'hdd-7200',
        'disk.size': '16T',
        'workload.write-iops': iops,
      });
      expect(guestSlowdown).toBeGreaterThan(1.5);
      expect(guestSlowdown).toBeLessThanOrEqual(2);
    }
  });

  it.each([
    [1, 300],
    [1, 600],
    [2, 600],
    [4, 2000],
  ])(
    'on %i channels under %i writes a second is that of the device simulated by itself',
    async (channels, iops) => {
      const metrics = await preFlushed({
        'disk.size': '64T',
        'storage.channels': channels,
        'workload.write-iops': String(iops),
      });
      const device = {
        channels,
        guestPerS: iops,
        guestS: 0.001,
        backgroundS: 0.001,
        seconds: (metrics.migrationNs - metrics.downtimeNs) / 1e9,
      };
      // Every chunk write of the run, one after another; many runs of the same length for a mean that stands still.
      const requests = metrics.bytesWrittenRunning / 65_536;
      const mean = (count: number): number => {
        const runs = Array.from({ length: 40 }, (_, seed) =>
          simulateDevice({ ...device, requests: count }, seed),
        );
        return runs.reduce((sum, { guestS }) => sum + guestS, 0) / runs.length;
      };
      expect(metrics.guestSlowdown).toBeGreaterThan(1.05);
      expect(metrics.guestSlowdown / (mean(requests) / mean(0))).toBeCloseTo(1, 1.3);
    },
  );

  it('counts the walk for free clusters as well, and each disk', async () => {
    const idle = { 'workload.write-iops': '10', 'bitmaps.dirty': '0%', 'disk.size': '1T' };
    const sparse = await preFlushed({ ...idle });
    const full = await preFlushed({ ...idle, 'disk.allocated': '100%' });
    // 512 refcount blocks of 1 ms each are read beside the guest.
    const seconds = (full.migrationNs - full.downtimeNs) / 1e9;
    expect(full.guestSlowdown - sparse.guestSlowdown).toBeGreaterThan((0.4 * 0.512) / seconds);
    const four = await preFlushed({ ...idle, 'disk.allocated': '100%', 'disk.count': 4 });
    expect((four.guestSlowdown - 1) / (full.guestSlowdown - 1)).toBeGreaterThan(3);
  });
});
