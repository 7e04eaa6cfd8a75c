/**
 * The block node of one QEMU process: its bitmaps in memory, and the operations that move them between memory
 * and image. Own words for what block.c and block/qcow2-bitmap.c do in 7.2 (unchanged up to 10.1).
 */
import { assert } from '../base/assert.js';
import { Granules } from './granules.js';
import { BlockError, type ImageFile, type StoredBitmap } from './image-file.js';
import type { Journal } from './journal.js';
import { type MemoryBitmap, newBitmap, seenAsPersistent } from './memory-bitmap.js';
import type { FateRules } from './rules.js';

/** A qcow2 node: open, activate, inactivate, close, and what each does to bitmaps. */
export class BlockNode {
  readonly bitmaps = new Map<string, MemoryBitmap>();
  /** `ejected`: activation failed and took the format driver with it; the process has no disk any more. */
  state: 'active' | 'inactive' | 'ejected' | 'closed' = 'inactive';
  /** Count of the image that the bitmaps in memory belong to; undefined: none to compare with. */
  expectedGeneration: number | undefined;
  /** Bitmaps whose early copies a pre-flush has put into the image; stale ones are written again at the stop. */
  private readonly preFlushed = new Set<string>();
  /** Clusters that a pre-flush in shadow layout holds for the copy it writes. */
  private reserved = 0;
  /** Bitmaps whose contents are still in the image (rules.loadAfterResume). */
  private readonly loading = new Set<string>();
  private layout: 'in-place' | 'shadow' = 'in-place';
  private generationRaised = false;
  /** A node that the guest arrives at, and not one that takes its image back. */
  private arriving = true;

  private readonly owner: string;
  private readonly image: ImageFile;
  private readonly rules: FateRules;
  private readonly journal: Journal;

  constructor(owner: string, image: ImageFile, rules: FateRules, journal: Journal) {
    this.owner = owner;
    this.image = image;
    this.rules = rules;
    this.journal = journal;
  }

  /** A guest write: to the disk, and to every bitmap that records. */
  write(granules: readonly number[]): void {
    assert(this.state === 'active', `${this.owner} writes through a node that is ${this.state}`);
    if (this.rules.checkGeneration && !this.generationRaised) {
      this.image.raiseGeneration();
      this.generationRaised = true;
    }
    this.image.writeData(granules);
    for (const bitmap of this.bitmaps.values()) {
      if (bitmap.inconsistent) continue;
      if (bitmap.successor) bitmap.successor.add(granules);
      else if (bitmap.enabled) bitmap.bits.add(granules);
    }
  }

  /** Opens the image for writing, as a fresh QEMU without -incoming does. */
  open(): void {
    this.takeImage(false);
    this.state = 'active';
    this.arriving = false;
  }

  /**
   * Takes an inactive image (back): `bdrv_activate`. Only this clears skip_store, and only on a node that was
   * inactive. Failure ejects the node.
   */
  activate(): void {
    if (this.state === 'active') return;
    if (this.state !== 'inactive') throw new BlockError(`Node is ${this.state}`);
    this.journal.note({ event: 'open', process: this.owner });
    try {
      this.dropOutdated();
      this.takeImage(this.arriving && this.rules.loadAfterResume);
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.state = 'ejected';
      throw new BlockError(`Could not reopen qcow2 layer: ${error.message}`);
    }
    for (const bitmap of this.bitmaps.values()) bitmap.skipStore = false;
    this.state = 'active';
    this.arriving = false;
  }

  /**
   * Gives the image away: stores what is persistent and releases it from memory. A failing store leaves
   * the node active and memory as it was.
   */
  inactivate(): void {
    if (this.state !== 'active') return;
    this.storePersistent();
    this.state = 'inactive';
    this.expectedGeneration = this.image.generation;
  }

  /** Clean end of the process: an active node stores like inactivation does, and its failure is only a message. */
  close(): void {
    if (this.state === 'active') {
      try {
        this.storePersistent();
      } catch (error) {
        if (!(error instanceof BlockError)) throw error;
        this.journal.note({ event: 'message', process: this.owner, text: error.message });
      }
    }
    this.state = 'closed';
  }

  /**
   * Pre-flush while the guest runs. In place: the entries stay in use, so that nobody trusts them. Shadow: the
   * copies lie in clusters of their own, and the directory is not touched before the stop.
   */
  preFlush(layout: 'in-place' | 'shadow'): void {
    const due = this.due().filter((bitmap) => !bitmap.busy);
    if (due.length === 0) return;
    const copies = due.map((bitmap) => ({ ...this.toStore(bitmap), inPlace: true }));
    if (layout === 'in-place') this.image.store(copies, 'in-use');
    else {
      this.image.release(this.reserved);
      this.reserved = 0;
      this.reserved = this.image.reserve(copies);
    }
    this.layout = layout;
    for (const bitmap of due) this.preFlushed.add(bitmap.name);
    this.journal.note({ event: 'early-store', process: this.owner, bitmaps: due.length });
  }

  /** Ends a pre-flush: only the meta-bitmap is dropped, and clusters that no directory names. */
  endPreFlush(): void {
    this.preFlushed.clear();
    this.image.release(this.reserved);
    this.reserved = 0;
  }

