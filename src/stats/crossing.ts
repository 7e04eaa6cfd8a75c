/**
 * Stochastic root finding: for which settings of one quantity does no more than an allowed share of the samples exceed a
 * limit? A bracketing search with tests of stated error (R. Pasupathy and S. Kim, "The stochastic root-finding
 * problem", ACM TOMACS 21(3), 2011, name the kinds). All settings are sampled with the same random numbers, so
 * that their differences are those of the settings; a glance at a few samples leads the way, and only near the root many
 * are drawn. The interval reaches from the last setting that surely fits to the first that surely does not, where
 * every setting looked at between them leaves a doubt: to miss the root, a test that errs once in 40 has to err.
 *
 * It draws nothing itself: it asks for samples (`Probe`) and is given them, so the same search is driven by one thread
 * or by many.
 */
import { summariseExceedance } from './exceedance.js';
import { countOver, type ExcessRule, sureCounts } from './excess.js';
import { between, GROWTH, type Range } from './search-range.js';

/** Samples `from` up to and without `to` of one setting. */
export interface Probe {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** The samples asked for; null where the setting is not allowed. */
export type Samples = readonly number[] | null;

type Asking<T> = Generator<Probe, T, Samples>;

export interface CrossingRule extends ExcessRule {
  /** Nothing is random: the root is found to the step, and one sample says all. */
  readonly exact: boolean;
  /** Share of the value within which a root is found, where something is random. */
  readonly resolution: number;
}

/** Where fits ends: the last setting that fits, and the interval of what that may be. */
export interface Root {
  readonly at: number;
  readonly lo: number;
  readonly hi: number;
}

/** One end of what fits: a root, or the limit of what is allowed. */
export type End = { readonly kind: 'limit'; readonly at: number } | ({ readonly kind: 'root' } & Root);

export type Found =
  | { readonly state: 'none' }
  | {
      readonly state: 'fits';
      readonly low: End;
      readonly high: End;
      /** A setting beyond an end that fits again: the response is not monotone. */
      readonly again: number | null;
    };

/** Which way the search looks. */
type Way = 1 | -1;

/** A glance narrows a bracket to this share of the value. */
const COARSE = 0.02;
/** A side is given up after so many steps that each exceed the limit by so many times more. */
const PATIENCE = 3;
const WORSE = 2;
/** At a limit of the quantity, so many glances are enough where all samples are far within the limit. */
const CLEAR_GLANCES = 3;
/** How many steps beyond the root are looked at for another stretch that fits. */
const LOOK_BEYOND = 2;
/** Rounds of bisection that bring an end of the interval closer. */
const TIGHTENING = 2;

export class Crossing {
  private readonly range: Range;
  private readonly rule: CrossingRule;
  private readonly samples = new Map<number, readonly number[]>();
  private readonly sure: { readonly fits: number; readonly not: number };

  constructor(range: Range, rule: CrossingRule) {
    this.range = range;
    this.rule = rule;
    this.sure = sureCounts(rule.many, rule.allowed);
  }

  /** Everything that was sampled, by setting. */
  get evaluations(): ReadonlyMap<number, readonly number[]> {
    return this.samples;
  }

  /** Finds the stretch of settings around the start (or the one nearest to it) that fits, and its ends. */
  *find(): Asking<Found> {
    const { start } = this.range;
    const first = (yield* this.fits(start)) ? { fits: start, beyond: null } : yield* this.nearestFit(start);
    if (first === null) return { state: 'none' };
    const low = yield* this.end(first, -1);
    const high = low && (yield* this.end(first, 1));
    if (!low || !high) return { state: 'none' };
    return { state: 'fits', low, high, again: yield* this.again(low, high) };
  }

