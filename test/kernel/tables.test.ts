import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AliasTable } from '../../src/kernel/alias.js';
import { Histogram, Zipf, zipfNormaliser } from '../../src/kernel/distributions.js';
import { namedStream } from '../../src/kernel/rng.js';
import { draws, expectCounts, expectMean } from './fit.js';

const N = 50_000;

describe('AliasTable', () => {
  it('fits its weights; an index of weight 0 is never drawn', () => {
    const weights = [3, 0, 1, 0.5, 0, 20, 7, 0];
    const sum = weights.reduce((a, b) => a + b);
    const table = new AliasTable(weights);
    const rng = namedStream(1, 0, 'alias');
    const counts = new Float64Array(weights.length);
    for (let i = 0; i < N; i++) counts[table.index(rng)]!++;
    expectCounts(
      counts,
      weights.map((weight) => weight / sum),
    );
  });

  it('holds exactly the given probabilities, whatever the weights, equal ones included', () => {
    const weight = fc.oneof(
      fc.constantFrom(0, 5, 5),
      fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      fc.nat(),
    );
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 60 }), (weights) => {
        const sum = weights.reduce((a, b) => a + b);
        fc.pre(sum > 0);
        const table = new AliasTable(weights);
        const { cut, alias } = table as unknown as { cut: Float64Array; alias: Uint32Array };
        const held = new Float64Array(weights.length);
        cut.forEach((kept, i) => {
          held[i]! += kept / weights.length;
          held[alias[i]!]! += (1 - kept) / weights.length;
        });
        for (const [i, w] of weights.entries()) {
          expect(Math.abs(held[i]! - w / sum)).toBeLessThan(1e-12);
          if (w === 0) expect(held[i]).toBe(0);
        }
      }),
      { seed: 9 },
    );
  });

  it('refuses what is no table of weights', () => {
    for (const weights of [[], [0, 0], [1, -1], [Number.NaN], [Number.POSITIVE_INFINITY]])
      expect(() => new AliasTable(weights)).toThrow('weight');
  });

  it('pinned (a memory, not the truth)', () => {
    const rng = namedStream(1, 0, 'pinned');
    const table = new AliasTable([1, 2, 3, 4]);
    expect(Array.from({ length: 8 }, () => table.index(rng))).toMatchInlineSnapshot(`
      [
        3,
        3,
        2,
        0,
        3,
        2,
        3,
        2,
      ]
    `);
  });
});

describe('Histogram', () => {
  it('draws its values with their counts, and knows its mean', () => {
    const histogram = new Histogram([100, 200, 5000], [6, 3, 1]);
    expect(histogram.mean).toBe(620);
    const rng = namedStream(1, 0, 'histogram');
    const sample = draws(N, () => histogram.sample(rng));
    expect(new Set(sample)).toEqual(new Set([100, 200, 5000]));
    expectMean(sample, 620, 0.6 * 100 ** 2 + 0.3 * 200 ** 2 + 0.1 * 5000 ** 2 - 620 ** 2);
    expect(() => new Histogram([1, 2], [1])).toThrow('2 values with 1 counts');
  });
});

describe('zipf', () => {
  const thetas = [0.1, 0.5, 0.99, 1, 1 + 1e-9, 1.2, 2, 5];

  it.each(thetas)('theta = %s: ranks fit over 1000 ranks', (theta) => {
    const n = 1000;
    let sum = 0;
    for (let k = 1; k <= n; k++) sum += k ** -theta;
    const zipf = new Zipf(n, theta);
    const rng = namedStream(1, 0, `zipf ${theta}`);
    const counts = new Float64Array(n);
    for (let i = 0; i < N; i++) counts[zipf.rank(rng) - 1]!++;
    expectCounts(
      counts,
      counts.map((_, i) => (i + 1) ** -theta / sum),
    );
  });

  it.each(thetas)('theta = %s: 2^40 ranks fit by powers of two', (theta) => {
    const n = 2 ** 40;
    const zipf = new Zipf(n, theta);
    const rng = namedStream(1, 0, `zipf40 ${theta}`);
    const counts = new Float64Array(41);
    for (let i = 0; i < N; i++) counts[Math.floor(Math.log2(zipf.rank(rng)))]!++;
    const upTo = (k: number): number => (k < 1 ? 0 : zipfNormaliser(k, theta) / zipfNormaliser(n, theta));
    expectCounts(
      counts,
      counts.map((_, i) =>
        i === 40 ? n ** -theta / zipfNormaliser(n, theta) : upTo(2 ** (i + 1) - 1) - upTo(2 ** i - 1),
      ),
    );
  });

  it('the normaliser is the sum, to 1e-13, for any theta and n', () => {
    const theta = fc.oneof(fc.double({ min: 1e-6, max: 20, noNaN: true }), fc.constantFrom(...thetas));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), theta, (n, t) => {
        // Summed from the smallest term, so that the oracle itself keeps its digits.
        let sum = 0;
        for (let k = n; k >= 1; k--) sum += k ** -t;
        expect(Math.abs(zipfNormaliser(n, t) / sum - 1)).toBeLessThan(1e-13);
      }),
      { seed: 10, numRuns: 200 },
    );
    // zeta(2) = pi^2 / 6; the rest of its sum from 2^40 on is 2^-40 to the next order.
    expect(zipfNormaliser(2 ** 40, 2)).toBeCloseTo(Math.PI ** 2 / 6 - 2 ** -40, 13);
    // The harmonic number of 2^40 is ln n + Euler's constant + 1 / 2n.
    expect(zipfNormaliser(2 ** 40, 1)).toBeCloseTo(40 * Math.LN2 + 0.577_215_664_901_532_9, 11);
  });

  it('one rank is certain', () => {
    expect(new Zipf(1, 0.7).rank(namedStream(1, 0, 'x'))).toBe(1);
  });

  it('stays within 1…n for any parameters; nonsense is refused', () => {
    const theta = fc.double({ min: 1e-6, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), theta, fc.nat(), (n, t, i) => {
        const [zipf, rng] = [new Zipf(n, t), namedStream(1, i, '')];
        for (let d = 0; d < 20; d++) {
          const rank = zipf.rank(rng);
          expect(Number.isInteger(rank) && rank >= 1 && rank <= n).toBe(true);
        }
      }),
      { seed: 11 },
    );
    for (const [n, t] of [
      [0, 1],
      [1.5, 1],
      [2 ** 40 + 1, 1],
      [10, 0],
      [10, -1],
      [10, Number.NaN],
    ] as const)
      expect(() => new Zipf(n, t)).toThrow('zipf');
  });

  it('pinned (a memory, not the truth)', () => {
    const rng = namedStream(1, 0, 'pinned');
    const zipf = new Zipf(1e6, 0.99);
    expect(Array.from({ length: 6 }, () => zipf.rank(rng))).toMatchInlineSnapshot(`
      [
        6748,
        1,
        14,
        107,
        27,
        325,
      ]
    `);
  });
});
