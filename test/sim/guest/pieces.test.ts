/** First contents of the first-touch engine: as many bits as asked for, over all chunks alike, however few they are. */
import { describe, expect, it } from 'vitest';
import { createTracker } from '../../../src/sim/guest/engine.js';
import { disk, GI, guest, KI, TI } from './scenarios.js';

const setBits = (bits: number, sizeBytes: number, replication = 0): number[] => [
  ...createTracker(
    {
      disk: disk(sizeBytes, { content: { kind: 'count', bits } }),
      index: 0,
      disks: 1,
      guest: guest(1),
      chunkBytes: KI,
      draws: { seed: 1, replication },
    },
    'first-touch',
  ).groups[0]!.setCount,
];
const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

describe('a number of random bits', () => {
  const all = (16 * TI) / (64 * KI);

  it.each([1, 27, 400_000, 500_000, all / 2, all - 500_000, all - 27, all - 1, all])(
    'is exact and soon found: %i of 2^28',
    (bits) => expect(sum(setBits(bits, 16 * TI))).toBe(bits),
    // Looking for 27 set bits among 2^28 takes ten seconds and more.
    5000,
  );

  it.each([3, 200, 16_000])('falls on every chunk alike: %i of 16,384', (bits) => {
    const runs = 400;
    const first = Array.from({ length: runs }, (_, replication) => setBits(bits, GI, replication)[0]!);
    // Two chunks of 8192 bits: hypergeometric, mean n / 2 and variance n / 4 x (N - n) / (N - 1).
    const sd = Math.sqrt(((bits / 4) * (16_384 - bits)) / 16_383 / runs);
    expect(Math.abs(sum(first) / runs - bits / 2)).toBeLessThan(4 * sd);
    const variance = sum(first.map((x) => (x - bits / 2) ** 2)) / runs;
    expect(variance / (sd * sd * runs)).toBeGreaterThan(0.7);
    expect(variance / (sd * sd * runs)).toBeLessThan(1.4);
  });
});
