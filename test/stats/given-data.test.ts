/** Indices from points that were not chosen for them, on functions whose indices are known in closed form. */
import { describe, expect, it } from 'vitest';
import { standardNormal } from '../../src/kernel/distributions.js';
import { namedStream } from '../../src/kernel/rng.js';
import { firstOrders } from '../../src/stats/given-data.js';
import { latinHypercube } from '../../src/stats/latin-hypercube.js';
import { scrambledSobolPoints, sobolPoints } from '../../src/stats/sobol.js';
import { totalOrders } from '../../src/stats/total-orders.js';

const rng = (name: string) => namedStream(5, 0, name);
type Points = readonly (readonly number[])[];

const columnsOf = (points: Points): number[][] => points[0]!.map((_, i) => points.map((point) => point[i]!));

/** On (-pi, pi)^3 with a = 7 and b = 0.1: shares 0.314, 0.442 and 0. */
function ishigami(u: readonly number[]): number {
  const [x1, x2, x3] = u.map((value) => Math.PI * (2 * value - 1)) as [number, number, number];
  return Math.sin(x1) + 7 * Math.sin(x2) ** 2 + 0.1 * x3 ** 4 * Math.sin(x1);
}
const ISHIGAMI = [0.3139, 0.4424, 0];

describe('first order from given data', () => {
  it.each([
    ['a Sobol sequence', (n: number) => sobolPoints(n, 3)],
    ['a scrambled one', (n: number) => scrambledSobolPoints(n, 3, rng('scrambled'))],
    ['a Latin hypercube', (n: number) => latinHypercube(n, 3, (d) => rng(`axis ${d}`))],
  ])('of Ishigami from %s', (_name, design) => {
    const points = design(1024);
    const found = firstOrders(columnsOf(points), points.map(ishigami), rng('bootstrap'));
    for (const [i, { first, first_ci95 }] of found.entries()) {
      expect(Math.abs(first - ISHIGAMI[i]!)).toBeLessThan(0.05);
      expect(first_ci95[0]).toBeLessThanOrEqual(ISHIGAMI[i]!);
      expect(first_ci95[1]).toBeGreaterThanOrEqual(ISHIGAMI[i]!);
    }
  });

  it('covers the truth in 9 of 10 small samples', () => {
    let covered = 0;
    for (let t = 0; t < 20; t++) {
      const points = latinHypercube(128, 3, (d) => rng(`trial ${t} ${d}`));
      const found = firstOrders(columnsOf(points), points.map(ishigami), rng(`bootstrap ${t}`));
      for (const [
        i,
        {
          first_ci95: [low, high],
        },
      ] of found.entries())
        if (low <= ISHIGAMI[i]! && ISHIGAMI[i]! <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(0.9 * 60);
  });

  it('takes values in a list as they are, and noise as what nothing explains', () => {
    const draw = rng('noise');
    const points = Array.from({ length: 400 }, (_, i) => [i % 3, draw.uniform()]);
    // A step of 0, 1 and 5 has a variance of 14/3; noise adds as much.
    const y = points.map(([step]) => [0, 1, 5][step!]! + Math.sqrt(14 / 3) * standardNormal(draw));
    const [list, idle] = firstOrders(columnsOf(points), y, rng('bootstrap'));
    expect(list!.first).toBeCloseTo(0.5, 1);
    expect(Math.abs(idle!.first)).toBeLessThan(0.08);
  });

  it('is 0 where nothing varies', () => {
    const [one] = firstOrders([[1, 2, 3, 4]], [7, 7, 7, 7], rng('bootstrap'));
    expect(one).toEqual({ first: 0, first_ci95: [0, 0] });
  });
});

/** Of independent inputs from 0 to 1: variances 1/12, 1/12 and, together, 16/144. */
const saddle = ([a, b]: readonly number[]): number => a! + b! + 4 * (a! - 0.5) * (b! - 0.5);
const SADDLE = [0.7, 0.7, 0];

describe('total order from given data', () => {
  it('of a grid is counted: what points differ by that agree in all but one input', () => {
    // Mean 1, variance 1.5.
    const points = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const { totals, foretold } = totalOrders(columnsOf(points), [0, 0, 1, 3], rng('grid'));
    // Along the first: (0, 1) and (0, 3), variances 1/4 and 9/4; along the second: (0, 0) and (1, 3), 0 and 1.
    expect(totals!.map(({ total }) => total)).toEqual([1.25 / 1.5, 0.5 / 1.5]);
    expect(totals![0]!.total_ci95).toEqual([1.25 / 1.5, 1.25 / 1.5]);
    expect(foretold).toBeNull();
  });

  it.each([
    ['a Sobol sequence', (n: number) => sobolPoints(n, 3)],
    ['a Latin hypercube', (n: number) => latinHypercube(n, 3, (d) => rng(`axis ${d}`))],
  ])('of a surface with a bend of two inputs, from %s', (_name, design) => {
    const points = design(256);
    const noise = rng('surface');
    const y = points.map((point) => saddle(point) + 0.02 * standardNormal(noise));
    const { totals, foretold } = totalOrders(columnsOf(points), y, rng('bootstrap'));
    expect(foretold).toBeGreaterThan(0.99);
    for (const [i, { total, total_ci95 }] of totals!.entries()) {
      expect(Math.abs(total - SADDLE[i]!)).toBeLessThan(0.03);
      expect(total_ci95[1] - total_ci95[0]).toBeLessThan(0.05);
    }
  });

  it('is not told where no surface foretells the points, or where there are few', () => {
    const points = sobolPoints(256, 3);
    const rough = totalOrders(columnsOf(points), points.map(ishigami), rng('rough'));
    expect(rough.totals).toBeNull();
    expect(rough.foretold).toBeLessThan(0.9);
    const few = points.slice(0, 12);
    expect(totalOrders(columnsOf(few), few.map(saddle), rng('few'))).toEqual({
      totals: null,
      foretold: null,
    });
    const flat = totalOrders(
      columnsOf(points),
      points.map(() => 5),
      rng('flat'),
    );
    expect(flat).toEqual({ totals: null, foretold: null });
  });
});
