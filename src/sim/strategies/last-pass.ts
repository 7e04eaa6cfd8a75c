/**
 * The copy that pre-flush keeps on one disk: which requests a flushed chunk takes while the guest runs, and which the
 * stop is left with. The image itself is the model of src/sim/qcow2/preflush.ts; this is the
 * bookkeeping between chunks of the meta-bitmap and clusters of the image.
 */
import type { Disk } from '../machine/machine.js';
import type { EarlyCopy, EarlyWrite } from '../qcow2/preflush.js';
import type { WhatIfSpec } from '../scenario.js';
import { bitmapName } from '../stop/bitmaps.js';
import type { BitmapGroup, ChunkRef, StoreOp } from '../types.js';

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
  private readonly copy: EarlyCopy;
  private readonly encodeAllOnes: boolean;

  constructor(disk: Disk, spec: PassOptions, whatIf: WhatIfSpec) {
    this.disk = disk;
    this.spec = spec;
    this.chunksPerCluster = disk.spec.clusterBytes / spec.chunkBytes;
    const { image, tracker } = disk;
    tracker.sync();
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

  /** Whether the image has a cluster for the entry, which the destination has to read. */
  holds(group: number, entry: number): boolean {
    return this.copy.holds(group, entry);
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

  /** The requests of one chunk, for every bitmap of its group, while the guest runs. */
  flush({ group, chunk }: ChunkRef): StoreOp[] {
    return this.writesOf(group, [chunk], false).flatMap((write) => this.copy.write(write));
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
    const { groups } = this.disk.tracker;
    return this.rest().reduce(
      (sum, { group, full, bytes = clusterBytes }) => sum + (full ? 0 : groups[group]!.count * bytes),
      0,
    );
  }

  private rest(): EarlyWrite[] {
    const merge = this.spec.lastPass === 'clusters';
    const { tracker } = this.disk;
    return tracker.groups.flatMap((_, g) => this.writesOf(g, tracker.staleChunks(g), merge));
  }

  /** `chunks`: ascending, so that those of one cluster stand together. */
  private writesOf(group: number, chunks: readonly number[], merge: boolean): EarlyWrite[] {
    const whole = merge || this.chunksPerCluster === 1;
    const { chunkBytes } = this.spec;
    const writes: EarlyWrite[] = [];
    let last = -1;
    // A plain loop: this runs at every flush.
    for (const chunk of chunks) {
      const entry = this.entryOf(chunk);
      if (merge && entry === last) continue;
      last = entry;
      const full = this.isFull(group, entry);
      writes.push(whole ? { group, entry, full } : { group, entry, full, bytes: chunkBytes });
    }
    return writes;
  }
}
