/**
 * Statistics against published tables and SciPy 1.17.1 (stats.t.ppf, binomtest().proportion_ci('wilson'),
 * quantile_test().confidence_interval, NumPy quantile). No chance except in the last test.
 */
import { describe, expect, test } from 'vitest';
import { namedStream } from '../../src/kernel/rng.js';
import { summariseMean } from '../../src/stats/mean.js';
import { summarisePaired } from '../../src/stats/paired.js';
import { nextReplications, relativeHalfWidth } from '../../src/stats/precision.js';
import { summariseProportion } from '../../src/stats/proportion.js';
import { minimumN, quantileRanks, summariseQuantile } from '../../src/stats/quantile.js';
import { studentQuantile, studentTwoSided } from '../../src/stats/student.js';

describe('Student t', () => {
  // [df, t for 90 %, 95 %, 99 % two-sided]; SciPy, the first nine digits also in NIST/SEMATECH 1.3.6.7.2 as far as it prints.
  test.each([
    [1, 6.313751514675037, 12.706204736174694, 63.656741162871526],
    [2, 2.9199855803537242, 4.302652729749462, 9.924843200918287],
    [3, 2.3533634348018233, 3.1824463052837078, 5.840909309733355],
    [4, 2.1318467863266495, 2.7764451051977934, 4.604094871349992],
    [9, 1.833112932656237, 2.262157162798205, 3.249835541592126],
    [10, 1.8124611228116756, 2.228138851986274, 3.16927267261695],
    [29, 1.6991270265334972, 2.045229642132703, 2.756385903670605],
    [30, 1.697260886593957, 2.0422724563012378, 2.7499956535672254],
    [999, 1.646380345427535, 1.9623414611334493, 2.5807596372676365],
    [10000, 1.645006018069243, 1.960201239890626, 2.5763210466685282],
  ])('quantiles for %i degrees of freedom', (df, t90, t95, t99) => {
    expect(studentQuantile(0.9, df) / t90).toBeCloseTo(1, 9);
    expect(studentQuantile(0.95, df) / t95).toBeCloseTo(1, 9);
    expect(studentQuantile(0.99, df) / t99).toBeCloseTo(1, 9);
  });

  test('the distribution function grows from 0 to 1', () => {
    for (const df of [1, 2, 3, 8, 51]) {
      expect(studentTwoSided(0, df)).toBe(0);
      expect(studentTwoSided(1, df)).toBeLessThan(studentTwoSided(1.1, df));
      expect(studentTwoSided(1e9, df)).toBeCloseTo(1, 6);
    }
  });
});

describe('mean', () => {
  const sample = [2.1, 3.7, 1.4, 9.9, 4.4, 4.5, 0.3];
  test('of a symmetric sample: the Student interval, as scipy.stats.t.interval([1, 2, 4, 6, 7]) has it', () => {
    const { n, mean, sd, ci95 } = summariseMean([1, 2, 4, 6, 7]);
    expect([n, mean]).toEqual([5, 4]);
    expect(sd).toBeCloseTo(2.5495097567963922, 12);
    expect(ci95![0]).toBeCloseTo(0.8343655219166854, 10);
    expect(ci95![1]).toBeCloseTo(7.165634478083314, 10);
  });
  test("of a skewed one: where Hall's function of the studentised mean is a quantile of t", () => {
    const { mean, sd, ci95 } = summariseMean(sample);
    expect(mean).toBeCloseTo(3.757142857142857, 12);
    expect(sd).toBeCloseTo(3.1346754977494045, 12);
    // scipy.stats.skew(sample, bias=False) is 1.3143708184383052.
    const d = 1.3143708184383052 / Math.sqrt(7);
    const hall = (t: number): number => t + (d * (2 * t ** 2 + 1)) / 6 + (d ** 2 * t ** 3) / 27;
    const [high, low] = ci95!.map((end) => hall(((mean - end) * Math.sqrt(7)) / sd!));
    expect(high).toBeCloseTo(2.4469118511449786, 9);
    expect(low).toBeCloseTo(-2.4469118511449786, 9);
  });
  test('one value has no spread, equal values have none either', () => {
    expect(summariseMean([5])).toEqual({ n: 1, mean: 5, sd: null, ci95: null });
    expect(summariseMean([5, 5, 5])).toEqual({ n: 3, mean: 5, sd: 0, ci95: [5, 5] });
  });
});

