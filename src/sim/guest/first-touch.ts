/**
 * The first-touch engine: no bits, no writes. A clean chunk whose pieces have u unset units, each hit at rate r,
 * becomes stale after an exponential time of rate sum(u r); when it is looked at D later, a binomial number of the
 * rest, with p = 1 - e^(-r D), was set too. Same distribution as writing every write, at a cost per *flush*.
 *
 * Holds for Poisson writes (hit-rates.ts says where): they have no memory, so a chunk may be left alone until asked.
 *
 * Sequential parts are walks (sequential-walk.ts): the next write that enters a unit of a clean chunk is known, and comes after
 * a sum of exponentials. Where somebody looks before, how many of the writes in between have come is binomial (they lie evenly
 * in the time up to it), and the walk is planned anew. Whether a unit that is entered was set before is chance: they are alike.
 */
import { assert } from '../../base/assert.js';
import { binomial, erlang, poisson } from '../../kernel/distributions.js';
import type { TimeNs } from '../../kernel/kernel.js';
import type { Bent } from '../../kernel/rng.js';
import { ChunkHeap } from './chunk-heap.js';
import { exponential } from './exponential.js';
import type { Group } from './group.js';
import { NO_PIECES, type Pieces } from './pieces.js';
import type { SequentialWalk } from './sequential-walk.js';
import { TrackerBase } from './tracker-base.js';
import type { WordSource } from './word-source.js';

/** The guest's writes on this disk: only for the counters. */
export interface WriteRate {
  readonly perNs: number;
  readonly meanBytes: number;
}

/** A walk with its next write that counts: how many are made with it, and when. */
interface PlannedWalk {
  readonly walk: SequentialWalk;
  sinceNs: number;
  made: number;
  atNs: number;
}

export class FirstTouchTracker extends TrackerBase<Group> {
  readonly engine = 'first-touch';
  firstTouches = 0;
  /** The one recording group; undefined where all are frozen, or nothing is left to set in it. */
  private readonly group: Group | undefined;
  private readonly pieces: Pieces;
  private readonly source: WordSource;
  private readonly rate: WriteRate;
  private readonly heap: ChunkHeap;
  private readonly walks: readonly PlannedWalk[];
  /** Up to when the counts of a stale chunk are true. */
  private readonly trueNs: Float64Array;
  /** Where chance is bent: of each clean chunk how often it is hit, and of all together. */
  private readonly bent: Bent | undefined;
  private readonly hazards: Float64Array;
  private hazard = 0;

  /** `pieces`: of the one recording group; null where no write can change it. */
  constructor(
    groups: readonly Group[],
    pieces: Pieces | null,
    rate: WriteRate,
    source: WordSource,
    bent?: Bent,
  ) {
    super(groups);
    this.bent = bent;
    this.group = pieces === null ? undefined : groups.find((group) => group.recording);
    this.pieces = pieces ?? NO_PIECES;
    this.rate = rate;
    this.source = source;
    const chunks = this.group?.chunkCount ?? 0;
    this.heap = new ChunkHeap(chunks);
    this.trueNs = new Float64Array(chunks);
    this.hazards = new Float64Array(bent ? chunks : 0);
    for (let chunk = 0; chunk < chunks; chunk++) this.plan(chunk);
    this.walks = this.pieces.walks.map((walk) => ({ walk, sinceNs: 0, made: walk.made, atNs: 0 }));
    for (const planned of this.walks) this.planWalk(planned, 0);
  }

  /** The expected number so far: no write is made here. */
  get writes(): number {
    return this.writesBy(this.nowNs);
  }

  writesBy(atNs: TimeNs): number {
    return Math.round(this.rate.perNs * atNs);
  }

  get writtenBytes(): number {
    return this.writes * this.rate.meanBytes;
  }

  advance(untilNs: TimeNs): void {
    assert(untilNs >= this.nowNs && untilNs < Number.POSITIVE_INFINITY, 'time goes back, or on for ever');
    for (;;) {
      const planned = this.firstWalk();
      const walkNs = planned?.atNs ?? Number.POSITIVE_INFINITY;
      if (Math.min(this.heap.firstNs, walkNs) > untilNs) break;
      if (walkNs < this.heap.firstNs) this.enter(planned!);
      else this.hitChunk(this.heap.firstChunk, this.heap.firstNs);
    }
    this.nowNs = untilNs;
    this.bent?.note(untilNs, this.hazard, false);
  }

