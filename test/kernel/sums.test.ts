/** The law of a sum, against closed forms and against sums that are drawn one by one. */
import { describe, expect, it } from 'vitest';
import { lognormal } from '../../src/kernel/distributions.js';
import { type Law, lawOfSum } from '../../src/kernel/law.js';
import { normalProbability } from '../../src/kernel/normal.js';
import { Rng } from '../../src/kernel/rng.js';
import { exponentialSpread, lognormalSpread, shifted, tableSpread } from '../../src/kernel/spread.js';
import { Sums } from '../../src/kernel/sums.js';

const rng = new Rng([1, 2, 3, 4]);

/** Kolmogorov's distance between a law and a sample. */
function distance(law: Law, sample: Float64Array): number {
  const sorted = sample.slice().sort();
  const n = sorted.length;
  return sorted.reduce((most, value, i) => {
    const below = 1 - law.exceeding(value);
    return Math.max(most, Math.abs(below - i / n), Math.abs(below - (i + 1) / n));
  }, 0);
}

/** Mean and variance of a law, bin by bin from its quantiles. */
function moments(law: Law): [mean: number, variance: number] {
  const n = 400_000;
  const values = Float64Array.from({ length: n }, (_, i) => law.quantile((i + 0.5) / n));
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n];
}

describe('the normal distribution function', () => {
  it.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-3, 0.0013498980316300933],
    [-8, 6.220960574271785e-16],
  ])('is right at %d', (x, probability) => {
    expect(normalProbability(x) / probability).toBeCloseTo(1, 7);
  });
});

describe('the law of a sum', () => {
  it('of exponentials is Erlang', () => {
    const law = lawOfSum([{ spread: exponentialSpread(1), count: 16, factor: 1 }], 0)!;
    // P(sum > x) = e^-x (1 + x + ... + x^15 / 15!)
    for (const x of [6, 12, 16, 24, 34]) {
      let [term, sum] = [Math.exp(-x), 0];
      for (let k = 0; k < 16; k++) {
        sum += term;
        term *= x / (k + 1);
      }
      expect(law.exceeding(x)).toBeCloseTo(sum, 4);
    }
    const [mean, variance] = moments(law);
    expect(mean).toBeCloseTo(16, 4);
    expect(variance / 16).toBeCloseTo(1, 4);
  });

  it('has parts of several kinds, taken off too, and a constant', () => {
    const spread = exponentialSpread(1);
    const law = lawOfSum(
      [
        { spread, count: 1, factor: 3 },
        { spread, count: 1, factor: -2 },
      ],
      10,
    )!;
    // The difference of two exponentials: above 10 with probability 3 / 5, and then exponential again.
    expect(law.exceeding(10)).toBeCloseTo(0.6, 3);
    expect(law.exceeding(16)).toBeCloseTo(0.6 * Math.exp(-2), 3);
    expect(law.exceeding(6)).toBeCloseTo(1 - 0.4 * Math.exp(-2), 3);
    expect(law.mean).toBe(11);
    expect(law.variance).toBe(13);
  });

  it.each([
    [0.1, 512],
    [0.7, 64],
    [1, 8],
  ])('of lognormals of sigma %d is that of sums of %d drawn', (sigma, count) => {
    const shape = { mu: 12, sigma };
    const law = lawOfSum([{ spread: lognormalSpread(shape), count, factor: 1 }], 0)!;
    const sample = Float64Array.from({ length: 1_000_000 / count }, () => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += lognormal(rng, shape);
      return sum;
    });
    // 1.63 / sqrt(n): what chance alone exceeds once in a hundred times.
    expect(distance(law, sample)).toBeLessThan(0.002 + 1.63 / Math.sqrt(sample.length));
    const [mean, variance] = moments(law);
    expect(Math.abs(mean / law.mean - 1)).toBeLessThan(1e-5);
    expect(Math.abs(variance / law.variance - 1)).toBeLessThan(2e-3);
  });
});

describe('sums', () => {
  it('have the mean and variance of so many single draws, and the same draws from the same stream', () => {
    const shape = { mu: 0, sigma: 0.5 };
    const sums = new Sums(lognormalSpread(shape), (from) => lognormal(from, shape));
    const { mean, variance } = lognormalSpread(shape);
    const n = 20_000;
    const values = Array.from({ length: n }, () => sums.draw(517, rng));
    const found = values.reduce((sum, value) => sum + value, 0) / n;
    const spread = values.reduce((sum, value) => sum + (value - found) ** 2, 0) / n;
    expect(Math.abs(found - 517 * mean)).toBeLessThan(4 * Math.sqrt((517 * variance) / n));
    expect(spread / (517 * variance)).toBeCloseTo(1, 1);
    expect(sums.draw(517, new Rng([5, 6, 7, 8]))).toBe(sums.draw(517, new Rng([5, 6, 7, 8])));
  });

  it('whose tail is too long for a grid are drawn one by one', () => {
    const shape = { mu: 0, sigma: 2.5 };
    const draws = (): number => lognormal(rng, shape);
    expect(lawOfSum([{ spread: lognormalSpread(shape), count: 8, factor: 1 }], 0)).toBeNull();
    const sums = new Sums(lognormalSpread(shape), draws);
    expect(sums.draw(40, rng)).toBeGreaterThan(0);
  });
});

describe('a sum of what does not vary', () => {
  it.each([
    ['one value', tableSpread([7], [3]), 7],
    ['one value, said more than once', tableSpread([0.1, 0.1, 0.1], [1, 1, 1]), 0.1],
    ['with all of it taken off', shifted(tableSpread([1, 5, 5.5], [1, 3, 3]), -6), 0],
    ['with more than all of it taken off', shifted(tableSpread([1e5, 7e6], [1, 3]), -1e7), 0],
  ])('%s: is so many times it', (_, spread, value) => {
    expect(new Sums(spread, () => value).draw(1000, rng)).toBeCloseTo(1000 * value, 9);
  });
});

describe('a spread', () => {
  it('with something taken off stays above 0', () => {
    const two = shifted(tableSpread([1, 5], [1, 3]), -2);
    // 0 or 3, as 1 to 3.
    expect(two.mean).toBeCloseTo(2.25, 12);
    expect(two.variance).toBeCloseTo((3 / 16) * 9, 2);
    expect(two.shortfall(1)).toBeCloseTo(0.25, 12);
  });
});