  /**
   * The nearest setting that fits, on either side in turn, and the last one before it that does not. A side on which it
   * only gets worse is given up: settings there cost more and more, and tell nothing.
   */
  private *nearestFit(start: number): Asking<{ fits: number; beyond: number } | null> {
    const reached: Record<Way, number | null> = { [-1]: start, 1: start };
    const worse: Record<Way, number> = { [-1]: 0, 1: 0 };
    while (reached[-1] !== null || reached[1] !== null) {
      for (const way of [-1, 1] as const) {
        const from = reached[way];
        if (from === null) continue;
        const next = yield* this.further(from, way);
        if (next !== null && (yield* this.fits(next))) return { fits: next, beyond: from };
        if (next !== null && this.leastOf(next) > WORSE * this.leastOf(from)) worse[way]++;
        reached[way] = worse[way] < PATIENCE ? next : null;
      }
    }
    return null;
  }

  private leastOf(at: number): number {
    return Math.min(...this.samples.get(at)!);
  }

  /** From a setting that fits outwards to where that ends; null where on a closer look nothing there fits. */
  private *end(from: { fits: number; beyond: number | null }, way: Way): Asking<End | null> {
    let good = from.fits;
    const known = from.beyond !== null && Math.sign(from.beyond - good) === way ? from.beyond : null;
    let bad = known;
    while (bad === null) {
      const next = yield* this.further(good, way);
      if (next === null) break;
      if (yield* this.fits(next)) good = next;
      else bad = next;
    }
    if (bad === null) return yield* this.limitOrRoot(good, way);
    while (!this.isClose(good, bad, COARSE)) {
      const middle = between(good, bad, this.range.geometric);
      if (yield* this.fits(middle)) good = middle;
      else bad = middle;
    }
    return yield* this.settle(good, bad, way);
  }

  /** At the limit a glance said that it fits. */
  private *limitOrRoot(limit: number, way: Way): Asking<End | null> {
    const { few, many } = this.rule;
    const clear = this.isClear(yield* this.draw(limit, Math.min(many, CLEAR_GLANCES * few)));
    if (clear || (yield* this.fitsOf(limit))) return { kind: 'limit', at: limit };
    const inner = yield* this.further(limit, way === 1 ? -1 : 1);
    return inner === null ? null : yield* this.settle(inner, limit, way);
  }

  /** Narrows the bracket with many samples, and says how sure its ends are; null where nothing fits after all. */
  private *settle(fits: number, not: number, way: Way): Asking<End | null> {
    const bracket = yield* this.near(fits, not);
    if (bracket === null) return null;
    const { good, bad } = bracket;
    if (bad === null) return { kind: 'limit', at: good };
    const width = Math.abs(bad - good);
    const inner = yield* this.sureBeyond(good, way === 1 ? -1 : 1, width, (over) => over <= this.sure.fits);
    const outer = yield* this.sureBeyond(bad, way, width, (over) => over >= this.sure.not);
    const last = outer.sure ? outer.at - way : outer.at;
    return { kind: 'root', at: good, lo: Math.min(inner.at, last), hi: Math.max(inner.at, last) };
  }

  /**
   * From two settings close to a root, the first on the side that fits: moves them with many samples until they enclose
   * it, and together until they are as close as the rule says. `bad` is null where all fit on that side, and the whole
   * is null where none does on the other.
   */
  *near(fits: number, not: number): Asking<{ readonly good: number; readonly bad: number | null } | null> {
    const way = Math.sign(not - fits);
    let [good, bad] = [fits, not];
    for (let width = Math.abs(bad - good); !(yield* this.fitsOf(good)); width *= 2) {
      const next = yield* this.allowed(good - way * width);
      if (next === good) return null;
      [bad, good] = [good, next];
    }
    for (let width = Math.abs(bad - good); yield* this.fitsOf(bad); width *= 2) {
      const next = yield* this.allowed(bad + way * width);
      if (next === bad) return { good: bad, bad: null };
      [good, bad] = [bad, next];
    }
    while (!this.isClose(good, bad, this.rule.resolution)) {
      const middle = between(good, bad, this.range.geometric);
      if (yield* this.fitsOf(middle)) good = middle;
      else bad = middle;
    }
    return { good, bad };
  }

