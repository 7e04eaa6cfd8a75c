/**
 * The copy that pre-flush keeps on one disk: which requests a flushed chunk takes while the guest runs, and which the
 * stop is left with (qemu-facts H.3). The image itself is the model of src/sim/qcow2/preflush.ts; this is the
 * bookkeeping between chunks of the meta-bitmap and clusters of the image.
 */
import type { Disk } from '../machine/machine.js';
import type { EarlyCopy, EarlyWrite } from '../qcow2/preflush.js';
import type { WhatIfSpec } from '../scenario.js';
import { bitmapName } from '../stop/bitmaps.js';
import type { BitmapGroup, MemberChunk, StoreOp } from '../types.js';

/** How chunks lie in clusters, and what is written of a cluster with a stale one. */
export interface PassOptions {
  readonly chunkBytes: number;
  readonly layout: 'in-place' | 'shadow';
  /** In the stop: stale chunks one by one, or merged into clusters. */
  readonly lastPass: 'chunks' | 'clusters';
}

/** The same chunk of alike bitmaps: `count` of them, from `member` on. */
export interface MemberChunks extends MemberChunk {
  readonly count: number;
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
  /** Position of each group's first bitmap among all of the disk. */
  private readonly firstOf: readonly number[];
  private readonly copy: EarlyCopy;
  private readonly encodeAllOnes: boolean;
  /** What the flusher has taken and not written yet. */
  owed: () => MemberChunk | undefined = () => undefined;

  constructor(disk: Disk, spec: PassOptions, whatIf: WhatIfSpec) {
    this.disk = disk;
    this.spec = spec;
    this.chunksPerCluster = disk.spec.clusterBytes / spec.chunkBytes;
    const { image, tracker } = disk;
    tracker.sync();
    this.firstOf = tracker.groups.map((_, g) =>
      tracker.groups.slice(0, g).reduce((sum, { count }) => sum + count, 0),
    );
    const groups = tracker.groups.map((group, g) => ({
      names: Array.from({ length: group.count }, (_, member) => bitmapName(g, member)),
      granularityBytes: group.granularityBytes,
      held: disk.spec.bitmaps[g]!.stored ? heldEntries(group, this.chunksPerCluster) : [],
    }));
    this.copy = image.early(spec.layout, groups, whatIf);
    this.encodeAllOnes = whatIf.encodeAllOnes;
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

  /** Whether the image has a cluster for the entry, which the destination has to read. */
  holds({ group, member, chunk }: MemberChunk): boolean {
    return this.copy.holds(group, member, this.entryOf(chunk));
  }

  /** The chunks that the stop has to write, as the tracker is now: of each group in ascending order. */
  left(): MemberChunks[] {
    const { tracker } = this.disk;
    const owed = this.owed();
    return tracker.groups.flatMap(({ count }, group) => {
      const stale = tracker.staleChunks(group).map((chunk) => ({ group, chunk, member: 0, count }));
      if (owed?.group !== group) return stale;
      return [...stale, { ...owed, count: count - owed.member }].sort((a, b) => a.chunk - b.chunk);
    });
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

  /** The requests of one chunk of one bitmap while the guest runs. */
  flush(chunk: MemberChunk): readonly StoreOp[] {
    return this.copy.write(this.writeOf({ ...chunk, count: 1 }, false));
  }

  /** What the stop would be left with now; changes nothing. */
  preview(): readonly StoreOp[] {
    return this.copy.preview(this.rest());
  }

  /** What it would be left with if nothing were stale: no flushing gets below this. */
  leastPreview(): readonly StoreOp[] {
    return this.copy.preview([]);
  }

  /** The last pass: stale chunks, tables that changed, the directory without IN_USE. */
  finish(): readonly StoreOp[] {
    return this.copy.finish(this.rest());
  }

  /** Bytes of the writes that the stale chunks would take. */
  staleBytes(): number {
    const { clusterBytes } = this.disk.spec;
    return this.rest().reduce(
      (sum, { count, full, bytes = clusterBytes }) => sum + (full ? 0 : count * bytes),
      0,
    );
  }

  private rest(): EarlyWrite[] {
    const merge = this.spec.lastPass === 'clusters';
    const writes: EarlyWrite[] = [];
    for (const chunks of this.left()) {
      const write = this.writeOf(chunks, merge);
      const last = writes.at(-1);
      // Chunks of one cluster stand together, and each is to be written in all bitmaps from some one on.
      if (!merge || last?.group !== write.group || last.entry !== write.entry) writes.push(write);
      else if (write.member < last.member) writes[writes.length - 1] = write;
    }
    return writes;
  }

  private writeOf({ group, member, count, chunk }: MemberChunks, merge: boolean): EarlyWrite {
    const entry = this.entryOf(chunk);
    const write = { group, member, count, entry, full: this.isFull(group, entry) };
    return merge || this.chunksPerCluster === 1 ? write : { ...write, bytes: this.spec.chunkBytes };
  }
}
