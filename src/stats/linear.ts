/** The few linear equations that a fit comes down to. */

/** x of `matrix x = right`, for a symmetric positive definite matrix (Gaussian elimination without pivots). */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const n = rows.length;
  for (let i = 0; i < n; i++)
    for (let below = i + 1; below < n; below++) {
      const factor = rows[below]![i]! / rows[i]![i]!;
      for (let column = i; column <= n; column++) rows[below]![column]! -= factor * rows[i]![column]!;
    }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    const known = x.reduce((sum, value, j) => (j > i ? sum + rows[i]![j]! * value : sum), 0);
    x[i] = (rows[i]![n]! - known) / rows[i]![i]!;
  }
  return x;
}

/** The inverse of such a matrix, row by row. */
export function inverse(matrix: readonly (readonly number[])[]): number[][] {
  return matrix.map((_, i) =>
    solve(
      matrix,
      matrix.map((__, j) => (i === j ? 1 : 0)),
    ),
  );
}

/** The diagonal of the inverse of such a matrix. */
export function inverseDiagonal(matrix: readonly (readonly number[])[]): number[] {
  return inverse(matrix).map((row, i) => row[i]!);
}
