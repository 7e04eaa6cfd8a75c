/**
 * Sobol sequence in Gray-code order (I. Antonov and V. Saleev, 1979), unscrambled, first point skipped by nobody:
 * point 0 is the origin. Direction numbers: S. Joe and F. Kuo, new-joe-kuo-6.21201
 * (https://web.maths.unsw.edu.au/~fkuo/sobol/, BSD licence), the first 16 dimensions.
 */
import { assert } from '../base/assert.js';

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

/** The first `count` points of the unit cube, each with `dimensions` coordinates in [0, 1). */
export function sobolPoints(count: number, dimensions: number): number[][] {
  assert(dimensions >= 1 && dimensions <= SOBOL_DIMENSIONS_MAX, 'dimensions within the table');
  const v = Array.from({ length: dimensions }, (_, d) => directions(d));
  const x = new Array<number>(dimensions).fill(0);
  const points: number[][] = [];
  for (let n = 0; n < count; n++) {
    points.push(x.map((value) => value / 2 ** BITS));
    let zeros = 0;
    while ((n >>> zeros) & 1) zeros++;
    for (let d = 0; d < dimensions; d++) x[d] = x[d]! ^ v[d]![zeros]!;
  }
  return points;
}
