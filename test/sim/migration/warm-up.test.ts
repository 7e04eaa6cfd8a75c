import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import type { Scenario, TraceGuestSpec } from '../../../src/sim/scenario.js';
import { runReplication } from '../../../src/study/run.js';
import { calm } from '../../support/situation.js';

/** A write of one granule each 10 ms, each to a new granule, into an empty bitmap of 65,536 bits. */
const STEADY = {
  'disk.size': '4G',
  'bitmaps.dirty': '0%',
  'workload.write-iops': 100,
  'workload.write-size': '64k',
  'workload.arrivals': 'deterministic',
  'workload.pattern': 'sequential',
  engine: 'per-write',
} as const satisfies Overrides;

const stored = { name: 'store-at-stop' } as const;
const first = { seed: 1, replication: 0 };

async function metricsOf(overrides: Overrides) {
  const { scenario } = await calm(overrides);
  return migrate(scenario, stored, first).metrics;
}

describe('warm-up', () => {
  it('adds what the guest writes in it, and nothing else of the guest', async () => {
    const cold = await metricsOf(STEADY);
    const warm = await metricsOf({ ...STEADY, 'migration.warm-up': '5s' });
    expect(cold.bitsSetAtStop).toBeGreaterThan(0);
    expect(warm.bitsSetAtStop - cold.bitsSetAtStop).toBe(500);
    // Writes and first touches are those of the migration, which takes as long as before.
    expect(warm.guestWrites).toBe(cold.guestWrites);
    expect(warm.firstTouches).toBe(cold.firstTouches);
    expect(warm.migrationNs - warm.downtimeNs).toBe(cold.migrationNs - cold.downtimeNs);
  });

  it('changes no time where the guest writes nothing, under any strategy', async () => {
    const { scenario, strategies } = await calm({ 'disk.size': '1T' });
    const warm = { ...scenario, migration: { ...scenario.migration, warmUpNs: 5e9 } };
    expect(runReplication(warm, strategies, 1, 0)).toEqual(runReplication(scenario, strategies, 1, 0));
  });

  it('leaves the copy in the image as old as it was', async () => {
    // 32 clusters of bits, none set at first: the store replaces none of them, however long the guest ran.
    const punched = await metricsOf({ ...STEADY, 'disk.size': '1T', 'migration.warm-up': '1h' });
    expect(punched.clustersWritten).toBeGreaterThan(0);
    expect(punched.storePunches).toBe(0);
  });

  it.each(['per-write', 'first-touch'] as const)('is a longer age in the mean: %s', async (engine) => {
    const replications = 24;
    const mean = async (age: string, warmUp: string): Promise<number> => {
      const { scenario } = await calm({
        'disk.size': '1G',
        'bitmaps.dirty': 'auto',
        'bitmaps.age': age,
        'workload.write-iops': 10,
        'workload.write-size': '4k',
        'workload.pattern': 'uniform',
        'workload.footprint': '100%',
        'migration.warm-up': warmUp,
        engine,
      });
      let bits = 0;
      for (let replication = 0; replication < replications; replication++)
        bits += migrate(scenario, stored, { seed: 3, replication }).metrics.bitsSetAtStop;
      return bits / replications;
    };
    const warm = await mean('10min', '10min');
    // Some 9,000 of 16,384 bits, with a standard deviation below 64 a run, so of 19 for the difference of two means.
    expect(Math.abs(warm - (await mean('20min', '0s')))).toBeLessThan(5 * 19);
    expect(warm - (await mean('10min', '0s'))).toBeGreaterThan(2000);
  });

  it('plays a trace from its start', async () => {
    const { scenario } = await calm({ ...STEADY, engine: 'auto' });
    const writes = 10_000;
    // A write each 10 ms to a granule of its own.
    const guest: TraceGuestSpec = {
      kind: 'trace',
      name: 'ramp',
      timesNs: Float64Array.from({ length: writes }, (_, i) => i * 10e6 + 5e6),
      offsetsBytes: Float64Array.from({ length: writes }, (_, i) => i * 65_536),
      lengthsBytes: new Float64Array(writes).fill(4096),
      disks: new Uint16Array(writes),
      durationNs: writes * 10e6,
      startNs: 0,
      loop: false,
      rate: 1,
      stretch: 1,
    };
    const bits = (warmUpNs: number): number => {
      const played: Scenario = { ...scenario, guest, migration: { ...scenario.migration, warmUpNs } };
      return migrate(played, stored, first).metrics.bitsSetAtStop;
    };
    expect(bits(5e9) - bits(0)).toBe(500);
  });
});
