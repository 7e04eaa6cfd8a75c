/**
 * The model against the small simulation beside this file, which shares no line with it: guest and flusher on one device,
 * alike bitmaps, and the rule that waits for the stop to be short. Seeds are fixed. Means must agree within four standard
 * errors of their difference (one false alarm in 16,000 comparisons, were seeds drawn anew), and these must be small
 * enough to notice a model that is wrong.
 */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve } from '../../../src/input/resolve.js';
import type { Metrics } from '../../../src/sim/machine/metrics.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { chance } from './loop.js';
import { drawer, type Seen, simulate, type World } from './world.js';

const CHUNK_BYTES = 65_536;
const ERRORS = 4;

interface Estimate {
  readonly mean: number;
  readonly error: number;
}

function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

function expectAgree(model: Estimate, own: Estimate, errorMax: number): void {
  const error = Math.hypot(model.error, own.error);
  expect(error / own.mean).toBeLessThan(errorMax);
  expect(Math.abs(model.mean - own.mean)).toBeLessThan(ERRORS * error);
}

/** One mean over another, drawn apart. */
function ratio(a: Estimate, b: Estimate): Estimate {
  const mean = a.mean / b.mean;
  return { mean, error: mean * Math.hypot(a.error / a.mean, b.error / b.mean) };
}

/** Pre-flush of a bitmap with half its bits set under writes anywhere on the disk. */
async function modelled(overrides: Overrides, replications: number): Promise<Metrics[]> {
  const { scenario, strategies } = await resolve(
    {},
    {
      workload: 'idle',
      host: 'zero',
      strategies: 'pre-flush',
      'bitmaps.dirty': '50%',
      'workload.pattern': 'uniform',
      'workload.footprint': '100%',
      'pre-flush.pending': 'off',
      ...overrides,
    },
  );
  return Array.from(
    { length: replications },
    (_, replication) => migrate(scenario, strategies[0]!, { seed: 11, replication }).metrics,
  );
}

const runningS = ({ migrationNs, downtimeNs }: Metrics): number => (migrationNs - downtimeNs) / 1e9;

/** As many seconds of RAM at 100 MB/s: the guest is halted at their end, whatever is stale. */
const lasting = (seconds: number): Overrides => ({
  'migration.max-bandwidth': '100MB/s',
  'ram.size': String(seconds * 100e6),
  'ram.used': String(seconds * 100e6),
});

const own = (world: World, runs: number): Seen[] =>
  Array.from({ length: runs }, (_, i) => simulate(world, i + 1));

const HDD = { channels: 1, latencyS: { p50: 0.0124, p99: 0.025 }, bytesPerS: 200e6 };
const SMALL = 4096;
const MIB = 2 ** 20;

const guestS = (seen: readonly Seen[]): Estimate => estimate(seen.map((each) => each.guestS));

describe('the slowdown of the guest', () => {
  it.each([
    {
      what: 'load .3, a write in flight for good',
      channels: 1,
      perS: 23,
      chunks: 2048,
      touching: 0.5,
      slow: 2,
    },
    { what: 'load .6, for a part of the time', channels: 1, perS: 46, chunks: 256, touching: 0.5, slow: 1.8 },
    {
      what: 'load .8, for a part of the time',
      channels: 1,
      perS: 61.6,
      chunks: 32,
      touching: 0.2,
      slow: 1.8,
    },
    { what: 'four channels, for good', channels: 4, perS: 184, chunks: 2048, touching: 0.5, slow: 1.25 },
  ])('is 1 + b/k: $what', async ({ channels, perS, chunks, touching, slow }) => {
    const metrics = await modelled(
      {
        ...lasting(30),
        storage: 'hdd-7200',
        'storage.channels': channels,
        'disk.size': `${chunks / 32}T`,
        'bitmaps.dirty': `${100 * (1 - touching)}%`,
        'workload.write-iops': String(perS),
      },
      2,
    );
    const world = {
      ...HDD,
      channels,
      guest: { perS, bytes: SMALL },
      chunks,
      touching,
      bitsSet: 'ended',
      chunkBytes: CHUNK_BYTES,
      halts: runningS(metrics[0]!),
    } as const;
    const seen = ratio(guestS(own(world, 60)), guestS(own({ ...world, chunks: 0 }, 60)));
    const model = estimate(metrics.map(({ guestSlowdown }) => guestSlowdown));
    expect(Math.abs(model.mean - slow)).toBeLessThan(0.1);
    expectAgree(model, seen, 0.035);
  });
});

