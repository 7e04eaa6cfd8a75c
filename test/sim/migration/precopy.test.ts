import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../src/kernel/kernel.js';
import type { Process } from '../../../src/kernel/process.js';
import { type Pending, type Precopy, precopy } from '../../../src/sim/migration/precopy.js';
import { dirtiedBytes } from '../../../src/sim/migration/ram-wire.js';
import { qemuSpec } from '../../../src/sim/qemu/releases.js';
import { calm } from '../../support/situation.js';

const { scenario } = await calm();
const GIB = 2 ** 30;
const RAISED_ONCE = {
  law: 'timed',
  shape: 'linear',
  levels: 2,
  waitNs: 1e9,
  iterations: 0,
  pollNs: 0,
} as const;

function run(
  change: {
    ram?: Partial<typeof scenario.ram>;
    limitNs?: number;
    maxBytesPerS?: number;
    speed?: number;
    qemu?: string;
    host?: typeof scenario.host;
    /** The limit of the first second. */
    firstLimitNs?: number;
  },
  pending: Pending = () => 0,
): { outcome: Precopy; endNs: number } {
  const kernel = new Kernel();
  let outcome: Precopy | undefined;
  const { firstLimitNs: fromNs } = change;
  const input = {
    kernel,
    ram: { sizeBytes: GIB, usedBytes: GIB, workingSetBytes: 0, dirtyBytesPerS: 0, ...change.ram },
    link: scenario.link,
    host: change.host ?? { ...scenario.host, perPageNs: 0, perZeroPageNs: 0 },
    migration: {
      ...scenario.migration,
      downtimeLimitNs: change.limitNs ?? 300e6,
      maxBytesPerS: change.maxBytesPerS ?? 128 * 2 ** 20,
      timeoutNs: 5e9,
      ramp: fromNs === undefined ? null : { ...RAISED_ONCE, fromNs },
    },
    qemu: qemuSpec(change.qemu ?? '7.2'),
    speed: change.speed ?? 1,
  };
  function* body(): Process {
    outcome = yield* precopy(input, pending);
  }
  kernel.spawn('precopy', body());
  kernel.run({ untilNs: 1e15, eventsMax: 1e6 });
  return { outcome: outcome!, endNs: kernel.nowNs };
}

