/**
 * Where in the space of the axes to look. A design gives coordinates in [0, 1) per dimension; the axes turn
 * them into values. Grids are enumerated without being stored, so that a million points cost no memory.
 */
import { InputError } from '../../base/errors.js';
import { namedStream } from '../../kernel/rng.js';
import { latinHypercube } from '../../stats/latin-hypercube.js';
import { SOBOL_DIMENSIONS_MAX, sobolPoints } from '../../stats/sobol.js';

export type Design =
  | { readonly kind: 'grid' }
  /** Every axis is cut into `points` equal slices, and each slice is used once (src/stats/latin-hypercube.ts). */
  | { readonly kind: 'latin-hypercube'; readonly points: number }
  /** Evenly filling, quasi-random; best with a power of two. */
  | { readonly kind: 'sobol'; readonly points: number };

/** Coordinates of a design that is not a grid. */
export function designPoints(
  design: Exclude<Design, { kind: 'grid' }>,
  dimensions: number,
  seed: number,
): number[][] {
  if (design.kind === 'latin-hypercube')
    return latinHypercube(design.points, dimensions, (d) =>
      namedStream(seed, 0, `design/latin-hypercube/${d}`),
    );
  if (dimensions > SOBOL_DIMENSIONS_MAX)
    throw new InputError(`design: sobol takes at most ${SOBOL_DIMENSIONS_MAX} axes, not ${dimensions}`);
  return sobolPoints(design.points, dimensions);
}