  nextStaleNs(): TimeNs {
    const firstNs = Math.min(this.heap.firstNs, this.firstWalk()?.atNs ?? Number.POSITIVE_INFINITY);
    return this.meta.count > 0 ? this.nowNs : Math.max(this.nowNs, Math.ceil(firstNs));
  }

  sync(): void {
    if (!this.group) return;
    this.catchUpWalks();
    const { firstChunk, chunkCount } = this.group;
    for (let at = this.meta.firstFrom(firstChunk); at >= 0; at = this.meta.firstFrom(at + 1)) {
      if (at >= firstChunk + chunkCount) break;
      this.catchUp(at - firstChunk);
    }
  }

  protected taken(group: Group, chunk: number): void {
    if (group !== this.group) return;
    this.catchUpWalks();
    this.catchUp(chunk);
    this.plan(chunk);
  }

  protected override markByHand(group: Group, chunk: number): void {
    if (group === this.group && this.meta.stale[group.firstChunk + chunk] !== 1) {
      this.leave(chunk, this.nowNs, false);
      this.trueNs[chunk] = this.nowNs;
    }
    super.markByHand(group, chunk);
  }

  /** Draws when a clean chunk becomes stale. */
  private plan(chunk: number): void {
    const { first, perNs, unset } = this.pieces;
    let hazard = 0;
    for (let i = first[chunk]!; i < first[chunk + 1]!; i++) hazard += unset[i]! * perNs[i]!;
    if (hazard === 0) return;
    this.heap.push(chunk, this.hitNs(exponential(this.source) / hazard));
    if (!this.bent) return;
    this.bent.note(this.nowNs, this.hazard, false);
    this.hazards[chunk] = hazard;
    this.hazard += hazard;
  }

  /** When so much time has passed for the chunk, which passes faster where chance is bent. */
  private hitNs(ownNs: number): number {
    const { bent, nowNs } = this;
    if (!bent || nowNs + ownNs <= bent.fromNs) return nowNs + ownNs;
    const unbentNs = Math.max(0, bent.fromNs - nowNs);
    return nowNs + unbentNs + (ownNs - unbentNs) / bent.factor;
  }

  /** A chunk is clean no longer: because a write hit it, or by hand. */
  private leave(chunk: number, atNs: number, isHit: boolean): void {
    this.heap.remove(chunk);
    if (!this.bent) return;
    this.bent.note(atNs, this.hazard, isHit);
    this.hazard -= this.hazards[chunk]!;
    this.hazards[chunk] = 0;
  }

  /** A write of no walk sets the first unit of the chunk, at this moment. */
  private hitChunk(chunk: number, atNs: number): void {
    const { first, perNs, unset } = this.pieces;
    const begin = first[chunk]!;
    const end = first[chunk + 1]!;
    let hit = begin;
    if (end - begin > 1) {
      let hazard = 0;
      for (let i = begin; i < end; i++) hazard += unset[i]! * perNs[i]!;
      let left = this.source.uniform() * hazard;
      for (let i = begin; i < end; i++) {
        const share = unset[i]! * perNs[i]!;
        if (share === 0) continue;
        hit = i;
        if (left < share) break;
        left -= share;
      }
    }
    unset[hit] = unset[hit]! - 1;
    this.count(this.group!, chunk, 1);
    this.becomeStale(chunk, atNs);
  }

  /** The first unit of the chunk was set at this moment. */
  private becomeStale(chunk: number, atNs: number): void {
    this.leave(chunk, atNs, true);
    this.trueNs[chunk] = atNs;
    this.meta.mark(this.group!.firstChunk + chunk, Math.ceil(atNs));
  }

  private firstWalk(): PlannedWalk | undefined {
    let first = this.walks[0];
    for (const planned of this.walks) if (planned.atNs < first!.atNs) first = planned;
    return first;
  }

