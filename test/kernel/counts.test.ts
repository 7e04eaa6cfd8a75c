import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logBinomialProbability, logPoissonProbability } from '../../src/kernel/counts.js';
import { binomial, poisson } from '../../src/kernel/distributions.js';
import { namedStream } from '../../src/kernel/rng.js';
import { countProbabilities, draws, expectCounts, expectMean } from './fit.js';

/** Enough to see a squeeze or hat of the rejection that is off by a few percent. */
const N = 400_000;

/** Chi-square of N draws of a count against an oracle of its probabilities. */
function expectCountsOf(draw: () => number, oracle: { first: number; p: number[] }): void {
  const counts = new Float64Array(oracle.p.length);
  for (let i = 0; i < N; i++) {
    const k = draw() - oracle.first;
    if (!(k >= 0 && k < counts.length)) throw new Error(`count ${k + oracle.first} has no probability`);
    counts[k]!++;
  }
  expectCounts(counts, oracle.p);
}

const poissonOracle = (mean: number) => countProbabilities(Math.floor(mean), (k) => mean / (k + 1));
const binomialOracle = (n: number, p: number) =>
  countProbabilities(Math.min(n, Math.floor((n + 1) * p)), (k) => ((n - k) / (k + 1)) * (p / (1 - p)));

describe('poisson', () => {
  // Both sides of the border between inversion and rejection (10), and far above.
  it.each([0.01, 1, 9.99, 10, 10.5, 37.3, 1000, 1e6])('mean %s fits', (mean) => {
    const rng = namedStream(1, 0, `poisson ${mean}`);
    expectCountsOf(() => poisson(rng, mean), poissonOracle(mean));
  });

  it.each([1e9, 1e12, 1e15])('mean %s: mean and variance', (mean) => {
    const rng = namedStream(1, 0, `poisson ${mean}`);
    const z = draws(N, () => (poisson(rng, mean) - mean) / Math.sqrt(mean));
    expectMean(z, 0, 1);
    expectMean(
      z.map((x) => x * x),
      1,
      2,
    );
  });

  it('0 is 0; below 0 and NaN are refused', () => {
    const rng = namedStream(1, 0, 'x');
    expect(poisson(rng, 0)).toBe(0);
    for (const mean of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => poisson(rng, mean)).toThrow('poisson');
  });

  it('pinned (a memory, not the truth)', () => {
    const rng = namedStream(1, 0, 'pinned');
    const means = [0.5, 5, 50, 5e3, 5e6];
    expect(means.map((mean) => poisson(rng, mean))).toMatchInlineSnapshot(`
      [
        0,
        12,
        56,
        5052,
        4998173,
      ]
    `);
  });
});

describe('binomial', () => {
  it.each([
    [1, 0.3],
    [7, 0.5],
    [8, 0.97],
    [100, 0.0999],
    [100, 0.1],
    [20, 0.5],
    [1000, 0.7],
    [524_288, 0.25],
    [1e9, 1e-9],
    [1e9, 5e-8],
    [1e9, 0.3],
  ])('n = %s, p = %s fits', (n, p) => {
    const rng = namedStream(1, 0, `binomial ${n} ${p}`);
    expectCountsOf(() => binomial(rng, n, p), binomialOracle(n, p));
  });

  it.each([
    [2 ** 45, 0.5],
    [2 ** 53 - 1, 1e-3],
  ])('n = %s, p = %s: mean and variance', (n, p) => {
    const rng = namedStream(1, 0, `binomial ${n}`);
    const z = draws(N, () => (binomial(rng, n, p) - n * p) / Math.sqrt(n * p * (1 - p)));
    expectMean(z, 0, 1);
    expectMean(
      z.map((x) => x * x),
      1,
      2,
    );
  });

  it('stays within 0…n; certain and impossible trials are exact; nonsense is refused', () => {
    const share = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0, 1, 1e-300, 1 - 2 ** -53),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), share, fc.nat(), (n, p, i) => {
        const k = binomial(namedStream(1, i, ''), n, p);
        expect(Number.isInteger(k) && k >= 0 && k <= n).toBe(true);
        if (p === 0) expect(k).toBe(0);
        if (p === 1) expect(k).toBe(n);
      }),
      { seed: 8 },
    );
    const rng = namedStream(1, 0, 'x');
    for (const [n, p] of [
      [-1, 0.5],
      [1.5, 0.5],
      [1, -0.1],
      [1, 1.1],
      [1, Number.NaN],
    ] as const)
      expect(() => binomial(rng, n, p)).toThrow('binomial');
  });

  it('pinned (a memory, not the truth)', () => {
    const rng = namedStream(1, 0, 'pinned');
    const cases: [number, number][] = [
      [10, 0.5],
      [100, 0.02],
      [1000, 0.4],
      [1e6, 0.9],
      [1e12, 0.001],
    ];
    expect(cases.map(([n, p]) => binomial(rng, n, p))).toMatchInlineSnapshot(`
      [
        4,
        7,
        414,
        899779,
        999974187,
      ]
    `);
  });
});

describe('the probabilities the rejection compares with', () => {
  it('agree with the ratio oracle to 1e-9 over the whole bulk', () => {
    for (const [n, p] of [
      [1, 0.4],
      [50, 0.5],
      [1000, 0.02],
      [200_000, 0.37],
    ] as const) {
      const { first, p: list } = binomialOracle(n, p);
      for (const [i, probability] of list.entries())
        if (probability > 1e-15)
          expect(Math.exp(logBinomialProbability(first + i, n, p)) / probability).toBeCloseTo(1, 9);
    }
    for (const mean of [0.1, 12, 4000]) {
      const { first, p: list } = poissonOracle(mean);
      for (const [i, probability] of list.entries())
        if (probability > 1e-15)
          expect(Math.exp(logPoissonProbability(first + i, mean)) / probability).toBeCloseTo(1, 9);
    }
  });
});
