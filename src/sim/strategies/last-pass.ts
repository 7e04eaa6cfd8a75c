/**
 * The copy that pre-flush keeps on one disk: which requests a flushed chunk takes while the guest runs, and which the
 * stop is left with. The image itself is the model of src/sim/qcow2/preflush.ts; this is the
 * bookkeeping between chunks of the meta-bitmap and clusters of the image.
 */
import type { Disk } from '../machine/disk.js';
import type { EarlyCopy, EarlyWrite } from '../qcow2/preflush.js';
import type { WhatIfSpec } from '../scenario.js';
import { groupName } from '../stop/bitmaps.js';
import type { BitmapGroup, ChunkRef, MemberChunk, MemberRun, StoreOp } from '../types.js';
import type { Flusher } from './flusher.js';

/** How chunks lie in clusters, and what is written of a cluster with a stale one. */
export interface PassOptions {
  readonly chunkBytes: number;
  readonly layout: 'in-place' | 'shadow';
  /** In the stop: stale chunks one by one, or merged into clusters. */
  readonly lastPass: 'chunks' | 'clusters';
}

/** Entries of the bitmap's table whose cluster holds a set bit, ascending. */
function heldEntries(group: BitmapGroup, chunksPerCluster: number): number[] {
  const held: number[] = [];
  for (let chunk = 0; chunk < group.chunkCount; chunk++) {
    const entry = Math.floor(chunk / chunksPerCluster);
    if (group.setCount[chunk]! > 0 && held.at(-1) !== entry) held.push(entry);
  }
  return held;
}

/** Made before the guest runs on; asked for each flushed chunk and at the stop. */
export class LastPass {
  private readonly disk: Disk;
  private readonly spec: PassOptions;
  private readonly chunksPerCluster: number;
  /** Position of each group's first bitmap among all bitmaps of the disk. */
  private readonly firstOf: readonly number[];
  private readonly copy: EarlyCopy;
  private readonly encodeAllOnes: boolean;
  /** Writes of whole clusters by group and entry: they are asked for again and again. */
  private readonly wholes: readonly EarlyWrite[][];
  /** What it has to know of the flusher that works beside it. */
  flusher: Pick<Flusher, 'owed' | 'writing'> = { owed: undefined, writing: undefined };

  constructor(disk: Disk, spec: PassOptions, whatIf: WhatIfSpec) {
    this.disk = disk;
    this.spec = spec;
    this.chunksPerCluster = disk.spec.clusterBytes / spec.chunkBytes;
    const { image, tracker } = disk;
    tracker.sync();
    let bitmaps = 0;
    this.firstOf = tracker.groups.map(({ count }) => {
      bitmaps += count;
      return bitmaps - count;
    });
    const groups = tracker.groups.map((group, g) => ({
      name: groupName(g),
      count: group.count,
      granularityBytes: group.granularityBytes,
      held: disk.spec.bitmaps[g]!.stored ? heldEntries(group, this.chunksPerCluster) : [],
    }));
    this.copy = image.early(spec.layout, groups, whatIf);
    this.encodeAllOnes = whatIf.encodeAllOnes;
    this.wholes = groups.map(() => []);
    if (whatIf.skipUnchanged) this.keepFrozen();
  }

  /** Entry of the bitmap's table that the chunk is a part of. */
  entryOf(chunk: number): number {
    return Math.floor(chunk / this.chunksPerCluster);
  }

  /** Position of the bitmap among all of the disk. */
  bitmapOf({ group, member }: MemberChunk): number {
    return this.firstOf[group]! + member;
  }

  /** Whether the image has a cluster for the chunk, which the destination has to read. */
  holds({ group, member, chunk }: MemberChunk): boolean {
    return this.copy.holds(group, member, this.entryOf(chunk));
  }

  /** What-if encodeAllOnes: whether every bit of the cluster is set, so that a mark in the table could stand for it. */
  private isFull(group: number, entry: number): boolean {
    if (!this.encodeAllOnes) return false;
    const { setCount } = this.disk.tracker.groups[group]!;
    let set = 0;
    for (let part = 0; part < this.chunksPerCluster; part++)
      set += setCount[entry * this.chunksPerCluster + part] ?? 0;
    return set === this.disk.spec.clusterBytes * 8;
  }

