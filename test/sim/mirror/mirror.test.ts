/** Disks that are copied along: how fast they are copied, what the guest makes of it, and what is left to the stop. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import { namedStream, type Rng } from '../../../src/kernel/rng.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { mirrorsOf } from '../../../src/sim/migration/mirrors.js';
import { burstNs, copyNs, copyPace } from '../../../src/sim/mirror/copy.js';
import { dirtiedOn } from '../../../src/sim/mirror/dirtied.js';
import type { GuestSpec, Scenario } from '../../../src/sim/scenario.js';
import { calm } from '../../support/situation.js';

const MS = 1e6;
const CHUNK_BYTES = 65_536;
const draws = { seed: 1, replication: 0 };
const stream = { name: 'dont-store', variant: 'stream' } as const;

/** 1 ms a request at both ends, as many as come at once, and nothing else that takes time. */
const mirrored = (overrides: Overrides = {}) =>
  calm({
    'mirror.copy-mode': 'background',
    'disk.size': '64G',
    'storage.channels': 64,
    link: 'unlimited',
    'link.round-trip': '0s',
    'host.mirror-request': '0s',
    'host.mirror-hop': '0s',
    ...overrides,
  });

const guest = (change: Partial<GuestSpec>): GuestSpec =>
  ({
    kind: 'synthetic',
    name: 'test',
    writesPerS: 1000,
    arrivals: { kind: 'poisson' },
    parts: [
      {
        weight: 1,
        pattern: { kind: 'uniform' },
        sizes: [{ bytes: 4096, weight: 1 }],
        offsetShare: 0,
        footprintBytes: 1000 * CHUNK_BYTES,
      },
    ],
    ...change,
  }) as GuestSpec;

const chunksIn = (seconds: number, change: Partial<GuestSpec> = {}): number =>
  dirtiedOn({ guest: guest(change), disks: 1, index: 0, sizeBytes: 2 ** 30 }, CHUNK_BYTES)(seconds * 1e9);

describe('chunks that the guest dirties', () => {
  it('are those of the coupon collector under uniform writes', () => {
    expect(chunksIn(1)).toBeCloseTo(1000 * (1 - Math.exp(-1)), 6);
    expect(chunksIn(100)).toBeCloseTo(1000, 6);
  });

  it('come one after another in a sequential stream, sixteen writes of 4 KiB to a chunk', () => {
    const [part] = (guest({}) as Extract<GuestSpec, { kind: 'synthetic' }>).parts;
    const parts = [{ ...part!, pattern: { kind: 'sequential', streams: 1 } as const }];
    expect(chunksIn(1.6, { parts })).toBeCloseTo(100, 6);
  });

  it('of a trace are counted, a chunk that is written twice once', () => {
    const trace = {
      kind: 'trace',
      timesNs: Float64Array.of(0, 1e8, 2e8, 1.5e9),
      offsetsBytes: Float64Array.of(0, 4096, CHUNK_BYTES, 0),
      lengthsBytes: Float64Array.of(4096, 4096, 2 * CHUNK_BYTES, 4096),
      disks: Uint16Array.of(0, 0, 0, 0),
      durationNs: 2e9,
      startNs: 0,
      loop: true,
      rate: 1,
      stretch: 1,
    } as const;
    // Three chunks in the first second, one in the second.
    expect(chunksIn(1, trace)).toBe(2);
  });
});

/** Requests of so many ms; chunks become dirty so often a ms; what is dirty goes out when a request ends (mirror_run). */
function untilEmpty(random: Rng, requestMs: number, perMs: number): number {
  const gapMs = (): number => Math.log(1 / random.uniformPositive()) / perMs;
  let nextMs = gapMs();
  const ends = [requestMs];
  for (;;) {
    const nowMs = ends.shift()!;
    let dirty = 0;
    for (; nextMs <= nowMs; nextMs += gapMs()) dirty++;
    for (; dirty > 0; dirty--) ends.push(nowMs + requestMs);
    if (ends.length === 0) return nowMs;
  }
}

const pathOf = ({ storage, link, host }: Scenario) => ({
  source: storage,
  target: storage,
  link,
  host,
  bytesPerS: Number.POSITIVE_INFINITY,
  jobs: 1,
});

