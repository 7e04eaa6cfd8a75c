/**
 * Both engines give the same distribution: two-sample Kolmogorov-Smirnov tests of bits set, stale chunks at stop and
 * flushes over a grid of workloads. 20 workloads x 3 figures at level 0.001 each: with correct engines and other seeds
 * a false alarm has probability below 6 % (ties make the test milder); the seeds are fixed.
 */
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../src/kernel/kernel.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import type { DiskSpec, SyntheticGuestSpec } from '../../../src/sim/scenario.js';
import { Flusher, fixedService } from '../../../src/sim/strategies/flusher.js';
import { disk, GI, guest, KI, part, TI } from './scenarios.js';

const REPLICATIONS = 60;
/** c(0.001): the two-sample statistic stays below c * sqrt(2 / n) but once in 1000. */
const KS_LIMIT = 1.949 * Math.sqrt(2 / REPLICATIONS);
const US = 1000;

interface Case {
  readonly disk: DiskSpec;
  readonly guest: SyntheticGuestSpec;
  readonly chunk: number;
  readonly serviceUs: number;
  readonly settleNs?: number;
  readonly order?: 'fifo' | 'ascending';
}

const zones = {
  kind: 'zones',
  zones: [
    { space: 0.1, writes: 0.6 },
    { space: 0.2, writes: 0.3 },
    { space: 0.7, writes: 0.1 },
  ],
} as const;
const size = (bytes: number) => ({ sizes: [{ bytes, weight: 1 }] });
const age = (seconds: number) => ({ content: { kind: 'age', ageNs: seconds * 1e9 } as const });
const share = (fraction: number, layout: 'uniform' | 'prefix' | 'clustered') => ({
  content: { kind: 'fraction', fraction, layout } as const,
});

const CASES: Record<string, Case> = {
  'uniform, load 0.4': { disk: disk(TI), guest: guest(2000), chunk: 4 * KI, serviceUs: 200 },
  'uniform, load 1': { disk: disk(TI), guest: guest(2000), chunk: 4 * KI, serviceUs: 500 },
  'uniform, load 4': { disk: disk(TI), guest: guest(4000), chunk: 64 * KI, serviceUs: 1000 },
  'uniform, filling up': { disk: disk(GI), guest: guest(20000), chunk: 64, serviceUs: 100 },
  'half set before': {
    disk: disk(64 * GI, share(0.5, 'uniform')),
    guest: guest(3000),
    chunk: 512,
    serviceUs: 400,
  },
  'prefix set before': {
    disk: disk(64 * GI, share(0.3, 'prefix')),
    guest: guest(3000),
    chunk: 512,
    serviceUs: 400,
  },
  'clusters set before': {
    disk: disk(64 * GI, share(0.6, 'clustered')),
    guest: guest(3000),
    chunk: 512,
    serviceUs: 400,
  },
  'zones, ascending': {
    disk: disk(TI),
    guest: guest(3000, [part(zones)]),
    chunk: 4 * KI,
    serviceUs: 500,
    order: 'ascending',
  },
  'zones and uniform, overlapping': {
    disk: disk(64 * GI),
    guest: guest(3000, [
      part(zones, { weight: 2, offsetShare: 0.3, footprintBytes: 7 * GI + 12345 }),
      part({ kind: 'uniform' }, size(16 * KI)),
    ]),
    chunk: 512,
    serviceUs: 500,
  },
  'an aged bitmap': { disk: disk(64 * GI, age(300)), guest: guest(4000), chunk: 512, serviceUs: 500 },
  'long writes': {
    disk: disk(64 * GI, { granularityBytes: 4 * KI }),
    guest: guest(2000, [part({ kind: 'uniform' }, size(64 * KI))]),
    chunk: 512,
    serviceUs: 300,
  },
  'zipf 0.9, settle': {
    disk: disk(8 * GI),
    guest: guest(4000, [part({ kind: 'zipf', theta: 0.9 })]),
    chunk: 512,
    serviceUs: 300,
    settleNs: 20e6,
  },
  'zipf 1.2': {
    disk: disk(64 * GI),
    guest: guest(4000, [part({ kind: 'zipf', theta: 1.2 }, size(16 * KI))]),
    chunk: 512,
    serviceUs: 1000,
  },
  'zipf 0.99, aged': {
    disk: disk(8 * GI, age(20)),
    guest: guest(4000, [part({ kind: 'zipf', theta: 0.99 }, size(64 * KI))]),
    chunk: 512,
    serviceUs: 500,
  },
  'sequential, load above 1': {
    disk: disk(8 * GI),
    guest: guest(40000, [part({ kind: 'sequential', streams: 1 })]),
    chunk: 8,
    serviceUs: 60_000,
  },
  'sequential streams that come round': {
    disk: disk(2 * GI),
    guest: guest(90000, [
      part({ kind: 'sequential', streams: 5 }, { footprintBytes: 100 * KI * KI + 12345, offsetShare: 0.11 }),
    ]),
    chunk: 8,
    serviceUs: 5000,
  },
  'sequential over uniform': {
    disk: disk(4 * GI, { granularityBytes: 16 * KI }),
    guest: guest(40000, [part({ kind: 'sequential', streams: 3 }), part({ kind: 'uniform' })]),
    chunk: 512,
    serviceUs: 2000,
  },
  'sequential, half set before': {
    disk: disk(4 * GI, { granularityBytes: 16 * KI, ...share(0.5, 'uniform') }),
    guest: guest(40000, [part({ kind: 'sequential', streams: 2 })]),
    chunk: 64,
    serviceUs: 2000,
  },
  'sequential beside zones, aged, coming round': {
    disk: disk(8 * GI, { granularityBytes: 16 * KI, ...age(3) }),
    guest: guest(20000, [
      part({ kind: 'sequential', streams: 2 }, { footprintBytes: 130 * KI * KI, offsetShare: 0.8 }),
      part(zones, { footprintBytes: 7 * GI }),
    ]),
    chunk: 512,
    serviceUs: 1000,
    settleNs: 5e6,
  },
  'sequential, long writes': {
    disk: disk(64 * GI, { granularityBytes: 4 * KI }),
    guest: guest(3000, [part({ kind: 'sequential', streams: 4 }, size(64 * KI))]),
    chunk: 512,
    serviceUs: 3000,
    order: 'ascending',
  },
};