  /**
   * Mended QEMU only: what an arrival left in the image is read and merged. One that cannot be read is inconsistent: its
   * copy stays in use, and nobody has the whole of it any more.
   */
  mergeLoaded(): void {
    if (this.state !== 'active') return;
    const due = [...this.bitmaps.values()].filter((bitmap) => this.loading.has(bitmap.name));
    this.loading.clear();
    for (const bitmap of due) {
      try {
        bitmap.bits.add(this.image.contents(bitmap.name));
        bitmap.bits.add(bitmap.successor ?? []);
        this.journal.note({ event: 'merge', process: this.owner, bitmap: bitmap.name });
      } catch (error) {
        if (!(error instanceof BlockError)) throw error;
        bitmap.inconsistent = true;
        const text = `Could not read bitmap '${bitmap.name}' from the image: ${error.message}`;
        this.journal.note({ event: 'message', process: this.owner, text });
      }
      bitmap.successor = undefined;
      bitmap.busy = false;
    }
  }

  /** Whether contents of bitmaps are still to be read. */
  get merging(): boolean {
    return this.loading.size > 0;
  }

  /**
   * Reads the directory (`qcow2_load_dirty_bitmaps`) and marks everything that was loaded as in use, at once. `later`:
   * contents follow (mergeLoaded).
   */
  private takeImage(later: boolean): void {
    this.generationRaised = false;
    const loaded: MemoryBitmap[] = [];
    let readable = 0;
    for (const [name, entry] of this.image.directory) {
      if (this.bitmaps.has(name)) {
        // A streamed bitmap is newer than the copy that its migration left in use (a505475b95, 2019).
        if (entry.inUse) continue;
        throw new BlockError(`Bitmap already exists: ${name}`);
      }
      const empty = entry.inUse || later;
      const bitmap = newBitmap(name, true, empty ? new Granules() : this.image.contents(name).copy());
      bitmap.inconsistent = entry.inUse;
      bitmap.enabled = entry.auto;
      if (!entry.inUse) readable++;
      loaded.push(bitmap);
    }
    if (readable > 0) {
      this.journal.note({ event: 'load', process: this.owner, bitmaps: readable, later });
      this.markInUse(loaded.filter((bitmap) => !bitmap.inconsistent).map((bitmap) => bitmap.name));
    }
    for (const bitmap of loaded) {
      this.bitmaps.set(bitmap.name, bitmap);
      if (!later || bitmap.inconsistent) continue;
      bitmap.busy = true;
      if (bitmap.enabled) bitmap.successor = new Granules();
      this.loading.add(bitmap.name);
    }
  }

  private markInUse(names: readonly string[]): void {
    try {
      this.image.markInUse(names);
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      throw new BlockError(`Can't update bitmap directory: ${error.message}`);
    }
    this.journal.note({ event: 'mark-in-use', process: this.owner });
  }

  /**
   * Mended QEMU only. A copy that is not in use was stored by whoever was active last: it takes the place of the
   * bitmap in memory. Without one, bitmaps in memory that miss somebody else's writes become inconsistent.
   */
  private dropOutdated(): void {
    if (!this.rules.checkGeneration) return;
    const expected = this.expectedGeneration;
    const outdated = expected !== undefined && expected !== this.image.generation;
    for (const bitmap of [...this.bitmaps.values()]) {
      const entry = this.image.directory.get(bitmap.name);
      if (entry && !entry.inUse) this.bitmaps.delete(bitmap.name);
      else if (outdated) bitmap.inconsistent = true;
    }
  }

  /** Bitmaps that a store has to write: every consistent one seen as persistent, changed or not. */
  private due(): MemoryBitmap[] {
    return [...this.bitmaps.values()].filter((b) => seenAsPersistent(b) && !b.inconsistent);
  }

  private toStore(bitmap: MemoryBitmap): StoredBitmap {
    const inPlace = this.layout === 'in-place' && this.preFlushed.has(bitmap.name);
    return { name: bitmap.name, auto: bitmap.enabled, bits: bitmap.bits, inPlace };
  }

  /** `qcow2_store_persistent_dirty_bitmaps` with release: memory is given up only after everything is stored. */
  private storePersistent(): void {
    this.mergeLoaded();
    const due = this.due();
    if (due.length === 0) return;
    let replaced = 0;
    for (const { name } of due) {
      const entry = this.image.directory.get(name);
      if (entry) replaced++;
      if (entry && !entry.inUse) throw new BlockError(`Bitmap '${name}' is not marked 'IN_USE' in the image`);
    }
    this.image.release(this.reserved);
    this.reserved = 0;
    try {
      this.image.store(due.map((bitmap) => this.toStore(bitmap)));
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.journal.note({ event: 'store-failed', process: this.owner });
      throw new BlockError(`Lost persistent bitmaps during inactivation of node: ${error.message}`);
    }
    const early = due.every((bitmap) => this.preFlushed.has(bitmap.name));
    this.journal.note({ event: 'store', process: this.owner, bitmaps: due.length, early, replaced });
    for (const { name } of due) this.bitmaps.delete(name);
    this.preFlushed.clear();
  }
}