describe('a mirror', () => {
  it('has sixteen requests in flight, each read and written one after the other', async () => {
    const { scenario } = await mirrored();
    const pace = copyPace(pathOf(scenario), CHUNK_BYTES);
    expect(pace.oneNs).toBe(2 * MS);
    expect(copyNs(pace, 16)).toBe(2 * MS);
    expect(copyNs(pace, 1616)).toBe(2 * MS + 100 * 2 * MS);
  });

  it('copies what waits at one moment in whole waves, unless something else is slower', async () => {
    const { scenario } = await mirrored();
    const pace = copyPace(pathOf(scenario), CHUNK_BYTES);
    expect([1, 16, 17, 100].map((chunks) => burstNs(pace, chunks) / MS)).toEqual([2, 2, 4, 14]);
    expect(burstNs(pace, 0)).toBe(0);
    const slow = { oneNs: 2 * MS, nextNs: 3 * MS, leastNs: 0 };
    expect(burstNs(slow, 100)).toBe(copyNs(slow, 100));
  });

  it('is as fast as the slowest of what it passes: one channel, the link, its own limit', async () => {
    const oneChannel = await mirrored({ 'storage.channels': 1 });
    expect(copyPace(pathOf(oneChannel.scenario), CHUNK_BYTES).nextNs).toBe(MS);
    const slowLink = await mirrored({ link: '65536kB/s' });
    expect(copyPace(pathOf(slowLink.scenario), CHUNK_BYTES).nextNs).toBeCloseTo(MS, 0);
    const limited = { ...pathOf(oneChannel.scenario), bytesPerS: CHUNK_BYTES * 100 };
    expect(copyPace(limited, CHUNK_BYTES).nextNs).toBe(10 * MS);
    // Its own limit holds from the first request on, however few are in flight.
    expect(copyNs(copyPace(limited, CHUNK_BYTES), 101)).toBe(2 * MS + 100 * 10 * MS);
  });

  it('copies what is allocated before the migration begins, and RAM waits for it', async () => {
    const { scenario } = await mirrored({ 'disk.allocated': '50%' });
    const course = mirrorsOf(scenario)!.mirrors.course();
    const requests = 32 * 1024; // of 1 MiB
    expect(course).toMatchObject({ copiedBytes: 32 * 2 ** 30, reason: null });
    // Before them the tables of the copy's clusters are made, each of 512 MiB: five writes and three flushes.
    const zeroedNs = 128 * 8 * MS;
    expect(course.readyNs).toBe(zeroedNs + 2 * MS + ((requests - 16) * 2 * MS) / 16);
    const { metrics } = migrate(scenario, stream, draws);
    expect(metrics.mirrorNs).toBe(course.readyNs);
    expect(metrics.mirrorBytes).toBe(32 * 2 ** 30);
    expect(metrics.migrationNs).toBeLessThan(course.readyNs!);
  });

  it('waits for a moment with nothing dirty or in flight, as long as a loop like that of QEMU does', async () => {
    const { scenario } = await mirrored({ 'workload.write-iops': 1000, 'disk.allocated': '1%' });
    const { emptyNs } = mirrorsOf(scenario)!.mirrors.course();
    const plays = 4000;
    const random = namedStream(1, 0, 'test/mirror');
    let sum = 0;
    for (let play = 0; play < plays; play++) sum += untilEmpty(random, 2, 1);
    // The loop begins with one wave under way, which any mirror has to wait for.
    expect(sum / plays / (emptyNs / MS + 2)).toBeCloseTo(1, 1);
  });

  it('is never ready where the guest dirties as fast as it copies, unless writes wait for it', async () => {
    const busy = {
      'workload.write-iops': 20_000,
      'disk.allocated': '1%',
      'mirror.target': 'ideal-1ms',
      'mirror.speed': '100MB/s',
    };
    const { scenario } = await mirrored(busy);
    const never = migrate(scenario, stream, draws);
    expect(never).toMatchObject({ state: 'not-converged', reason: /never ready.*write-blocking/ });
    const waits = await mirrored({ ...busy, 'mirror.copy-mode': 'write-blocking' });
    const { state, metrics } = migrate(waits.scenario, stream, draws);
    expect(state).toBe('completed');
    expect(metrics.guestSlowdown).toBeCloseTo(2, 6);
  });
});

describe('the stop of a mirrored disk', () => {
  it('is the answers of management and the flush where nothing is left to copy, and nothing is loaded', async () => {
    const { scenario } = await mirrored({ 'mirror.copy-mode': 'write-blocking', 'mirror.management': '3ms' });
    for (const spec of [stream, { name: 'none' } as const]) {
      const { phasesNs, downtimeNs } = migrate(scenario, spec, draws).metrics;
      const flushes = scenario.storage.idleFlushes === 'sent' ? 2 : 0;
      expect(phasesNs.mirror).toBe(9 * MS + flushes * MS);
      expect(phasesNs.load).toBe(0);
      expect(Object.values(phasesNs).reduce((a, b) => a + b, 0)).toBe(downtimeNs);
    }
  });

  it('has what became dirty while the mirror slept: up to a tenth of a second of writes', async () => {
    const { scenario } = await mirrored({ 'workload.write-iops': 1000 });
    const { mirrors } = mirrorsOf(scenario)!;
    const chunks = (share: number): number => mirrors.leftAt(share)[0]!.chunks;
    expect(chunks(0)).toBe(0);
    // 100 writes fall into the sleep, hardly two of them into one chunk; then they are copied, and it sleeps again.
    const most = Math.max(...Array.from({ length: 100 }, (_, i) => chunks(i / 100)));
    expect(most).toBeGreaterThan(85);
    expect(most).toBeLessThanOrEqual(100);
    expect(chunks(0.9999)).toBe(2);
    expect(chunks(0.4)).toBeGreaterThan(chunks(0.2));
    const left = mirrors.leftAt(0.5)[0]!;
    expect(left.ns).toBe(Math.round(burstNs(copyPace(pathOf(scenario), CHUNK_BYTES), left.chunks)));
  });

  it('leaves less of the link to RAM: a guest that writes more makes the pre-copy longer', async () => {
    const at = async (iops: number): Promise<number> => {
      const { scenario } = await mirrored({
        link: '1Gbit/s',
        'workload.write-iops': iops,
        'ram.size': '4G',
        'ram.used': '4G',
      });
      return migrate(scenario, { name: 'none' }, draws).metrics.migrationNs;
    };
    expect(await at(1200)).toBeGreaterThan(1.5 * (await at(0)));
  });
});
