/**
 * The cache of refcount blocks (block/qcow2-cache.c, QEMU 7.2): a few slots, least recently used goes first,
 * dirty blocks are written back when they are pushed out or at a flush.
 *
 * The slot search always begins at slot 0 here, because every block is a cluster and there are 4 slots (the
 * starting slot is offset / cluster x 4 modulo the slots), so only the order of use matters. Blocks are named
 * by the region of the file they describe, not by where they lie.
 */
import type { OpLog } from './oplog.js';

interface Slot {
  region: number;
  dirty: boolean;
}

export class RefcountCache {
  /** Most recently used last. */
  private slots: Slot[] = [];
  /** A refcount was lowered: the L2 tables must be flushed before the next refcount block is written. */
  private dependsOnL2 = false;
  private readonly log: OpLog;
  private readonly clusterBytes: number;
  private readonly capacity: number;

  constructor(log: OpLog, clusterBytes: number, capacity: number) {
    this.log = log;
    this.clusterBytes = clusterBytes;
    this.capacity = capacity;
  }

  reset(): void {
    this.slots = [];
    this.dependsOnL2 = false;
  }

  /** Brings the block of the region into the cache, by a read if it is not there. */
  load(region: number, purpose: 'scan' | 'refcount'): void {
    if (this.touch(region)) return;
    this.makeRoom();
    this.log.push('read', this.clusterBytes, 1, purpose);
    this.slots.push({ region, dirty: false });
  }

  /** A block that is about to be written anew needs no read. */
  loadEmpty(region: number): void {
    if (this.touch(region)) return;
    this.makeRoom();
    this.slots.push({ region, dirty: false });
  }

  /** As load for every region of [first, end), ascending, without a loop over a long stretch of misses. */
  loadRange(first: number, end: number): void {
    let region = first;
    while (
      region < end &&
      (end - region <= this.capacity || this.slots.some((slot) => slot.region >= region))
    )
      this.load(region++, 'scan');
    if (region >= end) return;
    // Nothing ahead is cached: the old blocks leave in turn, then only clean ones are replaced.
    for (let i = 0; i < this.capacity && region < end; i++) this.load(region++, 'scan');
    if (region >= end) return;
    this.log.push('read', this.clusterBytes, end - region, 'scan');
    this.slots = [];
    for (let last = Math.max(first, end - this.capacity); last < end; last++)
      this.slots.push({ region: last, dirty: false });
  }

  markDirty(region: number): void {
    this.slots.find((slot) => slot.region === region)!.dirty = true;
  }

  /** Asks that L2 tables reach the storage before these refcounts do. */
  dependOnL2(): void {
    this.dependsOnL2 = true;
  }

  /** Writes what is dirty; a pending dependency costs one flush before the first write. */
  writeBack(): void {
    for (const slot of this.slots) this.writeSlot(slot);
  }

  flush(): void {
    this.writeBack();
    this.log.flush();
  }

  private touch(region: number): boolean {
    const index = this.slots.findIndex((slot) => slot.region === region);
    if (index < 0) return false;
    this.slots.push(...this.slots.splice(index, 1));
    return true;
  }

  private makeRoom(): void {
    if (this.slots.length < this.capacity) return;
    this.writeSlot(this.slots[0]!);
    this.slots.shift();
  }

  private writeSlot(slot: Slot): void {
    if (!slot.dirty) return;
    if (this.dependsOnL2) {
      this.log.flush();
      this.dependsOnL2 = false;
    }
    this.log.push('write', this.clusterBytes, 1, 'refcount');
    slot.dirty = false;
  }
}
