/**
 * The last of many steps at which something known for each still fits: it grows from step to step, and is asked for at as few of
 * them as may be. From a guess on it is looked for along secants; between one that fits and one that does not, by regula falsi.
 */

export interface Steps {
  readonly lowest: number;
  readonly highest: number;
  /** Where the last that fits is thought to be. */
  readonly guess: number;
  /** Larger steps fit less, or smaller ones. */
  readonly way: 1 | -1;
  /** How close to the last that fits is close enough, as a share of it. */
  readonly resolution: number;
}

/** A step, counted so that larger ones fit less. */
interface Tried {
  readonly at: number;
  readonly excess: number;
}

/** How much further than a secant says it is looked, so that the root lies between. */
const BEYOND = 0.25;
const GROWTH = 4;
/** An interval is halved so often at least. */
const HALVING_EACH = 3;

/** The last step that fits; `excess`: how far a step is from fitting, 0 or less where it does. */
export function lastStep(steps: Steps, excess: (step: number) => number): number | 'none' | 'all' {
  const { lowest, highest, way, resolution } = steps;
  const [best, worst] = way === 1 ? [lowest, highest] : [-highest, -lowest];
  const tried = (at: number): Tried => ({ at, excess: excess(way * at) });
  const inside = (at: number): number => Math.round(Math.min(worst, Math.max(best, at)));
  const widthAt = (at: number): number => Math.max(1, Math.floor(Math.abs(at) * resolution));

  let [good, bad]: [Tried | undefined, Tried | undefined] = [undefined, undefined];
  let width = widthAt(steps.guess);
  for (let here = tried(inside(way * steps.guess)); ; width *= GROWTH) {
    const before: Tried | undefined = good ?? bad;
    if (here.excess <= 0) good = here;
    else bad = here;
    if (good && bad) break;
    if (here.excess <= 0 ? here.at === worst : here.at === best) return here.excess <= 0 ? 'all' : 'none';
    const to = here.excess <= 0 ? width : -width;
    const slope = before && (here.excess - before.excess) / (here.at - before.at);
    const along = slope !== undefined && slope > 0 ? -here.excess / slope : 0;
    here = tried(inside(here.at + to + (1 + BEYOND) * along));
  }

  let [under, over] = [good.excess, bad.excess];
  for (let i = 1; bad.at - good.at > widthAt(good.at); i++) {
    // Not closer to an end than is close enough: what is looked for lies there, and then it is found.
    const margin = widthAt(good.at);
    const share = i % HALVING_EACH === 0 ? 0.5 : under / (under - over);
    const along = good.at + share * (bad.at - good.at);
    const at = Math.round(Math.min(bad.at - margin, Math.max(good.at + margin, along)));
    const here = tried(Math.min(bad.at - 1, Math.max(good.at + 1, at)));
    if (here.excess <= 0) [good, under, over] = [here, here.excess, over / 2];
    else [bad, over, under] = [here, here.excess, under / 2];
  }
  return way * good.at;
}
