/**
 * Goodness of fit for the tests of draws. Each test fixes its seed, so it passes always or never; its false-alarm rate
 * is how often a right sampler would fail had the seed been drawn: 1e-6 for every comparison here.
 */
import { expect } from 'vitest';

const Z_ONE_SIDED = 4.7534; // standard normal, upper tail 1e-6

/** Kolmogorov and Smirnov: the greatest distance between sample and distribution function (asymptotic bound). */
export function expectDistribution(sample: Float64Array, cdf: (x: number) => number): void {
  const sorted = sample.slice().sort();
  const n = sorted.length;
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const p = cdf(sorted[i]!);
    distance = Math.max(distance, p - i / n, (i + 1) / n - p);
  }
  expect(distance).toBeLessThan(Math.sqrt(-Math.log(1e-6 / 2) / 2 / n));
}

/**
 * Chi-square of counts against probabilities, neighbours pooled until 25 are expected; critical value by Wilson and
 * Hilferty's cube root.
 */
export function expectCounts(counts: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  let draws = 0;
  for (let i = 0; i < counts.length; i++) draws += counts[i]!;
  let chi2 = 0;
  let cells = 0;
  let [seen, expected] = [0, 0];
  let left = draws;
  for (let i = 0; i < counts.length; i++) {
    if (probabilities[i] === 0) expect(counts[i]).toBe(0);
    seen += counts[i]!;
    expected += probabilities[i]! * draws;
    const isLast = i === counts.length - 1;
    if (!isLast && (expected < 25 || left - expected < 25)) continue;
    left -= expected;
    if (expected > 0) chi2 += (seen - expected) ** 2 / expected;
    cells++;
    [seen, expected] = [0, 0];
  }
  expect(cells).toBeGreaterThan(1);
  const df = cells - 1;
  const critical = df * (1 - 2 / (9 * df) + Z_ONE_SIDED * Math.sqrt(2 / (9 * df))) ** 3;
  expect(chi2).toBeLessThan(critical);
}

/** A mean of n draws against its expectation, for a known variance of one draw: within 5 deviations (6e-7). */
export function expectMean(sample: Float64Array, mean: number, variance: number): void {
  const found = sample.reduce((sum, x) => sum + x, 0) / sample.length;
  expect(Math.abs(found - mean)).toBeLessThanOrEqual(5 * Math.sqrt(variance / sample.length));
}

/**
 * Probabilities of a unimodal count from the ratio P(k+1)/P(k) alone, walking out from the mode and normalised at
 * the end: an oracle that shares nothing with the samplers' formulas. Returns the first count and the list.
 */
export function countProbabilities(
  mode: number,
  ratio: (k: number) => number,
): { first: number; p: number[] } {
  const up: number[] = [1];
  for (let k = mode; up.at(-1)! > 1e-18; k++) up.push(up.at(-1)! * ratio(k));
  const down: number[] = [];
  for (let k = mode - 1, p = 1; k >= 0; k--) {
    p /= ratio(k);
    if (p < 1e-18) break;
    down.push(p);
  }
  const p = [...down.reverse(), ...up];
  const sum = p.reduce((a, b) => a + b, 0);
  return { first: mode - down.length, p: p.map((x) => x / sum) };
}

/** n draws as an array. */
export function draws(n: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: n }, draw);
}