  /** From a setting outwards to the first that leaves no doubt, then a little closer again. */
  private *sureBeyond(
    from: number,
    way: Way,
    step: number,
    isSure: (over: number) => boolean,
  ): Asking<{ readonly at: number; readonly sure: boolean }> {
    let [at, doubt] = [from, from];
    for (let width = step; !isSure(yield* this.over(at)); width *= 2) {
      const next = yield* this.allowed(at + way * width);
      if (next === at) return { at, sure: false };
      [doubt, at] = [at, next];
    }
    for (let round = 0; round < TIGHTENING && Math.abs(at - doubt) > step; round++) {
      const middle = between(at, doubt, this.range.geometric);
      if (isSure(yield* this.over(middle))) at = middle;
      else doubt = middle;
    }
    return { at, sure: true };
  }

  /** Beyond the ends: a setting that fits all the same. Sampled as for a judgement before it is said. */
  private *again(low: End, high: End): Asking<number | null> {
    for (const [end, way] of [
      [low, -1],
      [high, 1],
    ] as const) {
      if (end.kind === 'limit') continue;
      let at: number | null = way === 1 ? end.hi + 1 : end.lo - 1;
      for (let k = 0; k < LOOK_BEYOND && at !== null; k++) {
        at = yield* this.further(at, way);
        if (at !== null && (yield* this.fits(at)) && (yield* this.over(at)) <= this.sure.fits) return at;
      }
    }
    return null;
  }

  /** The next setting outwards, four times as far (or one further); null at the limit. */
  private *further(from: number, way: Way): Asking<number | null> {
    const { geometric } = this.range;
    const grown =
      way === 1 ? Math.max(from + 1, from * GROWTH) : Math.min(from - 1, Math.floor(from / GROWTH));
    const next = yield* this.allowed(geometric ? grown : from + way, from);
    return next === from ? null : next;
  }

  /** The setting itself, or, where it is not allowed, the last one before it that is. `from`: one that is. */
  private *allowed(wanted: number, from = this.range.start): Asking<number> {
    const { lowest, highest } = this.range;
    const at = Math.min(highest, Math.max(lowest, wanted));
    if (this.samples.has(at) || (yield { at, from: 0, to: 0 }) !== null) return at;
    let [good, bad] = [from, at];
    while (Math.abs(bad - good) > 1) {
      const middle = between(good, bad, this.range.geometric);
      if ((yield { at: middle, from: 0, to: 0 }) === null) bad = middle;
      else good = middle;
    }
    return good;
  }

  private isClose(a: number, b: number, share: number): boolean {
    const distance = Math.abs(a - b);
    return distance <= 1 || (!this.rule.exact && distance <= share * Math.max(a, b));
  }

  /** Whether all samples are so far within the limit that more of them would be too. */
  private isClear(samples: readonly number[]): boolean {
    return summariseExceedance(samples).ci95[1] < this.rule.allowed;
  }

  /** At a glance: by a few samples; by two where both exceed the limit, and by half where all are far within it. */
  private *fits(at: number): Asking<boolean> {
    const { few, allowed } = this.rule;
    if (few > 2) {
      if (countOver(yield* this.draw(at, 2)) === 2) return false;
      if (this.isClear(yield* this.draw(at, Math.ceil(few / 2)))) return true;
    }
    const samples = yield* this.draw(at, few);
    return countOver(samples) <= allowed * samples.length;
  }

  /** By as many samples as a judgement takes. */
  private *fitsOf(at: number): Asking<boolean> {
    const most = this.rule.allowed * this.rule.many;
    return (yield* this.over(at, Math.floor(most) + 1)) <= most;
  }

  /** How many of all samples exceed the limit, counted up to `enough`: more would not change what is asked. */
  private *over(at: number, enough = this.sure.not): Asking<number> {
    const { many, few } = this.rule;
    let over = countOver(this.samples.get(at) ?? []);
    for (let count = this.samples.get(at)?.length ?? 0; count < many && over < enough; ) {
      count = Math.min(many, count + few);
      over = countOver(yield* this.draw(at, count));
    }
    return over;
  }

  private *draw(at: number, count: number): Asking<readonly number[]> {
    const have = this.samples.get(at) ?? [];
    if (have.length >= count) return have;
    const more = yield { at, from: have.length, to: count };
    const all = [...have, ...(more ?? [])];
    this.samples.set(at, all);
    return all;
  }
}
