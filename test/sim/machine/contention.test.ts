/** Guest and background on one device, against a simulation of its own and against known queues. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import { Kernel } from '../../../src/kernel/kernel.js';
import { namedStream } from '../../../src/kernel/rng.js';
import { SharedDevice } from '../../../src/sim/machine/contention.js';
import type { Metrics } from '../../../src/sim/machine/metrics.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import type { Scenario } from '../../../src/sim/scenario.js';
import { NO_SPELLS, Spells } from '../../../src/sim/storage/spells.js';
import { calm } from '../../support/situation.js';
import { simulateDevice } from './device.js';

const deviceOf = (kernel: Kernel, scenario: Scenario): SharedDevice =>
  new SharedDevice(kernel, scenario, scenario.storage, new Spells(NO_SPELLS, namedStream(1, 0, 'spells')));

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

/** 1 ms and 100 MB/s for writes of the guest and for clusters, one after another, of a background that never rests. */
async function shared(
  seconds: number,
  overrides: Overrides,
): Promise<{ requests: number; slowdown: number }> {
  const { scenario } = await calm({
    'storage.includes-host': 'on',
    'storage.write.at': '4k',
    'workload.pattern': 'uniform',
    'workload.footprint': '100%',
    ...overrides,
  });
  const kernel = new Kernel();
  const device = deviceOf(kernel, scenario);
  const bytesNs = (65_536 / scenario.storage.ops.write.bytesPerS) * 1e9;
  const deviceNs = 1e6 + (61_440 / scenario.storage.ops.write.bytesPerS) * 1e9;
  let requests = -1;
  const next = (): void => {
    requests++;
    device.serve({ requests: 1, deviceNs, transferNs: bytesNs, hostNs: 0, writes: true }, next);
  };
  next();
  kernel.run({ untilNs: seconds * 1e9, eventsMax: 1e7 });
  return { requests, slowdown: device.guestSlowdown(kernel.nowNs) };
}

