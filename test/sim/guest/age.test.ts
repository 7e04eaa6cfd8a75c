/**
 * The age of a bitmap against the workload itself: bits after running for so long from an empty bitmap, and bits drawn
 * for that age. Means over replications within 5 standard errors of their difference: a false alarm in 10^6 each.
 */
import { describe, expect, it } from 'vitest';
import { createTracker } from '../../../src/sim/guest/engine.js';
import type { SyntheticGuestSpec } from '../../../src/sim/scenario.js';
import { disk, GI, guest, KI, part } from './scenarios.js';

const AGE_NS = 3e9;
const REPLICATIONS = 24;
const one = (bytes: number) => ({ sizes: [{ bytes, weight: 1 }] });
const mix = {
  sizes: [
    { bytes: 4 * KI, weight: 3 },
    { bytes: 64 * KI, weight: 2 },
    { bytes: 1024 * KI, weight: 1 },
  ],
};
const zones = {
  kind: 'zones',
  zones: [
    { space: 0.05, writes: 0.7 },
    { space: 0.95, writes: 0.3 },
  ],
} as const;

const GUESTS: Record<string, SyntheticGuestSpec> = {
  uniform: guest(8000),
  'uniform within a part of the disk': guest(8000, [
    part({ kind: 'uniform' }, { offsetShare: 0.31, footprintBytes: GI / 3 + 777 }),
  ]),
  'zones, 8 KiB': guest(8000, [part(zones, one(8 * KI))]),
  'zipf 0.9': guest(8000, [part({ kind: 'zipf', theta: 0.9 })]),
  'zipf 1.2, 128 KiB': guest(3000, [part({ kind: 'zipf', theta: 1.2 }, one(128 * KI))]),
  'several sizes that straddle granules': guest(1000, [part({ kind: 'uniform' }, mix)]),
  'odd sizes': guest(3000, [part({ kind: 'uniform' }, one(33 * 1000))]),
  'sequential, wrapping': guest(4000, [
    part({ kind: 'sequential', streams: 3 }, { ...one(64 * KI), footprintBytes: GI / 2 }),
  ]),
  mixture: guest(6000, [
    part({ kind: 'sequential', streams: 2 }, { ...one(16 * KI), weight: 1 }),
    part({ kind: 'uniform' }, { weight: 3, footprintBytes: GI / 4 }),
  ]),
};

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b) / list.length;
const variance = (list: readonly number[]): number => {
  const m = mean(list);
  return list.reduce((s, x) => s + (x - m) ** 2, 0) / (list.length - 1);
};

describe('the age of a bitmap', () => {
  for (const [name, workload] of Object.entries(GUESTS)) {
    it(`sets what the workload sets: ${name}`, () => {
      const bits = (seed: number, aged: boolean): number[] =>
        Array.from({ length: REPLICATIONS }, (_, r) => {
          const content = aged ? ({ kind: 'age', ageNs: AGE_NS } as const) : undefined;
          const d = disk(GI, content ? { content } : {});
          const tracker = createTracker(
            {
              disk: d,
              index: 0,
              disks: 1,
              guest: workload,
              chunkBytes: 512,
              draws: { seed, replication: r },
            },
            'per-write',
          );
          if (!aged) tracker.advance(AGE_NS);
          return tracker.groups[0]!.setCount.reduce((a, b) => a + b);
        });
      const run = bits(1, false);
      const drawn = bits(2, true);
      const error = Math.sqrt((variance(run) + variance(drawn)) / REPLICATIONS);
      // Sequential streams have no chance in their age but that of the count of writes: half a granule a stream.
      expect(Math.abs(mean(run) - mean(drawn))).toBeLessThan(5 * error + 3);
    });
  }

  it('lets a sequential stream go on where its age ended', () => {
    const workload = guest(100, [part({ kind: 'sequential', streams: 1 }, one(64 * KI))]);
    const d = disk(GI, { content: { kind: 'age', ageNs: AGE_NS } });
    const tracker = createTracker(
      { disk: d, index: 0, disks: 1, guest: workload, chunkBytes: 8, draws: { seed: 1, replication: 0 } },
      'per-write',
    );
    expect(tracker.groups[0]!.setCount.reduce((a, b) => a + b)).toBe(300);
    tracker.advance(1e9);
    expect(tracker.firstTouches).toBe(tracker.writes);
  });
});
