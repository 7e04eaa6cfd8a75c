/** Figures that may be off: their distribution, the parts of a variance, values with an error of their own. */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { expect, test } from 'vitest';
import { standardNormal } from '../../src/kernel/distributions.js';
import { namedStream } from '../../src/kernel/rng.js';
import { centralInterval, chanceAbove } from '../../src/stats/blurred.js';
import { doubtFactor } from '../../src/stats/doubt-factor.js';
import { latinHypercube } from '../../src/stats/latin-hypercube.js';
import { varianceParts } from '../../src/stats/variance-parts.js';

test.each([0.02, 0.4, 2])('a factor has mean 1 and the spread %d', (share) => {
  const n = 200_000;
  const factors = Array.from({ length: n }, (_, i) => doubtFactor(share, (i + 0.5) / n));
  expect(mean(factors)).toBeCloseTo(1, 2);
  expect(sampleStandardDeviation(factors) / share).toBeCloseTo(1, share > 1 ? 0 : 2);
  expect(Math.min(...factors.slice(0, 3))).toBeGreaterThan(0);
});

test('the parts of a variance are those it was made of', () => {
  const rng = namedStream(3, 0, 'parts');
  const groups = Array.from({ length: 5000 }, () => {
    const common = 3 * standardNormal(rng);
    return [0, 1].map(() => 10 + common + 2 * standardNormal(rng));
  });
  const { mean: middle, between, within } = varianceParts(groups);
  expect(middle).toBeCloseTo(10, 0);
  expect(between / 9).toBeCloseTo(1, 1);
  expect(within / 4).toBeCloseTo(1, 1);
  expect(varianceParts([[1], [3]])).toEqual({ mean: 2, between: 2, within: 0 });
  expect(
    varianceParts([
      [1, 5],
      [3, 3],
    ]).between,
  ).toBe(0);
});

test('values with a normal error lie where the normal distribution says', () => {
  const one = [{ value: 10, sd: 2 }];
  expect(chanceAbove(one[0]!, 10)).toBeCloseTo(0.5, 6);
  expect(chanceAbove(one[0]!, 12)).toBeCloseTo(0.15866, 4);
  const [low, high] = centralInterval(one);
  expect(low).toBeCloseTo(10 - 2 * 1.96, 3);
  expect(high).toBeCloseTo(10 + 2 * 1.96, 3);
  expect(chanceAbove({ value: 5, sd: 0 }, 5)).toBe(0);
  expect(chanceAbove({ value: Number.POSITIVE_INFINITY, sd: 1 }, 5)).toBe(1);
});

test('32 draws are enough for an interval: it holds 95 % of further values in the mean', () => {
  const SHARES = [0.4, 0.2, 0.2, 0.1];
  const product = (point: readonly number[]): number =>
    point.reduce((value, p, i) => value * doubtFactor(SHARES[i]!, p), 1);
  const further = latinHypercube(4000, SHARES.length, (d) => namedStream(1, d, 'further')).map(product);
  const held = Array.from({ length: 100 }, (_, t) => {
    const drawn = latinHypercube(32, SHARES.length, (d) => namedStream(2 + t, d, 'drawn')).map(product);
    // As much as the model adds to a stop of that length.
    const [low, high] = centralInterval(drawn.map((value) => ({ value, sd: 0.02 * value })));
    return further.filter((value) => low <= value && value <= high).length / further.length;
  });
  expect(mean(held)).toBeGreaterThan(0.93);
  expect(mean(held)).toBeLessThan(0.97);
});