  /** When the walk's next write enters a unit of a chunk that can become stale, as seen at `nowNs`. */
  private planWalk(planned: PlannedWalk, nowNs: number): void {
    const { walk } = planned;
    const group = this.group!;
    const perChunk = group.chunkBits / this.pieces.unitBits;
    planned.sinceNs = nowNs;
    // A stale chunk becomes no staler, and a clean one with every bit set never stale again.
    planned.made = walk.madeAtNext((unit) => {
      const chunk = this.chunkOf(unit);
      const idle =
        this.meta.stale[group.firstChunk + chunk] === 1 || group.setCount[chunk] === group.bitsOfChunk(chunk);
      return idle ? (chunk + 1) * perChunk : unit;
    });
    planned.atNs = Number.isFinite(planned.made)
      ? nowNs + erlang(this.source, planned.made - walk.made) / walk.perNs
      : Number.POSITIVE_INFINITY;
  }

  /** The planned write comes; where the unit it enters was not set, its chunk becomes stale. */
  private enter(planned: PlannedWalk): void {
    const { walk, made, atNs } = planned;
    walk.moveTo(made - 1, this.visit);
    walk.moveTo(made, (from, to) => {
      const chunk = this.chunkOf(from);
      if (this.visit(from, to) && this.meta.stale[this.group!.firstChunk + chunk] !== 1)
        this.becomeStale(chunk, atNs);
    });
    this.planWalk(planned, atNs);
  }

  /**
   * Makes the writes of the walks that have come by now, all of them in stale chunks or where nothing is new, and plans
   * the walks anew: which chunks are clean may have changed.
   */
  private catchUpWalks(): void {
    for (const planned of this.walks) {
      const { walk, sinceNs, made, atNs } = planned;
      const elapsedNs = this.nowNs - sinceNs;
      if (elapsedNs > 0) {
        const come = Number.isFinite(atNs)
          ? binomial(this.source, made - walk.made - 1, elapsedNs / (atNs - sinceNs))
          : poisson(this.source, walk.perNs * elapsedNs);
        walk.moveTo(walk.made + come, this.visit);
      }
      this.planWalk(planned, this.nowNs);
    }
  }

  private chunkOf(unit: number): number {
    return Math.floor((unit * this.pieces.unitBits) / this.group!.chunkBits);
  }

  /** A walk enters the units from..to-1; whether any of them was not set yet. */
  private readonly visit = (begin: number, end: number): boolean => {
    const { first, from, units, open, unset } = this.pieces;
    let any = false;
    for (let chunk = this.chunkOf(begin); chunk <= this.chunkOf(end - 1); chunk++)
      for (let i = first[chunk]!; i < first[chunk + 1]!; i++) {
        const entered = Math.min(end, from[i]! + units[i]!) - Math.max(begin, from[i]!);
        if (entered <= 0) continue;
        assert(entered <= open[i]!, 'a unit is entered twice');
        const set = this.unsetAmong(entered, unset[i]!, open[i]!);
        open[i] = open[i]! - entered;
        unset[i] = unset[i]! - set;
        if (set > 0) this.count(this.group!, chunk, set);
        any ||= set > 0;
      }
    return any;
  };

  /** How many of so many units are unset, drawn from `open` of which `unset` are. */
  private unsetAmong(drawn: number, unset: number, open: number): number {
    if (unset === open) return drawn;
    let left = unset;
    for (let i = 0; i < drawn && left > 0; i++) if (this.source.uniform() * (open - i) < left) left--;
    return unset - left;
  }

  /** Sets what was set in a stale chunk since its counts were true. */
  private catchUp(chunk: number): void {
    const { first, perNs, unset } = this.pieces;
    const elapsedNs = this.nowNs - this.trueNs[chunk]!;
    this.trueNs[chunk] = this.nowNs;
    if (elapsedNs <= 0) return;
    let set = 0;
    for (let i = first[chunk]!; i < first[chunk + 1]!; i++) {
      const left = unset[i]!;
      if (left === 0 || perNs[i] === 0) continue;
      const hits = binomial(this.source, left, -Math.expm1(-perNs[i]! * elapsedNs));
      unset[i] = left - hits;
      set += hits;
    }
    if (set > 0) this.count(this.group!, chunk, set);
  }

  private count(group: Group, chunk: number, units: number): void {
    const bits = units * this.pieces.unitBits;
    group.setCount[chunk] = group.setCount[chunk]! + bits;
    this.firstTouches += bits;
  }
}
