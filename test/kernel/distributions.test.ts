import fc from 'fast-check';
import { errorFunction } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import {
  erlang,
  exponential,
  lognormal,
  lognormalFromQuantiles,
  lognormalMean,
  lognormalVariance,
  standardNormal,
} from '../../src/kernel/distributions.js';
import { namedStream } from '../../src/kernel/rng.js';
import { draws, expectDistribution, expectMean } from './fit.js';

const N = 100_000;
const stream = (name: string) => namedStream(1, 0, name);
/** To 1e-7 (Abramowitz and Stegun), far below the resolution of these samples. */
const normalCdf = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2;
const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });

describe('exponential', () => {
  it('fits 1 - exp(-x / mean), and its mean', () => {
    const rng = stream('exponential');
    const sample = draws(N, () => exponential(rng, 250));
    expectDistribution(sample, (x) => -Math.expm1(-x / 250));
    expectMean(sample, 250, 250 ** 2);
  });

  it('scales with its mean, draw by draw, and is never negative or infinite', () => {
    fc.assert(
      fc.property(positive, fc.nat(), (mean, i) => {
        const x = exponential(namedStream(1, i, ''), mean);
        expect(x).toBeCloseTo(mean * exponential(namedStream(1, i, ''), 1), 3);
        expect(x >= 0 && Number.isFinite(x)).toBe(true);
      }),
      { seed: 5 },
    );
  });

  it('pinned (a memory, not the truth)', () => {
    const rng = stream('pinned');
    expect(Array.from({ length: 4 }, () => Math.round(exponential(rng, 1e9)))).toMatchInlineSnapshot(`
      [
        451445130,
        5847057008,
        1546222079,
        1052853046,
      ]
    `);
  });
});

describe('erlang', () => {
  it.each([1, 3, 8, 9, 40, 1000, 1e9])(
    'of shape %d is that many exponentials: mean and variance',
    (shape) => {
      const rng = stream(`erlang/${shape}`);
      const sample = draws(N, () => erlang(rng, shape));
      expectMean(sample, shape, shape);
      const squares = sample.map((x) => (x - shape) ** 2);
      // The fourth central moment is 3 n^2 + 6 n, so the variance of a square is 2 n^2 + 6 n.
      expectMean(squares, shape, 2 * shape ** 2 + 6 * shape);
    },
  );

  it.each([2, 12])('of shape %d fits its distribution function', (shape) => {
    const rng = stream(`erlang-cdf/${shape}`);
    const sample = draws(N, () => erlang(rng, shape));
    expectDistribution(sample, (x) => {
      let [term, sum] = [1, 1];
      for (let k = 1; k < shape; k++) sum += term *= x / k;
      return 1 - Math.exp(-x) * sum;
    });
  });

  it('takes whole shapes above 0 only', () => {
    for (const shape of [0, -1, 1.5, Number.NaN])
      expect(() => erlang(stream('erlang'), shape)).toThrow(/erlang/);
  });
});

describe('normal and lognormal', () => {
  it('fit their distribution functions', () => {
    const rng = stream('normal');
    const normals = draws(N, () => standardNormal(rng));
    expectDistribution(normals, normalCdf);
    expectMean(normals, 0, 1);
    const shape = lognormalFromQuantiles(100e3, 2e6);
    expect(normalCdf(Math.log(2e6 / 100e3) / shape.sigma)).toBeCloseTo(0.99, 6);
    const sample = draws(N, () => lognormal(rng, shape));
    expectDistribution(sample, (x) => normalCdf((Math.log(x) - shape.mu) / shape.sigma));
    expectMean(sample, lognormalMean(shape), lognormalVariance(shape));
  });

  it('go through the median and the 99th percentile they were given', () => {
    const rng = stream('quantiles');
    const shape = lognormalFromQuantiles(80, 900);
    const sample = draws(N, () => lognormal(rng, shape));
    // Share below a quantile q: deviation sqrt(q (1 - q) / n); bound at 5 of them (6e-7).
    for (const [bound, q] of [
      [80, 0.5],
      [900, 0.99],
    ] as const) {
      const share = sample.filter((x) => x < bound).length / N;
      expect(Math.abs(share - q)).toBeLessThan(5 * Math.sqrt((q * (1 - q)) / N));
    }
  });

  it('the mean is not below the median; equal quantiles are a constant', () => {
    fc.assert(
      fc.property(positive, fc.double({ min: 1, max: 100, noNaN: true }), (p50, ratio) => {
        const shape = lognormalFromQuantiles(p50, p50 * ratio);
        expect(lognormalMean(shape) / p50).toBeGreaterThanOrEqual(1 - 1e-12);
      }),
      { seed: 6 },
    );
    expect(lognormal(stream('x'), lognormalFromQuantiles(7, 7))).toBeCloseTo(7, 12);
    expect(lognormalVariance(lognormalFromQuantiles(7, 7))).toBe(0);
    for (const [p50, p99] of [
      [0, 1],
      [-1, 1],
      [2, 1],
      [1, Number.NaN],
      [1, Number.POSITIVE_INFINITY],
    ] as const)
      expect(() => lognormalFromQuantiles(p50, p99)).toThrow('lognormal');
  });

  it('pinned (a memory, not the truth)', () => {
    const rng = stream('pinned');
    const shape = lognormalFromQuantiles(1e6, 1e7);
    expect(Array.from({ length: 4 }, () => Math.round(lognormal(rng, shape)))).toMatchInlineSnapshot(`
      [
        2560863,
        362878,
        233459,
        757691,
      ]
    `);
  });
});