describe('a device with limits', () => {
  /** gp3: 1 ms, 3 ms at worst, 125 MiB/s, 3000 operations/s; ceph-nvme: 0.4 ms, 0.5 ms, and 100 MB/s here. */
  const GP3 = {
    channels: 64,
    latencyS: { p50: 0.001, p99: 0.003 },
    bytesPerS: 125 * MIB,
    operations: { perS: 3000, burst: 300 },
  };
  const CEPH = { channels: 64, latencyS: { p50: 0.0004, p99: 0.0005 }, bytesPerS: 100e6 };

  it.each([
    { what: 'operations for both', storage: 'aws-gp3', device: GP3, perS: 2000, bytes: SMALL },
    { what: 'few operations left', storage: 'aws-gp3', device: GP3, perS: 2700, bytes: SMALL },
    { what: 'bandwidth', storage: 'ceph-nvme', device: CEPH, perS: 240, bytes: MIB / 4 },
  ])('gives guest and flusher what they get one by one: $what', async ({ storage, device, perS, bytes }) => {
    const metrics = await modelled(
      {
        ...lasting(3),
        storage,
        'disk.size': '64T',
        ...(storage === 'ceph-nvme' && { 'storage.write.bandwidth': '100MB/s' }),
        'workload.write-iops': String(perS),
        'workload.write-size': String(bytes),
      },
      2,
    );
    const halts = runningS(metrics[0]!);
    const guest = { perS, bytes };
    const world = {
      ...device,
      guest,
      chunks: 2048,
      touching: 0.5,
      bitsSet: 'ended',
      chunkBytes: CHUNK_BYTES,
      halts,
    } as const;
    const [busy, alone] = [own(world, 12), own({ ...world, chunks: 0 }, 12)];
    const perSecond = (count: (each: Metrics) => number): Estimate =>
      estimate(metrics.map((each) => count(each) / halts));
    const guestPerS = estimate(busy.map((seen) => seen.guestPerS));
    expectAgree(
      perSecond(({ guestWrites }) => guestWrites),
      guestPerS,
      0.05,
    );
    const flushedPerS = estimate(busy.map((seen) => seen.flushedPerS));
    const flushed = perSecond(({ bytesWrittenRunning }) => bytesWrittenRunning / CHUNK_BYTES);
    const slowdown = estimate(metrics.map((each) => each.guestSlowdown));
    const slower = ratio(guestS(busy), guestS(alone));
    // The model knows mean loads, not who meets whom: a twentieth on top of chance.
    expect(Math.abs(flushed.mean / flushedPerS.mean - 1)).toBeLessThan(
      0.05 + (ERRORS * flushedPerS.error) / flushedPerS.mean,
    );
    expect(Math.abs(slowdown.mean / slower.mean - 1)).toBeLessThan(
      0.05 + (ERRORS * slower.error) / slower.mean,
    );
    expect(slower.error / slower.mean).toBeLessThan(0.07);
  });

  it('admits no more operations than what the note is 95 % of', async () => {
    const { notes } = await resolve(
      {},
      { storage: 'aws-gp3', workload: 'idle', 'workload.write-iops': '16000' },
    );
    const gets = Number(/the guest gets (\d+) writes/.exec(notes.join())![1]);
    const operations = { perS: 3000, burst: 1 };
    const guest = { perS: 4000, bytes: SMALL };
    const nothing = { chunks: 0, touching: 0, bitsSet: 'ended', chunkBytes: CHUNK_BYTES } as const;
    const served = simulate({ ...GP3, ...nothing, operations, guest, halts: 4 }, 1);
    expect(gets / served.guestPerS).toBeCloseTo(0.95, 2);
  });
});

