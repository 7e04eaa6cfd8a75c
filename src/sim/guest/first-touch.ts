/**
 * The first-touch engine: no bits, no writes. A clean chunk whose pieces have u unset units, each hit at rate r,
 * becomes stale after an exponential time of rate sum(u r); when it is looked at D later, a binomial number of the
 * rest, with p = 1 - e^(-r D), was set too. Same distribution as writing every write, at a cost per *flush*.
 *
 * Holds for Poisson writes (hit-rates.ts says where): they have no memory, so a chunk may be left alone until asked.
 */
import { assert } from '../../base/assert.js';
import { binomial } from '../../kernel/distributions.js';
import type { TimeNs } from '../../kernel/kernel.js';
import { ChunkHeap } from './chunk-heap.js';
import { exponential } from './exponential.js';
import type { Group } from './group.js';
import type { Pieces } from './pieces.js';
import { TrackerBase } from './tracker-base.js';
import type { WordSource } from './word-source.js';

/** The guest's writes on this disk: only for the counters. */
export interface WriteRate {
  readonly perNs: number;
  readonly meanBytes: number;
}

export class FirstTouchTracker extends TrackerBase<Group> {
  readonly engine = 'first-touch';
  firstTouches = 0;
  /** The one recording group; undefined where all are frozen. */
  private readonly group: Group | undefined;
  private readonly pieces: Pieces;
  private readonly source: WordSource;
  private readonly rate: WriteRate;
  private readonly heap: ChunkHeap;
  /** Up to when the counts of a stale chunk are true. */
  private readonly trueNs: Float64Array;

  /** `pieces`: of the one recording group. */
  constructor(groups: readonly Group[], pieces: Pieces, rate: WriteRate, source: WordSource) {
    super(groups);
    this.group = groups.find((group) => group.recording);
    this.pieces = pieces;
    this.rate = rate;
    this.source = source;
    const chunks = this.group?.chunkCount ?? 0;
    this.heap = new ChunkHeap(chunks);
    this.trueNs = new Float64Array(chunks);
    for (let chunk = 0; chunk < chunks; chunk++) this.plan(chunk);
  }

  /** The expected number so far: no write is made here. */
  get writes(): number {
    return Math.round(this.rate.perNs * this.nowNs);
  }

  get writtenBytes(): number {
    return this.writes * this.rate.meanBytes;
  }

  advance(untilNs: TimeNs): void {
    assert(untilNs >= this.nowNs && untilNs < Number.POSITIVE_INFINITY, 'time goes back, or on for ever');
    while (this.heap.firstNs <= untilNs) this.becomeStale(this.heap.firstChunk, this.heap.firstNs);
    this.nowNs = untilNs;
  }

  nextStaleNs(): TimeNs {
    return this.meta.count > 0 ? this.nowNs : Math.max(this.nowNs, Math.ceil(this.heap.firstNs));
  }

  sync(): void {
    if (!this.group) return;
    const { firstChunk, chunkCount } = this.group;
    for (let at = this.meta.firstFrom(firstChunk); at >= 0; at = this.meta.firstFrom(at + 1)) {
      if (at >= firstChunk + chunkCount) break;
      this.catchUp(at - firstChunk);
    }
  }

  protected taken(group: Group, chunk: number): void {
    if (group !== this.group) return;
    this.catchUp(chunk);
    this.plan(chunk);
  }

  protected override markByHand(group: Group, chunk: number): void {
    if (group === this.group && this.meta.stale[group.firstChunk + chunk] === 0) {
      this.heap.remove(chunk);
      this.trueNs[chunk] = this.nowNs;
    }
    super.markByHand(group, chunk);
  }

  /** Draws when a clean chunk becomes stale. */
  private plan(chunk: number): void {
    const { first, perNs, unset } = this.pieces;
    let hazard = 0;
    for (let i = first[chunk]!; i < first[chunk + 1]!; i++) hazard += unset[i]! * perNs[i]!;
    if (hazard > 0) this.heap.push(chunk, this.nowNs + exponential(this.source) / hazard);
  }

  /** The first unit of the chunk is set, at this moment. */
  private becomeStale(chunk: number, atNs: number): void {
    const { first, perNs, unset } = this.pieces;
    const group = this.group!;
    this.heap.remove(chunk);
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
    this.count(group, chunk, 1);
    this.trueNs[chunk] = atNs;
    this.meta.mark(group.firstChunk + chunk, Math.ceil(atNs));
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
