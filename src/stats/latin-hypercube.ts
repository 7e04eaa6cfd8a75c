/** Points that are even in every dimension alone (M. McKay, R. Beckman and W. Conover, Technometrics 21, 1979). */
import type { Rng } from '../kernel/rng.js';

/**
 * Coordinates in [0, 1): every dimension is cut into as many equal slices as there are points, and each slice is used once.
 * `streamOf`: the stream of a dimension, so that one more dimension leaves the others as they are.
 */
export function latinHypercube(
  points: number,
  dimensions: number,
  streamOf: (dimension: number) => Rng,
): number[][] {
  const columns = Array.from({ length: dimensions }, (_, d) => {
    const rng = streamOf(d);
    const slices = Array.from({ length: points }, (_unused, i) => i);
    for (let i = points - 1; i > 0; i--) {
      const j = rng.below(i + 1);
      [slices[i], slices[j]] = [slices[j]!, slices[i]!];
    }
    return slices.map((slice) => (slice + rng.uniform()) / points);
  });
  return Array.from({ length: points }, (_, i) => columns.map((column) => column[i]!));
}