describe('alike bitmaps', () => {
  it.each([
    [16, 60],
    [64, 4],
  ])('%i of them: each has stale chunks, and clusters written, of its own', async (alike, perS) => {
    const metrics = await modelled(
      {
        ...lasting(15),
        storage: 'ceph-nvme',
        'flush-latency': '5ms',
        'disk.size': '1T',
        'bitmaps.count': alike,
        'workload.write-iops': String(perS),
      },
      20,
    );
    const world = {
      channels: 64,
      latencyS: 0.005,
      guest: { perS, bytes: SMALL },
      chunks: 32,
      alike,
      touching: 0.5,
      bitsSet: 'ended',
      chunkBytes: CHUNK_BYTES,
      halts: runningS(metrics[0]!),
    } as const;
    const stale = estimate(own(world, 100).map((seen) => seen.stale));
    expectAgree(estimate(metrics.map(({ staleChunksAtStop }) => staleChunksAtStop)), stale, 0.3);
    expectAgree(estimate(metrics.map(({ clustersWritten }) => clustersWritten)), stale, 0.3);
    // One write in flight is waited for, 5 ms at most, and the flush of the image.
    for (const { phasesNs } of metrics) expect(phasesNs.stop / 1e6).toBeLessThan(5 + 5 + 0.1);
  });
});

describe('pending of pre-flush: 7200 rpm, a limit of 150 ms', () => {
  const LIMIT_S = 0.15;
  const PER_S = 40;
  const MEAN_S = 0.0124 * Math.exp((Math.log(25 / 12.4) / 2.3263) ** 2 / 2);
  /** A chunk that is written beside the guest lasts longer by the guest's share. */
  const IN_FLIGHT_S = (MEAN_S + (CHUNK_BYTES - SMALL) / HDD.bytesPerS) / (1 - PER_S * MEAN_S);
  /**
   * A last pass in a table that is complete: a flush of vm_stop and three of the store; the old directory is read; directory,
   * refcount block, header and refcount block are written.
   */
  const FLUSHES_S = 4 * 0.0124;
  const METADATA = 5;

  it.each(['on', 'p95'] as const)('%s', async (rule) => {
    const metrics = await modelled(
      {
        storage: 'hdd-7200',
        'disk.size': '2T',
        'workload.write-iops': String(PER_S),
        'migration.downtime-limit': '150ms',
        'pre-flush.pending': rule,
      },
      40,
    );
    const latency = drawer(HDD.latencyS, chance(9));
    const stop = (chunks: number): number => {
      let seconds = FLUSHES_S + (chunks * (CHUNK_BYTES - SMALL)) / HDD.bytesPerS;
      for (let i = 0; i < chunks + METADATA; i++) seconds += latency();
      return seconds;
    };
    const known = [0, 1, 2, 3].map((chunks) => {
      const drawn = Array.from({ length: 2000 }, () => stop(chunks)).sort((a, b) => a - b);
      return rule === 'p95' ? drawn[1900]! : estimate(drawn).mean;
    });
    const halting = (bitsSet: World['bitsSet']): number[] => {
      const world = {
        ...HDD,
        guest: { perS: PER_S, bytes: SMALL },
        chunks: 64,
        touching: 0.5,
        bitsSet,
        chunkBytes: CHUNK_BYTES,
        halts: {
          everyS: 0.05,
          when: (stale: number, writing: boolean) =>
            (known[stale] ?? 1) + (writing ? IN_FLIGHT_S : 0) < LIMIT_S,
        },
      };
      return own(world, 200).map(({ inFlightS, stale }) => inFlightS + stop(stale));
    };
    const model = metrics.map(({ sourceDowntimeNs }) => sourceDowntimeNs / 1e9);
    const seen = halting('asked').sort((a, b) => a - b);
    expectAgree(estimate(model), estimate(seen), 0.03);
    const over = (stops: readonly number[], seconds: number): number =>
      stops.filter((stop) => stop > seconds).length / stops.length;
    const chanceOf = (share: number, stops: number): number =>
      share + ERRORS * Math.sqrt((share * (1 - share)) / stops);
    expect(over(model, seen[0.95 * seen.length]!)).toBeLessThan(chanceOf(0.05, model.length));
    // With bits as late as QEMU sets them the stop is 4 % longer, and what the rule promises still holds.
    const late = halting('ended');
    expect(estimate(late).mean).toBeLessThan(1.06 * estimate(seen).mean);
    expect(estimate(late).mean).toBeLessThan(LIMIT_S);
    if (rule === 'p95') expect(over(late, LIMIT_S)).toBeLessThan(chanceOf(0.05, late.length));
  });
});