describe('guest and background share', () => {
  const bytesPerS = 100e6;
  const cases = [
    { what: 'bandwidth', channels: 32, iops: 300, size: 262_144 },
    { what: 'bandwidth, small writes beside them', channels: 8, iops: 5000, size: 8192 },
    { what: 'one channel with its bandwidth', channels: 1, iops: 200, size: 131_072 },
    { what: 'operations', channels: 32, iops: 800, size: 4096, opsPerS: 1000 },
    { what: 'operations, hardly any left', channels: 32, iops: 930, size: 4096, opsPerS: 1000 },
  ];
  it.each(cases)('$what as a simulation of its own says', async ({ channels, iops, size, opsPerS }) => {
    const seconds = Math.ceil(40_000 / (iops + 700));
    const seen = await shared(seconds, {
      'storage.write.bandwidth': '100MB/s',
      'storage.channels': channels,
      'workload.write-iops': String(iops),
      'workload.write-size': String(size),
      ...(opsPerS && { 'storage.iops-limit': opsPerS, 'storage.iops-burst': 1 }),
    });
    const device = {
      channels,
      ...(opsPerS && { opsPerS }),
      guestPerS: iops,
      guestS: 0.001 + (size - 4096) / bytesPerS,
      guestBytesS: size / bytesPerS,
      backgroundS: 0.001 + 61_440 / bytesPerS,
      backgroundBytesS: 65_536 / bytesPerS,
      seconds,
    };
    const runs = [1, 2, 3].map((seed) => {
      const busy = simulateDevice({ ...device, requests: Number.POSITIVE_INFINITY }, seed);
      const alone = simulateDevice({ ...device, requests: 0 }, seed);
      return { requests: busy.requests, slowdown: busy.guestS / alone.guestS };
    });
    const mean = (pick: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
    // The model knows the means of the loads only, not who meets whom on a channel: within a tenth, and a twentieth.
    expect(Math.abs(seen.requests / mean((run) => run.requests) - 1)).toBeLessThan(0.1);
    expect(Math.abs(seen.slowdown / mean((run) => run.slowdown) - 1)).toBeLessThan(0.05);
  });
});

const GUEST = { 'workload.pattern': 'uniform', 'workload.footprint': '100%', 'disk.size': '1T' };

describe('a guest that asks for more than the device has', () => {
  it('gets 95 % of it, of whatever is scarce, and a note says what it does not get', async () => {
    for (const [overrides, perS, note] of [
      [{ storage: 'ceph-nvme', 'workload.write-size': '4M', 'workload.write-iops': '900' }, 226, /MiB\/s/],
      [{ storage: 'aws-gp3', 'workload.write-iops': '16000' }, 2850, /3000 operations/],
      [{ 'workload.write-iops': '2000' }, 950, /1 write\(s\) at a time/],
    ] as const) {
      const { scenario, strategies, notes } = await calm({ ...GUEST, strategies: 'pre-flush', ...overrides });
      expect(notes.join()).toMatch(note);
      expect(notes.join()).toMatch(new RegExp(`the guest gets ${perS} writes/s`));
      const { metrics } = migrate(scenario, strategies[0]!, { seed: 1, replication: 0 });
      const seconds = (metrics.migrationNs - metrics.downtimeNs) / 1e9;
      expect(metrics.guestWrites / (perS * seconds)).toBeCloseTo(1, 1);
    }
    expect((await calm({ ...GUEST, 'workload.write-iops': '900' })).notes).toEqual([]);
  });

  it('leaves few operations to the flusher of a cloud volume, and those it took are missing in the stop', async () => {
    const flushed = async (iops: string): Promise<Metrics> =>
      preFlushed({ ...GUEST, 'disk.size': '64T', storage: 'aws-gp3', 'workload.write-iops': iops });
    const chunksPerS = ({ bytesWrittenRunning, migrationNs, downtimeNs }: Metrics): number =>
      bytesWrittenRunning / 65_536 / ((migrationNs - downtimeNs) / 1e9);
    const [idle, some, full] = [await flushed('100'), await flushed('2500'), await flushed('3000')];
    expect(chunksPerS(some)).toBeLessThan(chunksPerS(idle));
    // The burst, and 150 operations a second that the guest leaves.
    const seconds = (full.migrationNs - full.downtimeNs) / 1e9;
    expect(chunksPerS(full) * seconds).toBeLessThan(302 + 150 * seconds);
    expect(full.guestSlowdown).toBeGreaterThan(idle.guestSlowdown);
    // 2048 reads of the load at 3000 a second, less at most the burst of 300.
    expect(full.phasesNs.load / 1e9).toBeGreaterThan((2048 - 300) / 3000);
  });
});

describe('requests that are cut short', () => {
  const work = { requests: 10, deviceNs: 10e6, transferNs: 0, hostNs: 0, writes: true };

  it('end with the part that is under way, and say how many are made', async () => {
    const { scenario } = await calm();
    for (const [cutNs, kept] of [
      [3.5e6, 4],
      [0.2e6, 1],
      [9.9e6, 10],
    ] as const) {
      const kernel = new Kernel();
      const device = deviceOf(kernel, scenario);
      const ended: number[] = [];
      const job = device.serve(work, () => ended.push(kernel.nowNs));
      kernel.schedule(cutNs, () => expect(job.cut(10)).toBe(kept));
      kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e3 });
      expect(ended).toEqual([kept * 1e6]);
    }
  });

  it("count QEMU's own time, which comes before the device's", async () => {
    const { scenario } = await calm();
    const kernel = new Kernel();
    const device = deviceOf(kernel, scenario);
    const ended: number[] = [];
    // 20 ms in ten parts of 2 ms: after 5 ms, in QEMU still, the third is under way.
    const job = device.serve({ ...work, hostNs: 10e6 }, () => ended.push(kernel.nowNs));
    kernel.schedule(5e6, () => expect(job.cut(10)).toBe(3));
    kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e3 });
    expect(ended).toEqual([6e6]);
  });
});
