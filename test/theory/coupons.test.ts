/** Bits and chunks after n uniform writes against the coupon collector: 5 standard errors, one false alarm in 10^6. */
import { describe, expect, it } from 'vitest';
import { createTracker } from '../../src/sim/guest/engine.js';
import {
  expectedTouched,
  secondsUntilShare,
  shareSet,
  touchedVariance,
} from '../../src/sim/theory/coupons.js';
import { disk, GI, guest, KI, TI } from '../sim/guest/scenarios.js';

const REPLICATIONS = 40;

describe('coupon collector', () => {
  it('knows the small cases by heart', () => {
    expect(expectedTouched(6, 1)).toBeCloseTo(1, 12);
    expect(expectedTouched(2, 2)).toBeCloseTo(1.5, 12);
    expect(expectedTouched(1, 5)).toBe(1);
    // Three of 3 with 3 draws: 2/9; two: 6/9; one: 1/9. Mean 19/9, variance 26/81.
    expect(expectedTouched(3, 3)).toBeCloseTo(19 / 9, 12);
    expect(touchedVariance(3, 3)).toBeCloseTo(26 / 81, 12);
    expect(shareSet(100, 10, secondsUntilShare(100, 10, 0.3))).toBeCloseTo(0.3, 12);
  });

  for (const engine of ['per-write', 'first-touch'] as const) {
    it(`gives the bits and chunks that ${engine} counts`, () => {
      const n = GI / (64 * KI);
      const chunks = 512;
      const d = disk(TI);
      const errors = { bits: 0, chunks: 0 };
      for (let r = 0; r < REPLICATIONS; r++) {
        // Poisson writes at 10,000/s for 2 s: bits are independent with P(set) = 1 - e^(-w/n).
        const small = createTracker(
          {
            disk: disk(GI),
            index: 0,
            disks: 1,
            guest: guest(10_000),
            chunkBytes: 64,
            draws: { seed: 1, replication: r },
          },
          engine,
        );
        small.advance(2e9);
        small.sync();
        errors.bits += small.firstTouches - n * shareSet(n, 10_000, 2);
        const large = createTracker(
          {
            disk: d,
            index: 0,
            disks: 1,
            guest: guest(2000),
            chunkBytes: 4 * KI,
            draws: { seed: 2, replication: r },
          },
          engine,
        );
        large.advance(0.1e9);
        errors.chunks += large.staleCount - chunks * shareSet(chunks, 2000, 0.1);
      }
      const p = shareSet(n, 10_000, 2);
      const q = shareSet(chunks, 2000, 0.1);
      expect(Math.abs(errors.bits)).toBeLessThan(5 * Math.sqrt(REPLICATIONS * n * p * (1 - p)));
      expect(Math.abs(errors.chunks)).toBeLessThan(5 * Math.sqrt(REPLICATIONS * chunks * q * (1 - q)));
    });
  }

  it('gives the mean and variance of a fixed number of writes', () => {
    const n = (2 * GI) / (64 * KI);
    const writes = 20_000;
    const counts = Array.from({ length: 100 }, (_, r) => {
      const tracker = createTracker(
        {
          disk: disk(2 * GI),
          index: 0,
          disks: 1,
          guest: guest(writes, undefined, { kind: 'deterministic' }),
          chunkBytes: 64,
          draws: { seed: 3, replication: r },
        },
        'per-write',
      );
      tracker.advance(1e9);
      expect(tracker.writes).toBe(writes);
      return tracker.firstTouches;
    });
    const mean = counts.reduce((a, b) => a + b) / counts.length;
    const variance = counts.reduce((s, c) => s + (c - mean) ** 2, 0) / (counts.length - 1);
    const expected = touchedVariance(n, writes);
    expect(Math.abs(mean - expectedTouched(n, writes))).toBeLessThan(5 * Math.sqrt(expected / counts.length));
    // Chi-square with 99 degrees: 5 of its own deviations, sqrt(2 / 99).
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / 99));
  });
});
