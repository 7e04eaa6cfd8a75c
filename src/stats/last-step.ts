/**
 * The last of many steps at which something known for each still fits, asked for at as few of them as may be. From a guess on it
 * is looked for as if it were proportional to the step; between one that fits and one that does not, along secants, and by
 * halving where these do not help.
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

/** How much further is looked than it is thought to be, so that it lies between. */
const BEYOND = 1.5;
/** No step is more than four times as large at once. */
const FACTOR_LEAST = 1 / 4;
/** If it does not, the next step is so many times wider. */
const GROWTH = 4;
/** Secants that are tried: two find what is smooth, and none a jump. */
const SECANTS = 2;

/** The last step that fits; `excess`: how far a step is from fitting, as a share of what may be: 0 or less where it does. */
export function lastStep(steps: Steps, excess: (step: number) => number): number | 'none' | 'all' {
  const { lowest, highest, way, resolution } = steps;
  const [best, worst] = way === 1 ? [lowest, highest] : [-highest, -lowest];
  const tried = (at: number): Tried => ({ at, excess: excess(way * at) });
  const inside = (at: number): number => Math.round(Math.min(worst, Math.max(best, at)));
  const closeAt = (at: number): number => Math.max(1, Math.floor(Math.abs(at) * resolution));

  let [good, bad]: [Tried | undefined, Tried | undefined] = [undefined, undefined];
  let here = tried(inside(way * steps.guess));
  for (let further = BEYOND; ; further *= GROWTH) {
    if (here.excess <= 0) good = here;
    else bad = here;
    if (good && bad) break;
    if (here.at === (good ? worst : best)) return good ? 'all' : 'none';
    const least = closeAt(here.at) * (further / BEYOND);
    const factor = Math.max(FACTOR_LEAST, 1 + further * here.excess);
    const next = here.at > 0 ? here.at / factor : here.at * factor;
    here = tried(inside(good ? Math.max(next, here.at + least) : Math.min(next, here.at - least)));
  }

  for (let i = 1; ; i++) {
    const close = closeAt(good.at);
    if (bad.at - good.at <= close) return way * good.at;
    const share = i > SECANTS ? 0.5 : good.excess / (good.excess - bad.excess);
    const along = good.at + share * (bad.at - good.at);
    // Beyond what is looked for, seen from the nearer end: then it lies between two that are close.
    const to = i > SECANTS ? 0 : (share < 0.5 ? close : -close) / 2;
    here = tried(Math.min(bad.at - 1, Math.max(good.at + 1, Math.round(along + to))));
    if (here.excess <= 0) good = here;
    else bad = here;
  }
}
