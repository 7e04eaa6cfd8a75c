/** Bitmaps in the stream of one migration (after migration/block-dirty-bitmap.c, 7.2). */
import { Granules } from './granules.js';
import { type MemoryBitmap, newBitmap, seenAsPersistent } from './memory-bitmap.js';
import type { BlockNode } from './node.js';

/** A bitmap on its way: the source's own, and how the stream described it when the migration began. */
interface Traveller {
  readonly bitmap: MemoryBitmap;
  readonly persistent: boolean;
}

/** Empty until it is set up, and for good in a migration without the `dirty-bitmaps` capability. */
export class BitmapStream {
  private readonly from: BlockNode;
  private readonly to: BlockNode;
  private travellers: readonly Traveller[] = [];

  constructor(from: BlockNode, to: BlockNode) {
    this.from = from;
    this.to = to;
  }

  get count(): number {
    return this.travellers.length;
  }

  /**
   * Every bitmap must be usable, or none travels: the first that is not is returned. The persistence flag is taken as
   * the store would see it, then the store is told to skip (`bdrv_dirty_bitmap_skip_store`).
   */
  setUp(): MemoryBitmap | undefined {
    const all = [...this.from.bitmaps.values()];
    const unusable = all.find((bitmap) => bitmap.inconsistent || bitmap.busy);
    if (unusable) return unusable;
    this.travellers = all.map((bitmap) => ({ bitmap, persistent: seenAsPersistent(bitmap) }));
    for (const { bitmap } of this.travellers) {
      bitmap.busy = true;
      bitmap.skipStore = true;
    }
    return undefined;
  }

  /** The destination gets the bitmaps; `empty`: in postcopy without contents, with a successor for new writes. */
  handOver(empty: boolean): void {
    for (const { bitmap, persistent } of this.travellers) {
      const copy = newBitmap(bitmap.name, persistent, empty ? new Granules() : bitmap.bits.copy());
      copy.enabled = bitmap.enabled;
      copy.busy = empty;
      if (empty) copy.successor = new Granules();
      this.to.bitmaps.set(bitmap.name, copy);
    }
  }

  /** Postcopy: contents have arrived and are merged with what the destination's guest has written meanwhile. */
  complete(): void {
    for (const { bitmap } of this.travellers) {
      const arrived = this.to.bitmaps.get(bitmap.name);
      if (!arrived?.busy) continue;
      arrived.bits.add(bitmap.bits);
      arrived.bits.add(arrived.successor ?? []);
      arrived.successor = undefined;
      arrived.busy = false;
    }
  }

  /** Bitmaps that have not fully arrived are released (`cancel_incoming_locked`). */
  dropUnfinished(): void {
    for (const { bitmap } of this.travellers)
      if (this.to.bitmaps.get(bitmap.name)?.busy) this.to.bitmaps.delete(bitmap.name);
  }

  /** `dirty_bitmap_do_save_cleanup`: the source's bitmaps are free again, but skip_store stays as it was set in 7.2. */
  cleanUp(clearSkipStore: boolean): void {
    for (const { bitmap } of this.travellers) {
      bitmap.busy = false;
      if (clearSkipStore) bitmap.skipStore = false;
    }
  }
}
