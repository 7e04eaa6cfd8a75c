/**
 * Sobol sequence in Gray-code order (I. Antonov and V. Saleev, 1979), unscrambled, first point skipped by nobody:
 * point 0 is the origin. Direction numbers: S. Joe and F. Kuo, new-joe-kuo-6.21201
 * (https://web.maths.unsw.edu.au/~fkuo/sobol/, BSD licence), the first 64 dimensions
 * (SciPy's have the same). Scrambled it is random and still evenly filling: each point alone is uniform, so that what is
 * estimated from it has no bias, and nobody's first point is the origin.
 */
import { assert } from '../base/assert.js';
import type { Rng } from '../kernel/rng.js';

/** Per dimension from the second on: degree s, coefficients a of the primitive polynomial, initial m. */
const JOE_KUO: readonly (readonly [s: number, a: number, m: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
  [5, 14, [1, 3, 5, 5, 31]],
  [6, 1, [1, 3, 3, 9, 7, 49]],
  [6, 13, [1, 1, 1, 15, 21, 21]],
  [6, 16, [1, 3, 1, 13, 27, 49]],
  [6, 19, [1, 1, 1, 15, 7, 5]],
  [6, 22, [1, 3, 1, 15, 13, 25]],
  [6, 25, [1, 1, 5, 5, 19, 61]],
  [7, 1, [1, 3, 7, 11, 23, 15, 103]],
  [7, 4, [1, 3, 7, 13, 13, 15, 69]],
  [7, 7, [1, 1, 3, 13, 7, 35, 63]],
  [7, 8, [1, 3, 5, 9, 1, 25, 53]],
  [7, 14, [1, 3, 1, 13, 9, 35, 107]],
  [7, 19, [1, 3, 1, 5, 27, 61, 31]],
  [7, 21, [1, 1, 5, 11, 19, 41, 61]],
  [7, 28, [1, 3, 5, 3, 3, 13, 69]],
  [7, 31, [1, 1, 7, 13, 1, 19, 1]],
  [7, 32, [1, 3, 7, 5, 13, 19, 59]],
  [7, 37, [1, 1, 3, 9, 25, 29, 41]],
  [7, 41, [1, 3, 5, 13, 23, 1, 55]],
  [7, 42, [1, 3, 7, 3, 13, 59, 17]],
  [7, 50, [1, 3, 1, 3, 5, 53, 69]],
  [7, 55, [1, 1, 5, 5, 23, 33, 13]],
  [7, 56, [1, 1, 7, 7, 1, 61, 123]],
  [7, 59, [1, 1, 7, 9, 13, 61, 49]],
  [7, 62, [1, 3, 3, 5, 3, 55, 33]],
  [8, 14, [1, 3, 1, 15, 31, 13, 49, 245]],
  [8, 21, [1, 3, 5, 15, 31, 59, 63, 97]],
  [8, 22, [1, 3, 1, 11, 11, 11, 77, 249]],
  [8, 38, [1, 3, 1, 11, 27, 43, 71, 9]],
  [8, 47, [1, 1, 7, 15, 21, 11, 81, 45]],
  [8, 49, [1, 3, 7, 3, 25, 31, 65, 79]],
  [8, 50, [1, 3, 1, 1, 19, 11, 3, 205]],
  [8, 52, [1, 1, 5, 9, 19, 21, 29, 157]],
  [8, 56, [1, 3, 7, 11, 1, 33, 89, 185]],
  [8, 67, [1, 3, 3, 3, 15, 9, 79, 71]],
  [8, 70, [1, 3, 7, 11, 15, 39, 119, 27]],
  [8, 84, [1, 1, 3, 1, 11, 31, 97, 225]],
  [8, 97, [1, 1, 1, 3, 23, 43, 57, 177]],
  [8, 103, [1, 3, 7, 7, 17, 17, 37, 71]],
  [8, 115, [1, 3, 1, 5, 27, 63, 123, 213]],
  [8, 122, [1, 1, 3, 5, 11, 43, 53, 133]],
  [9, 8, [1, 3, 5, 5, 29, 17, 47, 173, 479]],
  [9, 13, [1, 3, 3, 11, 3, 1, 109, 9, 69]],
  [9, 16, [1, 1, 1, 5, 17, 39, 23, 5, 343]],
  [9, 22, [1, 3, 1, 5, 25, 15, 31, 103, 499]],
  [9, 25, [1, 1, 1, 11, 11, 17, 63, 105, 183]],
  [9, 44, [1, 1, 5, 11, 9, 29, 97, 231, 363]],
  [9, 47, [1, 1, 5, 15, 19, 45, 41, 7, 383]],
  [9, 52, [1, 3, 7, 7, 31, 19, 83, 137, 221]],
  [9, 55, [1, 1, 1, 3, 23, 15, 111, 223, 83]],
  [9, 59, [1, 1, 5, 13, 31, 15, 55, 25, 161]],
  [9, 62, [1, 1, 3, 13, 25, 47, 39, 87, 257]],
];

export const SOBOL_DIMENSIONS_MAX = JOE_KUO.length + 1;
const BITS = 30;

/** v[k], k = 0..BITS-1, scaled by 2^BITS. The numbers stay below 2^30, so 32-bit operators are safe. */
function directions(dimension: number): number[] {
  if (dimension === 0) return Array.from({ length: BITS }, (_, k) => 2 ** (BITS - 1 - k));
  const [s, a, m] = JOE_KUO[dimension - 1]!;
  const v = m.map((value, k) => value * 2 ** (BITS - 1 - k));
  for (let k = s; k < BITS; k++) {
    let next = v[k - s]! ^ (v[k - s]! >>> s);
    for (let i = 1; i < s; i++) if ((a >>> (s - 1 - i)) & 1) next ^= v[k - i]!;
    v.push(next);
  }
  return v;
}

/** 1 where an odd number of bits is set. */
function parity(bits: number): number {
  let x = bits;
  for (const shift of [16, 8, 4, 2, 1]) x ^= x >>> shift;
  return x & 1;
}

/** A random lower triangular matrix of bits with ones on its diagonal, as rows: it keeps what makes the sequence even. */
function randomMatrix(rng: Rng): number[] {
  return Array.from({ length: BITS }, (_, row) => {
    const diagonal = 2 ** (BITS - 1 - row);
    const left = row === 0 ? 0 : rng.below(2 ** row) * 2 ** (BITS - row);
    return diagonal + left;
  });
}

function multiplied(matrix: readonly number[], v: number): number {
  return matrix.reduce((sum, row, i) => sum + parity(row & v) * 2 ** (BITS - 1 - i), 0);
}

/** Points by direction numbers, from a start that is the origin or, scrambled, anywhere. */
function pointsOf(count: number, v: readonly (readonly number[])[], start: readonly number[]): number[][] {
  const x = [...start];
  const points: number[][] = [];
  for (let n = 0; n < count; n++) {
    points.push(x.map((value) => value / 2 ** BITS));
    let zeros = 0;
    while ((n >>> zeros) & 1) zeros++;
    for (let d = 0; d < x.length; d++) x[d] = x[d]! ^ v[d]![zeros]!;
  }
  return points;
}

function allDirections(dimensions: number): number[][] {
  assert(dimensions >= 1 && dimensions <= SOBOL_DIMENSIONS_MAX, 'dimensions within the table');
  return Array.from({ length: dimensions }, (_, d) => directions(d));
}

/** The first `count` points of the unit cube, each with `dimensions` coordinates in [0, 1). */
export function sobolPoints(count: number, dimensions: number): number[][] {
  return pointsOf(count, allDirections(dimensions), new Array<number>(dimensions).fill(0));
}

/** The same, scrambled: a random linear map and a random shift of the bits (J. Matousek, J. Complexity 14, 1998). */
export function scrambledSobolPoints(count: number, dimensions: number, rng: Rng): number[][] {
  const v = allDirections(dimensions).map((numbers) => {
    const matrix = randomMatrix(rng);
    return numbers.map((number) => multiplied(matrix, number));
  });
  const start = v.map(() => rng.below(2 ** BITS));
  return pointsOf(count, v, start);
}
