/**
 * Pre-flush is a machine-repair queue: both engines with the flusher against the closed forms. Time averages over
 * long runs; the limits are stated with each, the seeds fixed.
 */
import { describe, expect, it } from 'vitest';
import { exponential } from '../../src/kernel/distributions.js';
import { Kernel } from '../../src/kernel/kernel.js';
import { namedStream } from '../../src/kernel/rng.js';
import { createTracker } from '../../src/sim/guest/engine.js';
import type { DiskSpec, SyntheticGuestSpec } from '../../src/sim/scenario.js';
import { Flusher, type FlusherReport, fixedService } from '../../src/sim/strategies/flusher.js';
import { exponentialRepair, fixedRepairStaleMean, staleShareBeyond } from '../../src/sim/theory/repair.js';
import { disk, GI, guest, KI, TI } from '../sim/guest/scenarios.js';

interface Situation {
  readonly disk: DiskSpec;
  readonly guest: SyntheticGuestSpec;
  readonly chunk: number;
  readonly seconds: number;
}

function run(
  s: Situation,
  engine: 'per-write' | 'first-touch',
  seed: number,
  serviceNs: () => number,
): FlusherReport {
  const kernel = new Kernel();
  const tracker = createTracker(
    {
      disk: s.disk,
      index: 0,
      disks: 1,
      guest: s.guest,
      chunkBytes: s.chunk,
      draws: { seed, replication: 0 },
    },
    engine,
  );
  const options = {
    bytesPerS: Number.POSITIVE_INFINITY,
    settleNs: 0,
    order: 'fifo',
    initialPass: true,
  } as const;
  const flusher = new Flusher(kernel, tracker, options, fixedService(kernel, serviceNs));
  kernel.run({ untilNs: s.seconds * 1e9, eventsMax: 1e7 });
  return flusher.stop();
}

// 32 chunks of 512 Ki granules: the bits set in a run are far below 1 % of them, so the rate stays.
const MANY_BITS: Situation = { disk: disk(TI), guest: guest(2000), chunk: 64 * KI, seconds: 40 };

describe('machine-repair queue', () => {
  it('is the textbook M/M/1 where there are many chunks, and saturates at 1 - 1/load', () => {
    expect(exponentialRepair(20_000, 0.5).staleMean).toBeCloseTo(0.5, 3);
    expect(exponentialRepair(1000, 4).staleMean / 1000).toBeCloseTo(staleShareBeyond(4), 2);
    expect(fixedRepairStaleMean(10_000, 0.5)).toBeCloseTo(0.25, 12);
    expect(fixedRepairStaleMean(512, 0.5)).toBeCloseTo(0.25, 2);
    expect(fixedRepairStaleMean(512, 10) / 512).toBeCloseTo(0.9, 2);
    // One chunk, exponential, load 1: idle, busy, busy and stale again are equally likely.
    expect(exponentialRepair(1, 1).stale[1]).toBeCloseTo(1 / 3, 12);
    expect(exponentialRepair(1, 1).busyShare).toBeCloseTo(2 / 3, 12);
  });

  it('goes on where the chain is left for its limits, and rises through saturation', () => {
    for (const load of [0.9, 1])
      expect(Math.abs(fixedRepairStaleMean(601, load) - fixedRepairStaleMean(600, load))).toBeLessThan(0.6);
    for (const chunks of [2048, 1e8]) {
      const loads = [0.7, 0.8, 0.9, 0.97, 0.98, 0.99, 1, 1.01, 1.02, 1.1, 2, 10];
      const means = loads.map((load) => fixedRepairStaleMean(chunks, load));
      expect(means).toEqual(means.toSorted((x, y) => x - y));
      expect(means[0]!).toBeGreaterThan(0);
    }
  });

  for (const engine of ['per-write', 'first-touch'] as const) {
    for (const load of [0.5, 0.9, 1.5, 4]) {
      it(`${engine}, load ${load}: mean stale chunks and busy share within 4 %`, () => {
        const meanNs = (load / 2000) * 1e9;
        const random = namedStream(7, 0, 'service');
        const theory = exponentialRepair(32, load);
        const drawn = run(MANY_BITS, engine, 11, () => Math.round(exponential(random, meanNs)));
        // 80,000 / load services: the relative error of the mean is below 1.5 % (4 % is beyond 2.7 deviations, each
        // of 16 comparisons; seeds fixed).
        expect(Math.abs(drawn.staleMean / theory.staleMean - 1)).toBeLessThan(load < 1 ? 0.08 : 0.04);
        expect(Math.abs(drawn.busyShare / theory.busyShare - 1)).toBeLessThan(0.02);
        const fixed = run(MANY_BITS, engine, 12, () => Math.round(meanNs));
        expect(Math.abs(fixed.staleMean / fixedRepairStaleMean(32, load) - 1)).toBeLessThan(0.04);
      });
    }
  }

  it('gives the distribution of the stale count at stop', () => {
    const load = 1.2;
    const chunks = 16;
    const s: Situation = { disk: disk(TI / 2), guest: guest(4000), chunk: 64 * KI, seconds: 0.3 };
    const theory = exponentialRepair(chunks, load).stale;
    const counts = new Float64Array(chunks + 1);
    const n = 600;
    for (let seed = 0; seed < n; seed++) {
      const random = namedStream(seed, 1, 'service');
      const stop = run(s, 'first-touch', seed, () => Math.round(exponential(random, (load / 4000) * 1e9)));
      counts[stop.staleAtStop] = counts[stop.staleAtStop]! + 1;
    }
    let chiSquare = 0;
    let degrees = -1;
    for (let k = 0; k <= chunks; k++) {
      if (theory[k]! * n < 5) continue;
      chiSquare += (counts[k]! - theory[k]! * n) ** 2 / (theory[k]! * n);
      degrees++;
    }
    // Mean + 4.5 deviations of chi-square: a false alarm in 1000 or less.
    expect(chiSquare).toBeLessThan(degrees + 4.5 * Math.sqrt(2 * degrees));
  });

  it('leaves nothing at stop where the guest does not write', () => {
    const content = { kind: 'fraction', fraction: 0.5, layout: 'uniform' } as const;
    const s = { disk: disk(64 * GI, { content }), guest: guest(0), chunk: 4 * KI, seconds: 1 };
    for (const engine of ['per-write', 'first-touch'] as const) {
      const report = run(s, engine, 1, () => 1_000_000);
      expect(report).toMatchObject({ staleAtStop: 0, busyAtStop: false, writes: 32 });
    }
  });
});
