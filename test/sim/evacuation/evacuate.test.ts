import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Overrides, type Resolved, resolve } from '../../../src/input/resolve.js';
import { evacuate } from '../../../src/sim/evacuation/evacuate.js';
import { migrateMember } from '../../../src/sim/evacuation/member.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import type { Scenario } from '../../../src/sim/scenario.js';
import { runReplication } from '../../../src/study/run.js';
import { calm } from '../../support/situation.js';

const times = (scenario: Scenario, count: number): Scenario[] => new Array<Scenario>(count).fill(scenario);

/** Without what only an evacuation has. */
const own = ({ metrics: { emptiedNs: _, ...metrics }, ...result }: ReturnType<typeof migrate>) => ({
  ...result,
  metrics,
});

/** Each with random latencies, RAM and a guest. */
const SITUATIONS: readonly Overrides[] = [
  { storage: 'ceph-nvme', 'disk.size': '256G', 'bitmaps.count': 3 },
  { storage: 'hdd-7200', 'disk.size': '128G', 'disk.count': 2 },
  { storage: 'aws-gp3', 'disk.size': '256G', workload: 'oltp', 'ram.size': '2G', qemu: '10.0' },
  { storage: 'raid-ssd', 'disk.size': '256G', 'migration.warm-up': '1s', 'migration.max-bandwidth': '1GB/s' },
];

it.each(SITUATIONS)('an evacuation of one VM is that VM: %j', async (given) => {
  const { scenario, strategies } = await resolve({}, given);
  for (const spec of strategies)
    for (const replication of [0, 1]) {
      const draws = { seed: 7, replication };
      expect(evacuate([scenario], 5, spec, draws)).toStrictEqual([migrate(scenario, spec, draws)]);
    }
});

it.each(SITUATIONS)('one at a time, each is alone: %j', async (given) => {
  const { scenario, strategies } = await resolve({}, given);
  for (const spec of strategies) {
    const results = evacuate(times(scenario, 3), 1, spec, { seed: 7, replication: 0 });
    const alone = [0, 1, 2].map((replication) => migrate(scenario, spec, { seed: 7, replication }));
    expect(results.map(own)).toStrictEqual(alone.map(own));
    const sumNs = alone.reduce((sum, { metrics }) => sum + metrics.emptiedNs, 0);
    expect(new Set(results.map(({ metrics }) => metrics.emptiedNs))).toEqual(new Set([sumNs]));
  }
});

/** As many channels as VMs, bytes and links that nobody waits for. */
const FREE: Overrides = {
  'storage.channels': 3,
  'storage.write.bandwidth': 'unlimited',
  'storage.read.bandwidth': 'unlimited',
  'storage.spells.level': 0,
  'link.bandwidth': 'unlimited',
};

it.each([
  { storage: 'nvme-plp', 'disk.size': '256G', 'bitmaps.count': 2 },
  { storage: 'nfs-10gbe', 'disk.size': '256G', workload: 'oltp', 'ram.size': '2G', qemu: '10.0' },
  { storage: 'ideal-1ms', 'disk.size': '256G', 'bitmaps.dirty': '100%', 'ram.dirty-rate': '100MB/s' },
] satisfies Overrides[])(
  'on a storage with a channel for each and a link for all, each is alone: %j',
  async (given) => {
    const { scenario, strategies } = await resolve({}, { ...given, ...FREE });
    for (const spec of strategies) {
      const results = evacuate(times(scenario, 3), 3, spec, { seed: 7, replication: 0 });
      const alone = [0, 1, 2].map((replication) => migrate(scenario, spec, { seed: 7, replication }));
      expect(results.map(own)).toStrictEqual(alone.map(own));
      const longest = Math.max(...alone.map(({ metrics }) => metrics.emptiedNs));
      expect(results[0]!.metrics.emptiedNs).toBe(longest);
    }
  },
);

const worst = (resolved: Resolved, vms: number, parallel: number): number => {
  const results = evacuate(times(resolved.scenario, vms), parallel, resolved.strategies[0]!, {
    seed: 1,
    replication: 0,
  });
  return Math.max(...results.map(({ metrics }) => metrics.downtimeNs));
};

