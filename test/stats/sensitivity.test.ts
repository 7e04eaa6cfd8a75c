/** Functions whose indices are known: Ishigami and Homma (1990), Sobol's g-function, Morris (1991). */
import { describe, expect, it } from 'vitest';
import { namedStream } from '../../src/kernel/rng.js';
import { elementaryEffects, morrisWalks } from '../../src/stats/morris.js';
import { findBox } from '../../src/stats/prim.js';
import { saltelliDesign, sobolIndices } from '../../src/stats/saltelli.js';
import { scrambledSobolPoints, sobolPoints } from '../../src/stats/sobol.js';

const rng = (name: string) => namedStream(3, 0, name);

type Function = (x: readonly number[]) => number;

/** On (-pi, pi)^3 with a = 7 and b = 0.1. */
const ishigami: Function = (u) => {
  const [x1, x2, x3] = u.map((value) => Math.PI * (2 * value - 1)) as [number, number, number];
  return Math.sin(x1) + 7 * Math.sin(x2) ** 2 + 0.1 * x3 ** 4 * Math.sin(x1);
};

/** Closed forms: V1, V2 and V13 of the variance. */
function ishigamiIndices(): { first: number[]; total: number[] } {
  const [a, b] = [7, 0.1];
  const v1 = 0.5 * (1 + (b * Math.PI ** 4) / 5) ** 2;
  const v2 = a ** 2 / 8;
  const v13 = b ** 2 * Math.PI ** 8 * (1 / 18 - 1 / 50);
  const v = v1 + v2 + v13;
  return { first: [v1 / v, v2 / v, 0], total: [(v1 + v13) / v, v2 / v, v13 / v] };
}

const A = [0, 1, 4.5, 9, 99, 99];
const g: Function = (u) =>
  u.reduce((product, x, i) => (product * (Math.abs(4 * x - 2) + A[i]!)) / (1 + A[i]!), 1);

function gIndices(): { first: number[]; total: number[] } {
  const own = A.map((a) => 1 / (3 * (1 + a) ** 2));
  const v = own.reduce((product, vi) => product * (1 + vi), 1) - 1;
  return {
    first: own.map((vi) => vi / v),
    total: own.map((vi, i) => (vi * own.reduce((p, vj, j) => (j === i ? p : p * (1 + vj)), 1)) / v),
  };
}

describe("Sobol's indices", () => {
  it.each([
    ['Ishigami', 3, ishigami, ishigamiIndices()],
    ['the g-function', 6, g, gIndices()],
  ] as const)('%s: the true ones lie in their intervals', (name, inputs, f, truth) => {
    const design = saltelliDesign(inputs, 1024, rng(name));
    const indices = sobolIndices(design, design.points.map(f), rng(`${name} bootstrap`));
    for (const [i, index] of indices.entries()) {
      for (const key of ['first', 'total'] as const) {
        const [low, high] = index[`${key}_ci95`];
        expect(low, `${key} of ${i}`).toBeLessThanOrEqual(truth[key][i]! + 1e-9);
        expect(high, `${key} of ${i}`).toBeGreaterThanOrEqual(truth[key][i]! - 1e-9);
        expect(Math.abs(index[key] - truth[key][i]!)).toBeLessThan(0.06);
      }
    }
  });

  it('of a group are of its inputs changed together, over the same base points', () => {
    const groups = [[0], [1, 2]];
    const [alone, together] = [saltelliDesign(3, 256, rng('g')), saltelliDesign(3, 256, rng('g'), groups)];
    expect(together.points[0]).toEqual(alone.points[0]);
    // Three inputs that only add: the group explains what its members do, alone and in all.
    const sum: Function = ([a, b, c]) => 3 * a! + 2 * b! + c!;
    const [, group] = sobolIndices(together, together.points.map(sum), rng('group'));
    expect(group!.first).toBeCloseTo(5 / 14, 1);
    expect(group!.total).toBeCloseTo(5 / 14, 1);
  });

  it('are zero where nothing varies', () => {
    const design = saltelliDesign(2, 16, rng('constant'));
    const [index] = sobolIndices(
      design,
      design.points.map(() => 5),
      rng('constant'),
    );
    expect(index).toMatchObject({ first: 0, total: 0 });
  });
});

