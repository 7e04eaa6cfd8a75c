import { expect, it } from 'vitest';
import { resolve } from '../../../src/input/resolve.js';
import { METRIC_NAMES } from '../../../src/sim/machine/measure.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { migrateAgain } from '../../../src/sim/migration/replay.js';
import { isDeterministic, replicator, runReplication } from '../../../src/study/run.js';

const STRATEGIES = ['none', 'store-at-stop', 'dont-store'];

const SITUATIONS: readonly Record<string, unknown>[] = [
  { storage: 'ceph-nvme' },
  { 'bitmaps.dirty': '100%' },
  { 'bitmaps.dirty': '100%', 'disk.size': '256G', link: '1gbit' },
  { 'bitmaps.dirty': '40%', 'bitmaps.layout': 'clustered', 'disk.size': '1T' },
  { storage: 'gcp-hyperdisk', 'disk.size': '1T' },
  { storage: 'hdd-7200', 'disk.count': 2, 'disk.size': '1T', qemu: '10.0' },
  { 'bitmaps.history': 'new', 'disk.size': '1T', 'migration.return-path': 'on' },
  { 'migration.warm-up': '3s', 'disk.size': '1T' },
  { 'migration.downtime-limit': '1ms', 'ram.dirty-rate': '2GB/s' },
];

it.each(SITUATIONS)(
  'a replication that follows the requests of another is the whole story: %j',
  async (given) => {
    const { scenario, strategies } = await resolve({}, { ...given, strategies: STRATEGIES });
    for (const spec of strategies)
      for (const replication of [0, 1, 2]) {
        const draws = { seed: 7, replication };
        expect(migrateAgain(scenario, spec, draws)).toStrictEqual(migrate(scenario, spec, draws));
      }
  },
);

it.each(SITUATIONS)('a row of it has the figures of the whole story: %j', async (given) => {
  const { scenario, strategies } = await resolve({}, { ...given, strategies: STRATEGIES.slice(1) });
  const told = replicator(scenario, strategies, 7);
  for (const replication of [0, 1, 2]) {
    const whole = runReplication(scenario, strategies, 7, replication);
    for (const [i, { state, metrics }] of told(replication).entries()) {
      expect(state).toBe(whole[i]!.state);
      for (const name of METRIC_NAMES) expect(metrics[name], name).toEqual(whole[i]!.metrics[name]);
    }
  }
});

it('spells and a limit of operations go on through the stop', async () => {
  const { scenario, strategies } = await resolve({}, { 'disk.size': '1T', strategies: STRATEGIES });
  const spells = { levelSpread: 0.1, slowFactor: 3, slowMeanNs: 5e6, fastMeanNs: 20e6 };
  const limits = { opsPerS: 2000, burstOps: 10 };
  const changed = { ...scenario, storage: { ...scenario.storage, ...spells, ...limits } };
  for (const spec of strategies)
    for (const replication of [0, 1, 2]) {
      const draws = { seed: 7, replication };
      expect(migrateAgain(changed, spec, draws)).toStrictEqual(migrate(changed, spec, draws));
    }
});

it('clustered bits are chance', async () => {
  const fixed = {
    storage: 'hdd-7200',
    host: 'zero',
    'flush-latency': '1ms',
    'bitmaps.dirty': '50%',
    workload: 'idle',
  };
  const of = async (layout: 'prefix' | 'clustered'): Promise<boolean> =>
    isDeterministic(
      (await resolve({}, { ...fixed, 'workload.write-iops': 0, 'bitmaps.layout': layout })).scenario,
    );
  expect(await of('prefix')).toBe(true);
  expect(await of('clustered')).toBe(false);
});