describe('quantiles', () => {
  // [n, p, ranks]: SciPy quantile_test on 1..n.
  test.each([
    [6, 0.5, 1, 6],
    [10, 0.5, 2, 9],
    [30, 0.5, 10, 21],
    [100, 0.5, 40, 61],
    [299, 0.5, 133, 167],
    [100, 0.95, 90, 100],
    [299, 0.95, 276, 292],
    [368, 0.99, 360, 368],
    [500, 0.99, 490, 500],
    [1000, 0.99, 983, 997],
  ])('equal-tailed ranks, n = %i, p = %f', (n, p, low, high) => {
    expect(quantileRanks(n, p)).toEqual([low, high]);
  });

  test('the minimum n rule: 6 for a median, 59 for p95, 299 for p99', () => {
    expect([minimumN(0.95), minimumN(0.99)]).toEqual([59, 299]);
    expect(quantileRanks(5, 0.5)).toBeUndefined();
    expect(quantileRanks(58, 0.95)).toBeUndefined();
    expect(quantileRanks(59, 0.95)).toBeDefined();
    expect(quantileRanks(298, 0.99)).toBeUndefined();
    expect(quantileRanks(299, 0.99)![1]).toBe(299);
  });

  test('coverage of every interval is at least 95 %', () => {
    for (const [n, p] of [
      [6, 0.5],
      [59, 0.95],
      [70, 0.95],
      [299, 0.99],
      [340, 0.99],
      [20, 0.3],
    ] as const) {
      const [low, high] = quantileRanks(n, p)!;
      let covered = 0;
      for (let k = low; k < high; k++) {
        let ln = k * Math.log(p) + (n - k) * Math.log(1 - p);
        for (let i = 1; i <= k; i++) ln += Math.log((n - k + i) / i);
        covered += Math.exp(ln);
      }
      expect(covered).toBeGreaterThanOrEqual(0.95);
    }
  });

  test('values are type 7 as NumPy, and p99 of a small sample is null', () => {
    const sorted = [0.3, 1.4, 2.1, 3.7, 4.4, 4.5, 9.9];
    expect(summariseQuantile(sorted, 0.5).value).toBeCloseTo(3.7, 12);
    expect(summariseQuantile(sorted, 0.95).value).toBeCloseTo(8.28, 9);
    expect(summariseQuantile(sorted, 0.95).ci95).toBeNull();
    expect(summariseQuantile(sorted, 0.99)).toEqual({ value: null, ci95: null });
    expect(summariseQuantile([], 0.5)).toEqual({ value: null, ci95: null });
    const many = Array.from({ length: 299 }, (_, i) => i + 1);
    expect(summariseQuantile(many, 0.99).value).toBeCloseTo(296.02, 9);
    expect(summariseQuantile(many, 0.99).ci95![1]).toBe(299);
  });
});

describe('shares', () => {
  // SciPy; 81 of 263 and 15 of 148 are the examples of R. G. Newcombe, Statistics in Medicine 17 (1998), table I.
  test.each([
    [0, 10, 0, 0.27753279986288926],
    [10, 10, 0.7224672001371109, 1],
    [5, 10, 0.236593090512564, 0.7634069094874361],
    [3, 30, 0.034599888747334176, 0.2562108257918408],
    [81, 263, 0.2552885198782742, 0.36620957698280004],
    [15, 148, 0.06238639953073629, 0.16048724172330803],
    [1, 29, 0.006113214292762667, 0.17175521879320282],
  ])('Wilson interval of %i of %i', (k, n, low, high) => {
    const { value, ci95 } = summariseProportion(k, n);
    expect(value).toBe(k / n);
    expect(ci95[0]).toBeCloseTo(low, 12);
    expect(ci95[1]).toBeCloseTo(high, 12);
  });
});

test('paired differences are narrower than the spread they share', () => {
  const baseline = [10, 20, 30, 40];
  const { mean, ci95 } = summarisePaired([11, 21.2, 30.8, 41], baseline);
  expect(mean).toBeCloseTo(1, 12);
  expect(ci95![1] - ci95![0]).toBeLessThan(1);
});

describe('--precision', () => {
  const rule = { relative: 0.05, minimum: 10, maximum: 1000 };
  const draws = (n: number, spread: number): number[] => {
    const rng = namedStream(1, 0, 'precision');
    return Array.from({ length: n }, () => 100 + spread * (rng.uniform() - 0.5));
  };
  test('starts with the minimum, stops when met, never exceeds the maximum', () => {
    expect(nextReplications(0, [], rule)).toBe(10);
    expect(nextReplications(10, [draws(10, 1)], rule)).toBe(10);
    expect(nextReplications(10, [draws(10, 400)], rule)).toBe(20);
    expect(nextReplications(1000, [draws(1000, 4000)], rule)).toBe(1000);
    expect(nextReplications(10, [draws(10, 1), draws(10, 400)], rule)).toBe(20);
  });
  test('equal values need no more', () => {
    expect(relativeHalfWidth([3, 3, 3])).toBe(0);
    expect(nextReplications(10, [Array(10).fill(0)], rule)).toBe(10);
  });
  test('the rule ends with the width met', () => {
    let n = 0;
    for (
      let next = nextReplications(0, [], rule);
      next !== n;
      next = nextReplications(n, [draws(n, 120)], rule)
    )
      n = next;
    expect(relativeHalfWidth(draws(n, 120))).toBeLessThanOrEqual(0.05);
    expect(n).toBeGreaterThan(10);
    expect(n).toBeLessThan(400);
  });
});