function sample(c: Case, engine: 'per-write' | 'first-touch', replication: number): number[] {
  const kernel = new Kernel();
  // Different seeds: the two samples must be independent.
  const seed = engine === 'per-write' ? 1 : 2;
  const tracker = createTracker(
    { disk: c.disk, index: 0, disks: 1, guest: c.guest, chunkBytes: c.chunk, draws: { seed, replication } },
    engine,
  );
  expect(tracker.engine).toBe(engine);
  const options = {
    bytesPerS: Number.POSITIVE_INFINITY,
    settleNs: c.settleNs ?? 0,
    order: c.order ?? 'fifo',
    initialPass: false,
  } as const;
  const flusher = new Flusher(
    kernel,
    tracker,
    options,
    fixedService(kernel, () => c.serviceUs * US),
  );
  kernel.run({ untilNs: 0.5e9, eventsMax: 1e6 });
  const report = flusher.stop();
  tracker.sync();
  return [tracker.firstTouches, report.staleAtStop, report.writes];
}

/** Greatest distance of two empirical distribution functions. */
function distance(a: readonly number[], b: readonly number[]): number {
  const share = (list: readonly number[], x: number): number =>
    list.filter((v) => v <= x).length / list.length;
  return Math.max(...[...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x))));
}

describe('per-write and first-touch agree', () => {
  for (const [name, c] of Object.entries(CASES)) {
    it(name, () => {
      const draw = (engine: 'per-write' | 'first-touch'): number[][] =>
        Array.from({ length: REPLICATIONS }, (_, r) => sample(c, engine, r));
      const a = draw('per-write');
      const b = draw('first-touch');
      for (const [k, figure] of ['bits set', 'stale at stop', 'flushes'].entries()) {
        const d = distance(
          a.map((x) => x[k]!),
          b.map((x) => x[k]!),
        );
        expect(d, `${figure}`).toBeLessThan(KS_LIMIT);
      }
    });
  }
});
