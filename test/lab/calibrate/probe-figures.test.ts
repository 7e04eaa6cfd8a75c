import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distributionOf, flushNsPerByte, meanOf } from '../../../src/input/storage-values/samples.js';

describe('figures of a calibration', () => {
  test('property: binning keeps the mean and the number of samples', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1 }), (samples) => {
        const { ns, counts } = distributionOf(samples);
        const total = counts.reduce((sum, count) => sum + count, 0);
        const mean = ns.reduce((sum, value, i) => sum + value * counts[i]!, 0) / total;
        expect(mean / meanOf(samples)).toBeCloseTo(1, 9);
        expect(total).toBe(samples.length);
        expect([...ns].sort((a, b) => a - b)).toEqual(ns);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('a flush that pays 90 us per 64 KiB and 160 us anyway', () => {
    const points = [1, 64, 256].map((writes) => ({ bytes: writes * 65_536, ns: 160_000 + writes * 90_000 }));
    expect(flushNsPerByte(points) * 65_536).toBeCloseTo(90_000, 6);
  });

  test('a flush that does not grow, or shrinks by noise, has no part per byte', () => {
    const points = [
      { bytes: 65_536, ns: 500 },
      { bytes: 1_000_000, ns: 400 },
    ];
    expect(flushNsPerByte(points)).toBe(0);
    expect(flushNsPerByte([])).toBe(0);
  });

  test('property: the part per byte never makes the base negative', () => {
    const point = fc.record({
      bytes: fc.integer({ min: 1, max: 1e9 }),
      ns: fc.integer({ min: 0, max: 1e9 }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 5 }), (points) => {
        const first = points.reduce((least, next) => (next.bytes < least.bytes ? next : least));
        expect(first.ns - flushNsPerByte(points) * first.bytes).toBeGreaterThanOrEqual(
          -1e-6 * (first.ns + 1),
        );
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});
