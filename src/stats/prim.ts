/**
 * The box in which something happens: of points in the unit cube, some of which are hits, the ranges of few inputs that
 * hold most hits and little else. Peeling as in PRIM (J. Friedman and N. Fisher, Statistics and Computing 9, 1999).
 */

/** A range of one input that the box keeps to, in the unit cube. */
export interface Side {
  readonly input: number;
  readonly low: number;
  readonly high: number;
}

export interface Box {
  readonly sides: readonly Side[];
  /** Share of the points inside that are hits, and of the hits that are inside. */
  readonly density: number;
  readonly coverage: number;
}

type Bounds = readonly (readonly [low: number, high: number])[];

/** Share of the points that one step takes away. */
const PEEL = 0.05;
/** A bound that makes the box less than this much better is dropped again. */
const WORTH = 0.01;

interface Points {
  readonly at: readonly (readonly number[])[];
  readonly hit: readonly boolean[];
}

const inside = (point: readonly number[], bounds: Bounds): boolean =>
  point.every((value, i) => value >= bounds[i]![0] && value <= bounds[i]![1]);

function counted({ at, hit }: Points, bounds: Bounds): { points: number; hits: number } {
  let [points, hits] = [0, 0];
  for (const [j, point] of at.entries()) {
    if (!inside(point, bounds)) continue;
    points++;
    if (hit[j]) hits++;
  }
  return { points, hits };
}

/** How good a box is: the harmonic mean of density and coverage. */
function worth(points: Points, bounds: Bounds, all: number): number {
  const { points: held, hits } = counted(points, bounds);
  return held + all === 0 ? 0 : (2 * hits) / (held + all);
}

/** The boxes one peel smaller. */
function peeled(points: Points, bounds: Bounds): Bounds[] {
  return bounds.flatMap(([low, high], i) => {
    const values = points.at.filter((point) => inside(point, bounds)).map((point) => point[i]!);
    const levels = [...new Set(values)].sort((a, b) => a - b);
    if (levels.length < 2) return [];
    values.sort((a, b) => a - b);
    const cut = Math.max(1, Math.floor(PEEL * values.length));
    // Whole numbers share their place: at least one of them goes.
    const next = levels.find((level) => level > values[cut - 1]!)!;
    const before = levels.findLast((level) => level < values[values.length - cut]!)!;
    return [bounds.with(i, [next ?? high, high]), bounds.with(i, [low, before ?? low])];
  });
}

/** The best box found; undefined where hits are nowhere, everywhere, or nowhere in particular. */
export function findBox(at: readonly (readonly number[])[], hit: readonly boolean[]): Box | undefined {
  const points = { at, hit };
  const all = hit.filter(Boolean).length;
  if (all === 0 || all === hit.length) return undefined;
  let bounds: Bounds = at[0]!.map(() => [0, 1] as const);
  let best = { bounds, worth: worth(points, bounds, all) };
  for (
    let held = counted(points, bounds);
    held.hits > 0 && held.hits < held.points;
    held = counted(points, bounds)
  ) {
    const ranked = peeled(points, bounds)
      .map((each) => ({ each, ...counted(points, each) }))
      .filter(({ hits, points: left }) => hits > 0 && left < held.points)
      .sort((a, b) => b.hits / b.points - a.hits / a.points || b.hits - a.hits);
    if (!ranked[0]) break;
    bounds = ranked[0].each;
    const value = worth(points, bounds, all);
    if (value > best.worth) best = { bounds, worth: value };
  }
  const box = simplified(points, best.bounds, all);
  const { points: held, hits } = counted(points, box);
  const sides = box
    .map(([low, high], input) => ({ input, low, high }))
    .filter(({ low, high }) => low > 0 || high < 1);
  if (sides.length === 0) return undefined;
  return {
    sides,
    density: hits / held,
    coverage: hits / all,
  };
}

/** The box without the bounds that it is hardly better for. */
function simplified(points: Points, full: Bounds, all: number): Bounds {
  let bounds = full;
  for (const i of full.keys()) {
    for (const side of [0, 1] as const) {
      const [low, high] = bounds[i]!;
      const open = bounds.with(i, side === 0 ? [0, high] : [low, 1]);
      if (worth(points, open, all) > worth(points, bounds, all) - WORTH) bounds = open;
    }
  }
  return bounds;
}
