/** The part of a DirtyTracker that both engines share: groups, meta-bitmap, and the walk between chunk numbers. */
import { assert } from '../../base/assert.js';
import type { TimeNs } from '../../kernel/kernel.js';
import type { ChunkRef, DirtyTracker } from '../types.js';
import type { Group } from './group.js';
import { MetaBitmap } from './meta-bitmap.js';

export abstract class TrackerBase<G extends Group> implements DirtyTracker {
  abstract readonly engine: 'per-write' | 'first-touch';
  readonly groups: readonly G[];
  nowNs: TimeNs = 0;
  abstract readonly writes: number;
  abstract readonly writtenBytes: number;
  abstract readonly firstTouches: number;
  protected readonly meta: MetaBitmap;

  constructor(groups: readonly G[]) {
    this.groups = groups;
    const chunks = groups.reduce((sum, group) => sum + group.chunkCount, 0);
    this.meta = new MetaBitmap(chunks, (chunk) => this.groupOf(chunk).count);
  }

  get staleCount(): number {
    return this.meta.bitmapChunks;
  }

  get staleCountMax(): number {
    return this.meta.max;
  }

  get staleAreaNs(): number {
    return this.meta.staleAreaNs(this.nowNs);
  }

  abstract advance(untilNs: TimeNs): void;
  abstract nextStaleNs(): TimeNs;
  abstract sync(): void;

  takeStale(order: 'fifo' | 'ascending', settleNs: TimeNs): ChunkRef | undefined {
    const found = this.meta.take(order, settleNs, this.nowNs);
    if (found < 0) return undefined;
    const taken = this.groupOf(found);
    const chunk = found - taken.firstChunk;
    this.taken(taken, chunk);
    return { group: this.groups.indexOf(taken), chunk };
  }

  isStale(group: number, chunk: number): boolean {
    return this.meta.stale[this.groups[group]!.firstChunk + chunk] === 1;
  }

  nextSettledNs(settleNs: TimeNs): TimeNs {
    return this.meta.oldestNs() + settleNs;
  }

  staleChunks(group: number): readonly number[] {
    const { firstChunk, chunkCount } = this.groups[group]!;
    const out: number[] = [];
    for (let at = this.meta.firstFrom(firstChunk); at >= 0; at = this.meta.firstFrom(at + 1)) {
      if (at >= firstChunk + chunkCount) break;
      out.push(at - firstChunk);
    }
    return out;
  }

  markStored(group: number, chunk: number): void {
    const { storedCount, setCount } = this.groups[group]!;
    assert(chunk < storedCount.length, 'chunk out of range');
    storedCount[chunk] = setCount[chunk]!;
  }

  markAllStale(all = false): void {
    this.sync();
    for (const group of this.groups) {
      for (let chunk = 0; chunk < group.chunkCount; chunk++)
        if (all || group.setCount[chunk] !== group.storedCount[chunk]) this.markByHand(group, chunk);
    }
  }

  markAllStored(): void {
    this.sync();
    for (const group of this.groups) group.storedCount.set(group.setCount);
  }

  /** The group that a chunk belongs to, counted over all of them. */
  private groupOf(chunk: number): G {
    let group = 0;
    while (chunk >= this.groups[group]!.firstChunk + this.groups[group]!.chunkCount) group++;
    return this.groups[group]!;
  }

  /** A chunk was taken: its counts must be true now. */
  protected abstract taken(group: G, chunk: number): void;

  protected markByHand(group: G, chunk: number): void {
    this.meta.mark(group.firstChunk + chunk, this.nowNs);
  }
}
