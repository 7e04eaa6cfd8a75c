/** Ramps are those of the programs they are named after, and the limit they come to is a result. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve } from '../../../src/input/resolve.js';
import { rampLevels } from '../../../src/sim/migration/ramp.js';
import type { LevelledRamp } from '../../../src/sim/parameters/ramp.js';
import { type RunResult, runReplication } from '../../../src/study/run.js';

const levelled = (of: Partial<LevelledRamp>): LevelledRamp => ({
  law: 'timed',
  shape: 'linear',
  fromNs: null,
  levels: 2,
  waitNs: 1e9,
  iterations: 0,
  pollNs: 1e9,
  ...of,
});

const inMs = (ramp: LevelledRamp, lastMs: number): number[] =>
  rampLevels(ramp, lastMs * 1e6).map((ns) => ns / 1e6);

describe('the levels of a ramp', () => {
  it('are those that Nova gives as its example', () => {
    const nova = levelled({ fromNs: 40e6, levels: 11 });
    expect(inMs(nova, 400)).toEqual([40, 76, 112, 148, 184, 220, 256, 292, 328, 364, 400]);
  });
  it('are those of the table of KubeVirt', () =>
    expect(inMs(levelled({ fromNs: 150e6, levels: 7 }), 1050)).toEqual([150, 300, 450, 600, 750, 900, 1050]));
  it('are those that vdsm works out: int(100 + 400 ** (i / 4))', () =>
    expect(inMs(levelled({ shape: 'exponential', levels: 5 }), 500)).toEqual([101, 104, 120, 189, 500]));
  it('never exceed the last', () =>
    expect(inMs(levelled({ fromNs: 150e6, levels: 3 }), 100)).toEqual([100, 100, 100]));
});

const known: Overrides = { qemu: '8.2', 'migration.switchover-bandwidth': '10MB/s' };

async function streamed(overrides: Overrides): Promise<RunResult> {
  const { scenario, strategies } = await resolve(
    {},
    {
      workload: 'idle',
      'bitmaps.dirty': '0%',
      strategies: 'dont-store/stream',
      'ram.size': '64M',
      ...known,
      ...overrides,
    },
  );
  return runReplication(scenario, strategies, 1, 0)[0]!;
}

/** A stream of so many bits stops at the first level at which they are below 10 MB/s times the limit. */
const bits = (disk: string, limitMs: number): Overrides => ({
  'disk.size': disk,
  'migration.downtime-limit': `${limitMs}ms`,
});
const finalMs = ({ metrics }: RunResult): number => metrics.finalLimitNs / 1e6;

describe('a ramp beside a migration', () => {
  it('by the clock: each level for its time, whatever happens', async () => {
    const timed: Overrides = {
      'ramp.law': 'timed',
      'ramp.from': '50ms',
      'ramp.levels': 10,
      'ramp.wait': '20s',
    };
    const run = await streamed({ ...bits('171G', 500), ...timed });
    // 2,801,664 bits are below 10 MB/s x 300 ms, not x 250 ms.
    expect([run.state, finalMs(run)]).toEqual(['completed', 300]);
    expect(run.metrics.migrationNs / 1e9).toBeGreaterThan(100);
    expect(run.metrics.migrationNs / 1e9).toBeLessThan(101);
  });

  it('goes on while levels are left, longer than a migration waits without one', async () => {
    const timed: Overrides = {
      'ramp.law': 'timed',
      'ramp.from': '50ms',
      'ramp.levels': 10,
      'ramp.wait': '100s',
    };
    expect((await streamed({ ...bits('171G', 500), ...timed })).state).toBe('completed');
    const all = await streamed({ ...bits('400G', 500), ...timed });
    expect([all.state, finalMs(all)]).toEqual(['not-converged', 500]);
  });

  it('after iterations: up to 8.2 an idle wait is full of them, since 9.0 it has none', async () => {
    const iterated: Overrides = {
      'ramp.law': 'iterated',
      'ramp.from': '150ms',
      'ramp.levels': 7,
      'ramp.wait': '10s',
      'ramp.iterations': 3,
      'ramp.poll': '400ms',
    };
    const old = await streamed({ ...bits('600G', 1050), ...iterated });
    expect([old.state, finalMs(old)]).toEqual(['completed', 1050]);
    // Pending above the threshold is never looked at again, so no reading of the dirty log is counted.
    const later = await streamed({ ...bits('600G', 1050), ...iterated, qemu: '9.2' });
    expect([later.state, finalMs(later)]).toEqual(['not-converged', 150]);
  });

  it('once the RAM left has risen: never, with a guest at rest', async () => {
    const risen: Overrides = {
      'ramp.law': 'risen',
      'ramp.shape': 'exponential',
      'ramp.levels': 5,
      'ramp.wait': '5s',
      'ramp.poll': '10s',
    };
    const run = await streamed({ ...bits('171G', 500), ...risen });
    expect([run.state, finalMs(run)]).toEqual(['not-converged', 101]);
  });

  it('doubles when stuck, until it fits', async () => {
    const stuck: Overrides = {
      'ramp.law': 'stuck',
      'ramp.polls': 5,
      'ramp.poll': '1s',
      'ramp.poll-soon': '100ms',
    };
    const run = await streamed({ ...bits('256G', 100), ...stuck });
    // 4,194,304 bits: 10 MB/s x 800 ms is the first above.
    expect([run.state, finalMs(run)]).toEqual(['completed', 800]);
    expect((await streamed(bits('256G', 100))).state).toBe('not-converged');
  });

  it('ends where the migration does', async () => {
    const timed: Overrides = {
      'ramp.law': 'timed',
      'ramp.from': '50ms',
      'ramp.levels': 11,
      'ramp.wait-per-gib': '75s',
    };
    const run = await streamed({ ...bits('1G', 500), ...timed });
    expect([run.state, finalMs(run)]).toEqual(['completed', 50]);
    expect(run.metrics.migrationNs / 1e9).toBeLessThan(5);
  });
});

describe('what the operator says of the link', () => {
  it('takes the place of the rate just measured', async () => {
    const run = await streamed({
      ...bits('1T', 300),
      qemu: '9.2',
      'migration.switchover-bandwidth': '1GB/s',
    });
    expect(run.state).toBe('completed');
    expect(
      (await streamed({ ...bits('1T', 300), qemu: '9.2', 'migration.switchover-bandwidth': undefined }))
        .state,
    ).toBe('not-converged');
  });
  it('is refused by a QEMU that does not know it', () =>
    expect(streamed({ 'disk.size': '1T', qemu: '7.2' })).rejects.toThrow(/8\.2 and later/));
});

describe('a live update', () => {
  it('leaves RAM where it is: the stop is that of the bitmaps', async () => {
    const overrides: Overrides = {
      'disk.size': '1T',
      strategies: 'store-at-stop',
      workload: 'oltp',
      storage: 'ideal-1ms',
    };
    const { scenario, strategies } = await resolve({}, { ...overrides, 'migration.keep-ram': 'on' });
    expect(runReplication(scenario, strategies, 1, 0)[0]!.metrics.phasesNs.ram).toBe(0);
  });
});
