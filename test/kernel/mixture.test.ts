/** A smooth law plus one of many values, against closed forms. */
import { describe, expect, it } from 'vitest';
import { lawOfSum } from '../../src/kernel/law.js';
import { plusOneOf, type Stretch } from '../../src/kernel/mixture.js';
import { exponentialSpread } from '../../src/kernel/spread.js';

/** P(the sum of 16 exponentials of mean 1 > x). */
function erlang16(x: number): number {
  if (x <= 0) return 1;
  let [term, sum] = [Math.exp(-x), 0];
  for (let k = 0; k < 16; k++) {
    sum += term;
    term *= x / (k + 1);
  }
  return sum;
}

const erlang = lawOfSum([{ spread: exponentialSpread(1), count: 16, factor: 1 }], 0)!;
/** From 0 to 30 and no further, evenly. */
const even = Array.from({ length: 3000 }, (_, i) => (i + 0.5) / 100);
const single = (values: readonly number[]): Stretch[] =>
  values.map((value) => ({ share: 1 / values.length, from: value, to: value }));

describe('a smooth law plus one of many values', () => {
  it('has the moments of both', () => {
    const law = plusOneOf(erlang, single(even));
    expect(law.mean).toBeCloseTo(16 + 15, 9);
    expect(law.variance).toBeCloseTo(16 + 30 ** 2 / 12, 3);
  });

  it.each([5, 16, 31, 46, 60])('is exceeded at %d as often as both together say', (x) => {
    const exact = even.reduce((sum, value) => sum + erlang16(x - value), 0) / even.length;
    expect(Math.abs(plusOneOf(erlang, single(even)).exceeding(x) - exact)).toBeLessThan(1e-4);
  });

  it('keeps an abrupt end, however much wider than the smooth part the values are', () => {
    const wide = even.map((value) => value * 1e6);
    const exact = (x: number): number =>
      wide.reduce((sum, value) => sum + erlang16(x - value), 0) / wide.length;
    const p99 = plusOneOf(erlang, single(wide)).quantile(0.99);
    expect(Math.abs(exact(p99) - 0.01)).toBeLessThan(1e-3 / 2);
    expect(p99).toBeLessThan(30e6);
  });

  it.each([0.001, 0.25, 0.5, 0.99, 0.999])('has the quantile of %d where as much lies below', (p) => {
    const law = plusOneOf(erlang, single([0, 0, 0, 50]));
    expect(1 - law.exceeding(law.quantile(p))).toBeCloseTo(p, 9);
  });

  it('of a constant takes each value as often as it is given', () => {
    const law = plusOneOf(100, single([1, 2, 2, 3]));
    for (const [p, value] of [
      [0.2, 101],
      [0.5, 102],
      [0.74, 102],
      [0.8, 103],
    ] as const)
      expect(law.quantile(p)).toBeCloseTo(value, 9);
    expect([100, 101, 102, 103].map((x) => law.exceeding(x))).toEqual([1, 0.75, 0.25, 0]);
  });

  const stretches: readonly Stretch[] = [
    { share: 0.5, from: 0, to: 20 },
    { share: 0.25, from: 30, to: 10 },
    { share: 0.25, from: 5, to: 5 },
  ];
  /** The same as many single values, every hundredth of a stretch. */
  const values = stretches.flatMap(({ share, from, to }) =>
    Array.from({ length: 400 * share }, () => 0).flatMap((_, i, { length }) =>
      Array.from({ length: 20 }, (__, j) => from + ((i + (j + 0.5) / 20) / length) * (to - from)),
    ),
  );

  it.each([0.02, 0.1, 0.5, 0.8, 0.99])('spreads a stretch evenly: the quantile of %d', (p) => {
    const [together, apart] = [plusOneOf(erlang, stretches), plusOneOf(erlang, single(values))];
    expect(together.quantile(p)).toBeCloseTo(apart.quantile(p), 3);
    expect(together.mean).toBeCloseTo(apart.mean, 9);
    expect(together.variance).toBeCloseTo(apart.variance, 3);
    const exact = plusOneOf(100, stretches);
    expect(1 - exact.exceeding(exact.quantile(p))).toBeCloseTo(p, 9);
  });
});
