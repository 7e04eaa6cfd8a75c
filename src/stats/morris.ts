/**
 * Screening by elementary effects (M. Morris, Technometrics 33, 1991): random walks through the unit cube that move one
 * input at a time. The mean size of an input's effects (mu*, F. Campolongo et al., Environmental Modelling and Software
 * 22, 2007) says how much it matters; their spread (sigma) whether that depends on the others or bends.
 */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Rng } from '../kernel/rng.js';

const LEVELS = 4;
/** The step that meets all levels equally often. */
const STEP: number = LEVELS / (2 * (LEVELS - 1));

/** One walk: a point more than there are inputs, and which input each step moved. */
export interface Walk {
  readonly points: readonly (readonly number[])[];
  readonly moved: readonly number[];
}

function shuffled(count: number, rng: Rng): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Random walks over the levels. */
export function morrisWalks(inputs: number, count: number, rng: Rng): Walk[] {
  return Array.from({ length: count }, () => {
    const moved = shuffled(inputs, rng);
    let point = Array.from({ length: inputs }, () => rng.below(LEVELS) / (LEVELS - 1));
    const points = [point];
    for (const input of moved) {
      const at = point[input]!;
      point = point.with(input, at + STEP > 1 + 1e-9 ? at - STEP : at + STEP);
      points.push(point);
    }
    return { points, moved };
  });
}

export interface ElementaryEffects {
  readonly mu: number;
  readonly muStar: number;
  readonly sigma: number;
}

/** The effects of each input, for its whole range, from the values at the points of each walk. */
export function elementaryEffects(
  walks: readonly Walk[],
  values: readonly (readonly number[])[],
): ElementaryEffects[] {
  const inputs = walks[0]!.moved.length;
  const effects: number[][] = Array.from({ length: inputs }, () => []);
  for (const [w, { points, moved }] of walks.entries()) {
    for (const [k, input] of moved.entries()) {
      const step = points[k + 1]![input]! - points[k]![input]!;
      effects[input]!.push((values[w]![k + 1]! - values[w]![k]!) / step);
    }
  }
  return effects.map((list) => ({
    mu: mean(list),
    muStar: mean(list.map(Math.abs)),
    sigma: list.length < 2 ? 0 : sampleStandardDeviation(list),
  }));
}
