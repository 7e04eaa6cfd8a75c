import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import { countChunks, hasBit, setBernoulli, setExactly, setRange } from '../../../src/sim/guest/bits.js';
import { WordSource } from '../../../src/sim/guest/word-source.js';

const BITS = 1000;
const source = (name: string): WordSource => new WordSource(namedStream(1, 0, name));
const ones = (words: Uint32Array, from = 0, to = BITS): number => {
  let sum = 0;
  for (let bit = from; bit < to; bit++) sum += hasBit(words, bit) ? 1 : 0;
  return sum;
};
const range = fc.tuple(fc.nat(BITS), fc.nat(BITS)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe('bit arrays', () => {
  it('sets ranges, no bit more and no bit less, and counts them by chunk', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 5 }), (ranges) => {
        const words = new Uint32Array(32);
        for (const [from, to] of ranges) setRange(words, from, to);
        const counts = new Uint32Array(16);
        countChunks(words, 64, counts);
        for (let bit = 0; bit < 1024; bit++)
          expect(hasBit(words, bit)).toBe(ranges.some(([from, to]) => bit >= from && bit < to));
        counts.forEach((count, chunk) => {
          expect(count).toBe(ones(words, chunk * 64, (chunk + 1) * 64));
        });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  for (const p of [1e-3, 0.01, 0.1, 0.5, 0.75, 1 / 3, 0.999]) {
    it(`draws each bit with probability ${p}, only where asked`, () => {
      const random = source(`bernoulli ${p}`);
      const repeats = 400;
      let sum = 0;
      for (let r = 0; r < repeats; r++) {
        const words = new Uint32Array(32);
        setBernoulli(words, 37, 901, p, random);
        expect(ones(words, 0, 37) + ones(words, 901, 1024)).toBe(0);
        sum += ones(words);
      }
      const n = (901 - 37) * repeats;
      // 5 deviations, and a half for the discreteness.
      expect(Math.abs(sum - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)) + 0.5);
    });
  }

  it('sets exactly as many as asked for, all places alike', () => {
    const random = source('exactly');
    for (const count of [0, 1, 7, 100, 499, 500, 501, 900, 999, 1000]) {
      let low = 0;
      const repeats = 200;
      for (let r = 0; r < repeats; r++) {
        const words = new Uint32Array(32);
        setExactly(words, BITS, count, random);
        expect(ones(words, 0, 1024)).toBe(count);
        low += ones(words, 0, BITS / 4);
      }
      // Hypergeometric: a quarter of the places, 5 deviations.
      const variance = (count * 0.25 * 0.75 * (BITS - count)) / (BITS - 1);
      expect(Math.abs(low / repeats - count / 4)).toBeLessThan(5 * Math.sqrt(variance / repeats) + 1e-9);
    }
  });
});