/** The function of Morris' paper: 20 inputs, of which the last ten hardly matter, and 8 to 10 act alone and straight. */
function morrisFunction(): Function {
  const draw = rng('morris-1991');
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(draw.uniformPositive())) * Math.cos(2 * Math.PI * draw.uniform());
  const first = Array.from({ length: 20 }, (_, i) => (i < 10 ? 20 : normal()));
  const second = Array.from({ length: 20 }, (_, i) =>
    Array.from({ length: 20 }, (_unused, j) => (i < 6 && j < 6 ? -15 : normal())),
  );
  return (u) => {
    const w = u.map((x, i) =>
      i === 2 || i === 4 || i === 6 ? 2 * ((1.1 * x) / (x + 0.1) - 0.5) : 2 * (x - 0.5),
    );
    let y = 0;
    for (let i = 0; i < 20; i++) {
      y += first[i]! * w[i]!;
      for (let j = i + 1; j < 20; j++) y += second[i]![j]! * w[i]! * w[j]!;
    }
    for (let i = 0; i < 5; i++)
      for (let j = i + 1; j < 5; j++) for (let l = j + 1; l < 5; l++) y -= 10 * w[i]! * w[j]! * w[l]!;
    for (let i = 0; i < 4; i++)
      for (let j = i + 1; j < 4; j++)
        for (let l = j + 1; l < 4; l++)
          for (let s = l + 1; s < 4; s++) y += 5 * w[i]! * w[j]! * w[l]! * w[s]!;
    return y;
  };
}

describe("Morris' effects", () => {
  it('find the ten inputs of his paper, and which of them act alone and straight', () => {
    const walks = morrisWalks(20, 40, rng('walks'));
    const f = morrisFunction();
    const effects = elementaryEffects(
      walks,
      walks.map(({ points }) => points.map(f)),
    );
    const idle = Math.max(...effects.slice(10).map(({ muStar }) => muStar));
    for (const { muStar } of effects.slice(0, 10)) expect(muStar).toBeGreaterThan(1.5 * idle);
    const straight = Math.max(...effects.slice(7, 10).map(({ sigma }) => sigma));
    for (const { sigma } of effects.slice(0, 7)) expect(sigma).toBeGreaterThan(2 * straight);
  });

  it("order the g-function's inputs as their coefficients do", () => {
    const walks = morrisWalks(6, 40, rng('g'));
    const effects = elementaryEffects(
      walks,
      walks.map(({ points }) => points.map(g)),
    );
    const order = effects.slice(0, 5).map(({ muStar }) => muStar);
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });

  it('move one input at a time, inside the cube', () => {
    for (const { points, moved } of morrisWalks(5, 20, rng('shape'))) {
      expect([...moved].sort()).toEqual([0, 1, 2, 3, 4]);
      for (const point of points) for (const x of point) expect(x >= 0 && x <= 1).toBe(true);
      for (const [k, input] of moved.entries()) {
        const changed = points[k]!.flatMap((x, i) => (x === points[k + 1]![i] ? [] : [i]));
        expect(changed).toEqual([input]);
      }
    }
  });
});

describe('the Sobol sequence', () => {
  it('has the points of SciPy in its last dimensions', () => {
    // scipy.stats.qmc.Sobol(64, scramble=False).random(8)[:, [16, 39, 63]]
    const picked = sobolPoints(8, 64).map((point) => [point[16], point[39], point[63]]);
    expect(picked).toEqual([
      [0.0, 0.0, 0.0],
      [0.5, 0.5, 0.5],
      [0.75, 0.25, 0.75],
      [0.25, 0.75, 0.25],
      [0.375, 0.875, 0.125],
      [0.875, 0.375, 0.625],
      [0.625, 0.625, 0.875],
      [0.125, 0.125, 0.375],
    ]);
  });

  it('stays even when it is scrambled: each slice of each dimension is met once', () => {
    const points = scrambledSobolPoints(64, 7, rng('scramble'));
    expect(points[0]).not.toEqual(new Array(7).fill(0));
    for (let d = 0; d < 7; d++) {
      const slices = points.map((point) => Math.floor(point[d]! * 64)).sort((a, b) => a - b);
      expect(slices).toEqual(Array.from({ length: 64 }, (_, i) => i));
    }
  });
});

describe('the box', () => {
  it('finds the corner where it happens', () => {
    const points = sobolPoints(512, 4);
    const hit = points.map(([a, b]) => a! > 0.6 && b! > 0.5);
    const box = findBox(points, hit)!;
    expect(box.sides.map(({ input }) => input)).toEqual([0, 1]);
    expect(box.sides[0]!.low).toBeCloseTo(0.6, 1);
    expect(box.sides[1]!.low).toBeCloseTo(0.5, 1);
    expect(Math.min(box.density, box.coverage)).toBeGreaterThan(0.9);
  });

  it('is none where it happens everywhere or nowhere', () => {
    const points = sobolPoints(32, 2);
    expect(
      findBox(
        points,
        points.map(() => true),
      ),
    ).toBeUndefined();
    expect(
      findBox(
        points,
        points.map(() => false),
      ),
    ).toBeUndefined();
  });
});