  /** What-if skipUnchanged: the copy of a frozen bitmap in the image is as good as new. */
  private keepFrozen(): void {
    const { tracker, spec } = this.disk;
    for (const [g, group] of tracker.groups.entries())
      if (!group.recording && spec.bitmaps[g]!.stored)
        for (let chunk = 0; chunk < group.chunkCount; chunk++) tracker.markStored(g, chunk);
  }

  /** The requests of one chunk of some bitmaps while the guest runs. */
  flush(run: MemberRun): readonly StoreOp[] {
    return this.copy.write(this.writeOf(run, false), run.member, run.to);
  }

  /** What the stop would be left with now; changes nothing. */
  preview(): readonly StoreOp[] {
    return this.copy.preview(this.rest());
  }

  /** The write of one bitmap that the stop would wait for. */
  inFlight(): readonly StoreOp[] {
    const { writing } = this.flusher;
    if (!writing) return [];
    const { clusterBytes } = this.disk.spec;
    const { full, bytes = clusterBytes } = this.writeOf(writing, false);
    const op = bytes < clusterBytes ? 'smallWrite' : 'write';
    return full ? [] : [{ op, bytes, count: 1, purpose: 'data' }];
  }

  /** What it would be left with if nothing were stale: no flushing gets below this. */
  leastPreview(): readonly StoreOp[] {
    return this.copy.leastPreview();
  }

  /** Clusters that the last pass has to write, of each bitmap. */
  *left(): Generator<{ readonly bitmap: number; readonly entry: number }> {
    const { groups } = this.disk.tracker;
    for (const { group, entry, from = 0 } of this.rest())
      for (let member = from; member < groups[group]!.count; member++)
        yield { bitmap: this.firstOf[group]! + member, entry };
  }

  /** The last pass: stale chunks, tables that changed, the directory without IN_USE. Afterwards the image holds every bit. */
  finish(): readonly StoreOp[] {
    const ops = this.copy.finish(this.rest());
    const { tracker } = this.disk;
    const { owed } = this.flusher;
    for (const g of tracker.groups.keys())
      for (const chunk of tracker.staleChunks(g)) tracker.markStored(g, chunk);
    if (owed) tracker.markStored(owed.group, owed.chunk);
    return ops;
  }

  /** Bytes of the writes that the stale chunks would take. */
  staleBytes(): number {
    const { clusterBytes } = this.disk.spec;
    return this.rest().reduce((sum, { group, full, from = 0, bytes = clusterBytes }) => {
      const bitmaps = this.disk.tracker.groups[group]!.count - from;
      return full ? sum : sum + bitmaps * bytes;
    }, 0);
  }

  /** Chunks left, bitmaps of a group together: stale in all of them, or owed to those not written yet. */
  private rest(): EarlyWrite[] {
    const merge = this.spec.lastPass === 'clusters';
    const { tracker } = this.disk;
    const { owed } = this.flusher;
    return tracker.groups.flatMap((_, group) => {
      const writes: EarlyWrite[] = [];
      for (const chunk of tracker.staleChunks(group)) {
        const write = this.writeOf({ group, chunk }, merge);
        // Chunks of one cluster stand together.
        if (!merge || writes.at(-1)?.entry !== write.entry) writes.push(write);
      }
      if (owed?.group !== group) return writes;
      const late = { ...this.writeOf(owed, merge), from: owed.member };
      if (merge && writes.some(({ entry }) => entry === late.entry)) return writes;
      return [...writes, late].sort((a, b) => a.entry - b.entry);
    });
  }

  private writeOf({ group, chunk }: ChunkRef, merge: boolean): EarlyWrite {
    const entry = this.entryOf(chunk);
    const whole = merge || this.chunksPerCluster === 1;
    if (!whole) return { group, entry, full: this.isFull(group, entry), bytes: this.spec.chunkBytes };
    if (this.encodeAllOnes) return { group, entry, full: this.isFull(group, entry) };
    const known = this.wholes[group]!;
    known[entry] ??= { group, entry };
    return known[entry];
  }
}