describe('RAM pre-copy', () => {
  it('stops when what is left fits bandwidth x limit, within one window of that', () => {
    const { outcome, endNs } = run({});
    const threshold = 128 * 2 ** 20 * 0.3;
    expect(outcome.state).toBe('ready');
    expect(outcome.ramLeftBytes).toBeLessThan(threshold);
    expect(outcome.ramLeftBytes).toBeGreaterThan(threshold - 128 * 2 ** 20 * 0.1 * 1.01);
    const sent = ((GIB - outcome.ramLeftBytes) * (4104 / 4096)) / (128 * 2 ** 20);
    // Every window that was slept through ended half a millisecond late.
    expect(endNs / 1e9).toBeCloseTo(sent + Math.floor(10 * sent) * 0.0005, 2);
  });

  it('sends a zero page as nine bytes', () => {
    const used = run({ ram: { usedBytes: GIB } });
    const zero = run({ ram: { usedBytes: 0 } });
    expect(zero.endNs).toBeLessThan(used.endNs / 50);
  });

  it('sends no more in a window than max-bandwidth allows, and lets the guest write while it sleeps', () => {
    // 32 MiB/s of a link 35 times as fast: what is dirtied in the whole window is what the next look finds.
    const ram = { sizeBytes: GIB, usedBytes: GIB, workingSetBytes: GIB / 4, dirtyBytesPerS: 20e6 };
    const slow = run({ ram, maxBytesPerS: 32 * 2 ** 20, limitNs: 300e6 });
    const again = dirtiedBytes(ram, 100e6);
    expect(slow.outcome.state).toBe('ready');
    expect(slow.outcome.ramLeftBytes).toBeLessThan(0.3 * 32 * 2 ** 20);
    expect(slow.outcome.ramLeftBytes).toBeGreaterThan(again);
    // 1 GiB takes 32 s at that rate, and a second pass of what was dirtied follows.
    expect(slow.endNs / 1e9).toBeGreaterThan(32);
  });

  it('at another speed has another amount left, never more than fits', () => {
    const left = [0.97, 0.98, 0.99, 1, 1.01].map((speed) => {
      const { outcome } = run({ speed, ram: { workingSetBytes: GIB / 8, dirtyBytesPerS: 20e6 } });
      expect(outcome.ramLeftBytes).toBeLessThan(speed * 128 * 2 ** 20 * 0.3 * 1.001);
      return outcome.ramLeftBytes;
    });
    expect(new Set(left.map(Math.round)).size).toBeGreaterThan(3);
  });

  it('goes on while the guest dirties faster than the link takes it, and says so', () => {
    const ram = { workingSetBytes: GIB / 2, dirtyBytesPerS: 500e6 };
    const { outcome } = run({ ram });
    expect(outcome).toMatchObject({ state: 'not-converged' });
    expect(outcome.reason).toMatch(/faster than/);
    expect(run({ ram, maxBytesPerS: 1e12 }).outcome.state).toBe('ready');
  });

  it('waits for what others report as pending, and gives up after the timeout', () => {
    const stuck = run({}, () => 1e12);
    expect(stuck.outcome).toMatchObject({ state: 'not-converged' });
    expect(stuck.outcome.reason).toMatch(/pending stays at/);
    let left = 40;
    const falling = run({}, () => (left-- > 0 ? 1e12 : 0));
    expect(falling.outcome.state).toBe('ready');
  });

  it('sends zero pages in the stop as it does before: nine bytes and little work each', () => {
    const host = { ...scenario.host, perPageNs: 1000, perZeroPageNs: 500 };
    const sizeBytes = 16 * GIB;
    // The limit is so long that next to all RAM is left to the stop.
    const zero = run({ ram: { sizeBytes, usedBytes: 0 }, limitNs: 2000e9, host }).outcome;
    expect(zero.ramLeftBytes).toBeGreaterThan(0.9 * sizeBytes);
    expect(zero.ramStopNs / ((zero.ramLeftBytes / 4096) * 500)).toBeCloseTo(1, 6);
    const half = run({ ram: { sizeBytes, usedBytes: sizeBytes / 2 }, limitNs: 2000e9, host }).outcome;
    const pageNs = ((4104 + 9) / 2 / scenario.link.bytesPerS) * 1e9;
    expect(half.ramStopNs / ((half.ramLeftBytes / 4096) * pageNs)).toBeCloseTo(1, 6);
  });

  it('never has more left than there is: what was not sent yet is not dirtied twice', () => {
    const ram = { sizeBytes: GIB, usedBytes: GIB / 2, workingSetBytes: GIB / 2, dirtyBytesPerS: 10e9 };
    const { outcome } = run({ ram, limitNs: 2000e9 });
    expect(outcome.ramLeftBytes).toBeGreaterThan(0.9 * GIB);
    expect(outcome.ramLeftBytes).toBeLessThanOrEqual(GIB);
  });

  it('stops with nothing pending, whatever the limit; what was dirtied since the last look is sent in the stop', () => {
    const idle = run({ limitNs: 0 });
    expect(idle.outcome).toMatchObject({ state: 'ready', ramLeftBytes: 0 });
    // Each window sends its bytes as fast as the link takes them and sleeps; the last does not sleep.
    const windowBytes = 12.8 * 2 ** 20;
    const windows = Math.floor((GIB * (4104 / 4096)) / windowBytes);
    const lastBytes = GIB * (4104 / 4096) - windows * windowBytes;
    expect(idle.endNs / 1e9).toBeCloseTo(windows * 0.1005 + lastBytes / scenario.link.bytesPerS, 5);
    // Nothing is below a limit of 0, so the dirty log is not read before the stop.
    const ram = { workingSetBytes: GIB / 4, dirtyBytesPerS: 10e6 };
    const busy = run({ limitNs: 0, ram });
    expect(busy.outcome.state).toBe('ready');
    expect(busy.outcome.ramLeftBytes).toBeCloseTo(dirtiedBytes({ ...scenario.ram, ...ram }, busy.endNs), 0);
    const waits = run({ limitNs: 0 }, () => 1);
    expect(waits.outcome.state).toBe('not-converged');
  });

  it('counts pending equal to the threshold as little enough since 10.1 only', () => {
    const equal: Pending = (threshold) => threshold;
    expect(run({ qemu: '10.0' }, equal).outcome.state).toBe('not-converged');
    expect(run({ qemu: '10.1' }, equal).outcome.state).toBe('ready');
  });

  it('measures the bandwidth of an idle source, not of its link, unless the link is known', () => {
    const pending = (): number => 16_777_216; // the bits of 1 TiB at 64 KiB
    const idle = { ram: { usedBytes: 2e6, sizeBytes: 32 * 2 ** 20 } };
    expect(run(idle, pending).outcome.state).toBe('not-converged');
    expect(run({ ...idle, qemu: 'fixed' }, pending).outcome.state).toBe('ready');
  });

  // Real QEMU, 4 TiB at 64 KiB and an idle guest, whose limit was raised while it waited: to 2 s, 5 s, and up to 50 s on 7.2.
  it.each([
    ['7.2', 50e9, 'not-converged'],
    ['8.2', 50e9, 'not-converged'],
    ['9.2', 2e9, 'not-converged'],
    ['9.2', 5e9, 'ready'],
    ['10.2', 2e9, 'not-converged'],
    ['10.2', 5e9, 'ready'],
  ] as const)('QEMU %s that only waits, a limit of %d ns: %s', (qemu, limitNs, state) => {
    // So little RAM that no window is filled with it.
    const ram = { usedBytes: 4096, sizeBytes: 4096 };
    const raised = { ram, qemu, limitNs, firstLimitNs: 300e6 };
    expect(run(raised, () => 67_108_864).outcome.state).toBe(state);
  });

  // The first window has no threshold, so that no log is read in it and the marks of an idle source fill it.
  it('lets a small guest at rest pass in its second window what it never passes later, up to 8.2', () => {
    const pending = (): number => 4_194_304; // the bits of 256 GiB at 64 KiB
    const small = { ram: { usedBytes: 2e5, sizeBytes: 32 * 2 ** 20 } };
    const soon = run({ ...small, limitNs: 300e6 }, pending);
    expect(soon.outcome.state).toBe('ready');
    expect(soon.endNs).toBeLessThan(200e6);
    const late = { ...small, limitNs: 1050e6, firstLimitNs: 150e6 };
    expect(run(late, pending).outcome.state).toBe('not-converged');
    expect(run({ ...late, qemu: '9.0' }, pending).outcome.state).toBe('ready');
  });

  it('never takes for rest what dirties more than the link can send, up to 8.2', () => {
    const ram = { sizeBytes: GIB, usedBytes: GIB, workingSetBytes: GIB / 16, dirtyBytesPerS: 4e9 };
    expect(run({ ram, limitNs: 100e6 }).outcome.state).toBe('not-converged');
  });

  it.each([
    ['8 MB/s', 8e6],
    ['80 MB/s', 80e6],
  ])(
    'measures while it waits what the guest dirties, %s, and hardly any of that is left',
    (_, dirtyBytesPerS) => {
      const ram = { sizeBytes: GIB / 64, usedBytes: GIB / 64, workingSetBytes: GIB / 64, dirtyBytesPerS };
      // Too low a limit for the windows in which RAM is sent once.
      const late = { ram, limitNs: 500e6, firstLimitNs: 1e6, maxBytesPerS: Number.POSITIVE_INFINITY };
      const converges = (pending: number): boolean => run(late, () => pending).outcome.state === 'ready';
      const sentBytes = (dirtyBytesPerS * (4104 / 4096) + 18 / 66e-6) * 0.5;
      expect(converges(0.97 * sentBytes)).toBe(true);
      expect(converges(1.03 * sentBytes)).toBe(false);
    },
  );

  it('finds what RAM was dirtied while it waited only at the end, since 9.0', () => {
    const ram = { workingSetBytes: GIB / 4, dirtyBytesPerS: 2e6 };
    let lookedAt = 0;
    // Holds the migration back for a while, then not at all.
    const waits: Pending = () => (++lookedAt < 60 ? 1e12 : 0);
    const old = run({ ram, qemu: '8.2' }, waits).outcome;
    lookedAt = 0;
    const next = run({ ram, qemu: '9.0' }, waits).outcome;
    expect([old.state, next.state]).toEqual(['ready', 'ready']);
    expect(next.ramLeftBytes).toBeGreaterThan(2 * old.ramLeftBytes);
  });

  it('dirties distinct pages ever more slowly, up to the working set', () => {
    const ram = { sizeBytes: GIB, usedBytes: GIB, workingSetBytes: 1e6, dirtyBytesPerS: 1e6 };
    expect(dirtiedBytes(ram, 1e6)).toBeCloseTo(1e3, -1);
    expect(dirtiedBytes(ram, 100e9)).toBeCloseTo(1e6, 3);
  });
});