describe('as more migrate at a time', () => {
  it('the worst stop of VMs that stop together never falls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          'storage.channels': fc.integer({ min: 1, max: 4 }),
          'storage.iops-limit': fc.constantFrom('unlimited', '900'),
          'storage.write.bandwidth': fc.constantFrom('unlimited', '100MB/s'),
          'bitmaps.count': fc.integer({ min: 1, max: 3 }),
          strategies: fc.constantFrom(['store-at-stop'], ['dont-store/drop'], ['pre-flush']),
        }),
        async (given) => {
          const resolved = await calm({
            'disk.size': '128G',
            'ram.dirty-rate': 0,
            'pre-flush.pending': 'off',
            ...given,
          });
          const stops = [1, 2, 3, 4, 6, 8].map((parallel) => worst(resolved, 8, parallel));
          for (const [i, stop] of stops.entries()) expect(stop).toBeGreaterThanOrEqual(stops[i - 1] ?? 0);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('n stops at once on one channel take n times the requests of one', async () => {
    const resolved = await calm({ 'disk.size': '1T', 'storage.channels': 1, strategies: ['store-at-stop'] });
    const [one, four] = [1, 4].map((parallel) => worst(resolved, 4, parallel)) as [number, number];
    // QEMU's own time is not the device's: it goes on meanwhile.
    expect(four / one).toBeGreaterThan(3.7);
    expect(four / one).toBeLessThan(4);
  });

  it('an empty bucket lets all of them have its rate, and no more', async () => {
    const limited = { 'storage.channels': 64, 'storage.iops-limit': 500, 'disk.size': '1T' } as const;
    const resolved = await calm({ ...limited, strategies: ['store-at-stop'] });
    const [one, four] = [1, 4].map((parallel) => worst(resolved, 4, parallel)) as [number, number];
    expect(four / one).toBeGreaterThan(3.9);
    expect(four / one).toBeLessThan(4.1);
  });

  it('pre-copies share the link: RAM that one sends in t takes n in n t', async () => {
    const resolved = await calm({
      link: '1gbit',
      'disk.size': '64G',
      'migration.max-bandwidth': 'unlimited',
      'ram.dirty-rate': 0,
      'ram.used': '100%',
      strategies: ['dont-store/drop'],
    });
    const emptied = (vms: number, parallel: number): number =>
      evacuate(times(resolved.scenario, vms), parallel, resolved.strategies[0]!, {
        seed: 1,
        replication: 0,
      })[0]!.metrics.emptiedNs;
    expect(emptied(4, 4) / emptied(1, 1)).toBeGreaterThan(3.97);
    expect(emptied(4, 4) / emptied(1, 1)).toBeLessThan(4.01);
    expect(emptied(4, 2) / emptied(1, 1)).toBeCloseTo(4, 1);
  });
});

it('each VM keeps what it promised, and one that never stops by itself does not hold up the others', async () => {
  const { scenario, strategies } = await resolve(
    {},
    { 'disk.size': '1T', 'bitmaps.count': 7, 'migration.timeout': '2s' },
  );
  for (const spec of strategies) {
    const states = evacuate(times(scenario, 5), 3, spec, { seed: 1, replication: 0 }).map(
      ({ state }) => state,
    );
    expect(states).not.toContain('failed');
    expect(states).toHaveLength(5);
  }
});

it('a replication of a scenario with several VMs is one of them, the same whoever asks first', async () => {
  const given = { 'disk.size': '256G', vms: 3, parallel: 2, strategies: ['store-at-stop'] } as const;
  const { scenario, strategies } = await resolve({}, given);
  const { scenario: again } = await resolve({}, given);
  const stops = (of: Scenario, replications: readonly number[]): number[] =>
    replications.map((replication) => runReplication(of, strategies, 1, replication)[0]!.metrics.downtimeNs);
  expect(stops(again, [5, 2, 0])).toEqual([5, 2, 0].map((i) => stops(scenario, [0, 1, 2, 3, 4, 5])[i]));
  const { evacuation: _, ...one } = scenario;
  const second = evacuate(times(one, 3), 2, strategies[0]!, { seed: 1, replication: 3 });
  expect(migrateMember(scenario, strategies[0]!, { seed: 1, replication: 4 })).toEqual(second[1]);
});
