/** Post-copy of RAM, multifd and auto-converge: what they change about the stop, and what a guest pays for it. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { PAGE_BYTES, PAGE_WIRE_BYTES } from '../../../src/sim/migration/ram-wire.js';
import { ThrottledRam } from '../../../src/sim/migration/throttle.js';
import { calm } from '../../support/situation.js';

const draws = { seed: 1, replication: 0 };
const stream = { name: 'dont-store', variant: 'stream' } as const;
const store = { name: 'store-at-stop' } as const;

/** A guest that dirties its RAM faster than the link takes it. */
const busy = (overrides: Overrides = {}) =>
  calm({
    'disk.size': '1T',
    link: '1Gbit/s',
    'migration.max-bandwidth': 'unlimited',
    'ram.size': '2G',
    'ram.used': '1G',
    'ram.working-set': '512M',
    'ram.dirty-rate': '300MB/s',
    ...overrides,
  });

describe('post-copy of RAM', () => {
  it('stops a guest that pre-copy never stops, with no RAM in the stop; it follows after the resume', async () => {
    const alone = await busy();
    expect(migrate(alone.scenario, store, draws).state).toBe('not-converged');
    const { scenario } = await busy({ 'migration.postcopy-ram': 'on' });
    const { state, metrics } = migrate(scenario, store, draws);
    expect(state).toBe('completed');
    expect(metrics.phasesNs.ram).toBe(0);
    expect(metrics.phasesNs.devices).toBe(scenario.host.deviceStateNs + scenario.host.postcopyRamNs);
    const seconds = (metrics.ramLeftBytes * PAGE_WIRE_BYTES) / PAGE_BYTES / 125e6;
    expect(metrics.ramLeftBytes).toBeGreaterThan(100e6);
    // A few of these pages are zero.
    expect(metrics.ramFollowsNs / 1e9 / seconds).toBeGreaterThan(0.95);
    expect(metrics.ramFollowsNs / 1e9 / seconds).toBeLessThanOrEqual(1);
    // All but what is below the threshold was sent once before.
    expect(metrics.migrationNs - metrics.downtimeNs).toBeGreaterThan(0.95 * (2 ** 30 / 125e6) * 1e9);
  });

  it('takes bitmaps of the stream along: they are not in the stop, keep nothing from it, and come after RAM', async () => {
    const { scenario } = await busy({ 'migration.postcopy-ram': 'on', 'disk.size': '16T' });
    const { state, metrics } = migrate(scenario, stream, draws);
    expect(state).toBe('completed');
    expect(metrics.phasesNs.stream).toBe(0);
    expect(metrics.bitmapReadyNs!).toBeGreaterThan(metrics.ramFollowsNs);
    // What is stored is in the image whatever RAM does.
    expect(migrate(scenario, store, draws).metrics.bitmapReadyNs).toBe(0);
  });

  it('begins when management says so, and not at all where RAM is ready before', async () => {
    const early = await busy({ 'migration.postcopy-ram': 'on', 'migration.postcopy-after': '3s' });
    const { metrics } = migrate(early.scenario, store, draws);
    expect((metrics.migrationNs - metrics.downtimeNs) / 1e9).toBeCloseTo(3, 0);
    const idle = await calm({ 'disk.size': '1T', 'migration.postcopy-ram': 'on' });
    expect(migrate(idle.scenario, store, draws).metrics.ramFollowsNs).toBe(0);
  });
});

describe('multifd', () => {
  it('divides what pages cost the processor, where that is what bounds RAM', async () => {
    const at = async (channels: number): Promise<number> => {
      const { scenario } = await busy({
        link: 'unlimited',
        'ram.size': '8G',
        'ram.used': '8G',
        'ram.dirty-rate': '0B/s',
        'host.ram-page': '2us',
        'migration.multifd-channels': channels,
      });
      return migrate(scenario, { name: 'none' }, draws).metrics.migrationNs;
    };
    // A window lasts a tenth of a second.
    expect((await at(1)) / 1e9).toBeCloseTo((2 ** 21 * 2) / 1e6, 0);
    expect((await at(4)) / 1e9).toBeCloseTo((2 ** 21 * 2) / 4 / 1e6, 0);
    expect(await at(1)).toBeGreaterThan(3.5 * (await at(4)));
  });
});

describe('auto-converge', () => {
  it('holds the guest back after two periods of a second, by 20 %, then by 10 % more each time', () => {
    const whole = { sizeBytes: 2e9, usedBytes: 1e9, workingSetBytes: 5e8, dirtyBytesPerS: 1e8 };
    const held = new ThrottledRam(whole, true);
    const rates = Array.from({ length: 7 }, (_, i) => {
      held.note(1.1e9, 60, 100 * (i + 1));
      return held.ram.dirtyBytesPerS / 1e8;
    });
    expect(rates.map((rate) => Number(rate.toFixed(2)))).toEqual([1, 0.8, 0.8, 0.7, 0.7, 0.6, 0.6]);
    const calmGuest = new ThrottledRam(whole, true);
    for (let i = 1; i < 9; i++) calmGuest.note(1.1e9, 40, 100 * i);
    expect(calmGuest.ram).toEqual(whole);
    expect(calmGuest.slowdown).toBe(1);
  });

  it('stops a guest that is never stopped otherwise, which pays with its own speed', async () => {
    const { scenario } = await busy({ 'migration.auto-converge': 'on' });
    const { state, metrics } = migrate(scenario, { name: 'none' }, draws);
    expect(state).toBe('completed');
    expect(metrics.guestSlowdown).toBeGreaterThan(1.2);
  });
});
