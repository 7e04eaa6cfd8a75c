import { describe, expect, it } from 'vitest';
import { migrate } from '../../../src/sim/migration/controller.js';
import { runReplication } from '../../../src/study/run.js';
import { calm } from '../../support/situation.js';

const draws = { seed: 1, replication: 0 };
const sum = (phases: object): number => Object.values(phases).reduce((a, b) => a + b, 0);

describe('the controller', () => {
  it('books every nanosecond of the stop on a phase', async () => {
    const { scenario, strategies } = await calm({ 'disk.size': '1T', 'disk.count': 2 });
    for (const spec of strategies) {
      const { metrics } = migrate(scenario, spec, draws);
      expect(sum(metrics.phasesNs)).toBe(metrics.downtimeNs);
    }
  });

  it('gives the same result twice, and runs do not disturb each other', async () => {
    const { scenario, strategies } = await calm({
      workload: 'cloud-busy',
      storage: 'ceph-nvme',
      'disk.size': '1T',
      'bitmaps.dirty': '10%',
    });
    expect(runReplication(scenario, strategies, 3, 1)).toEqual(runReplication(scenario, strategies, 3, 1));
    expect(runReplication(scenario, strategies.slice(2), 3, 1)).toEqual(
      runReplication(scenario, strategies, 3, 1).slice(2),
    );
  });

  it('stores before RAM since 10.0 and after it before: the same sum', async () => {
    const old = await calm({ 'disk.size': '1T', qemu: '7.2' });
    const next = await calm({ 'disk.size': '1T', qemu: '10.0' });
    const store = { name: 'store-at-stop' } as const;
    const a = migrate(old.scenario, store, draws).metrics;
    const b = migrate(next.scenario, store, draws).metrics;
    expect(b.downtimeNs).toBe(a.downtimeNs);
    expect(b.phasesNs).toEqual(a.phasesNs);
  });

  it('counts the destination only with the return path open', async () => {
    const closed = await calm({ 'disk.size': '1T' });
    const open = await calm({ 'disk.size': '1T', 'migration.return-path': 'on' });
    const store = { name: 'store-at-stop' } as const;
    const a = migrate(closed.scenario, store, draws).metrics;
    const b = migrate(open.scenario, store, draws).metrics;
    expect(a.sourceDowntimeNs).toBeLessThan(a.downtimeNs);
    expect(b.sourceDowntimeNs).toBe(b.downtimeNs);
    expect(b.downtimeNs).toBe(a.downtimeNs);
  });

  it('finds a strategy out that loses a bit', async () => {
    const { scenario } = await calm({ 'disk.size': '1T' });
    const { loses } = await import('../../support/losing-strategy.js');
    expect(loses(scenario)).toMatchObject({ state: 'failed', reason: /lacks bits/ });
  });
});

describe('streaming', () => {
  it('never stops an idle guest with a large bitmap, as real QEMU 7.2, and does when fixed', async () => {
    const state = async (disk: string, limit: string, qemu: '7.2' | 'fixed' = '7.2'): Promise<string> => {
      const { scenario } = await calm({ 'disk.size': disk, 'migration.downtime-limit': limit, qemu });
      return migrate(scenario, { name: 'dont-store', variant: 'stream' }, draws).state;
    };
    expect(await state('256G', '300ms')).toBe('completed');
    expect(await state('1T', '300ms')).toBe('not-converged');
    expect(await state('1T', '2s')).toBe('completed');
    expect(await state('4T', '2s')).toBe('not-converged');
    for (const disk of ['256G', '1T', '4T', '64T'])
      expect(await state(disk, '300ms', 'fixed')).toBe('completed');
  });
});
