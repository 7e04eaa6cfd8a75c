/**
 * The stop of one disk, request by request: what the source sends to the image between STOP and completed, and what
 * the destination sends before it resumes. The simulation, the break-even, `measure` and `validate` all take their
 * requests from here, so what is held against real QEMU is what the answers are made of.
 */

import { TEXT_BYTES } from '../qcow2/bitmap-load.js';
import { countOf, namesOf } from '../qcow2/copies.js';
import { bitmapBytes } from '../qcow2/geometry.js';
import { Qcow2Image } from '../qcow2/image.js';
import { OpLog } from '../qcow2/oplog.js';
import type { ImageOptions, StoredBitmap, StoreOptions } from '../qcow2/options.js';
import type { DiskSpec, ImageSpec, Scenario, StorageSpec } from '../scenario.js';
import type { StoreOp } from '../types.js';

/** Requests to one disk's image, and what QEMU's own time for them depends on. */
export interface StopWork {
  readonly ops: readonly StoreOp[];
  /** Bytes of its bitmaps in memory, which are serialised on one side and made anew on the other; 0: it has none. */
  readonly bitmapBytes: number;
  /** Entries of its L1 table, each looked at before every write. */
  readonly l1Entries: number;
}

/** Which storage, and which QEMU. */
type Place = Pick<Scenario, 'storage' | 'qemu'>;

/** The image of a disk on this storage, as this QEMU has it open. */
export function imageOptions(disk: DiskSpec, { storage, qemu }: Place): ImageOptions {
  const below = disk.backing !== undefined && disk.backing.length > 0;
  return {
    ...disk,
    idleFlushes: storage.idleFlushes,
    stopFlushes: qemu.stopFlushes,
    ...(disk.dataFile && { dataFileNameBytes: TEXT_BYTES.name }),
    ...(below && belowTexts),
  };
}

const belowTexts = { backingFormatBytes: TEXT_BYTES.format, backingNameBytes: TEXT_BYTES.name };

/** A read-only image under a disk; `isLowest`: nothing is under it. */
export function backingOptions(image: ImageSpec, { storage, qemu }: Place, isLowest: boolean): ImageOptions {
  const { sizeBytes, clusterBytes, allocatedBytes } = image;
  const alike = {
    sizeBytes,
    clusterBytes,
    allocatedBytes,
    idleFlushes: storage.idleFlushes,
    stopFlushes: qemu.stopFlushes,
  };
  return { ...alike, discard: false, readOnly: true, ...(!isLowest && belowTexts) };
}

/** The flushes of vm_stop to a disk's data file: through the image's node, and its own. */
export function dataFlushes({ idleFlushes }: StorageSpec, guestWrote: boolean): readonly StoreOp[] {
  const log = new OpLog(idleFlushes);
  if (guestWrote) log.noteWritten();
  log.flush();
  log.flush();
  return log.take();
}

/** The image as the source has it open, with copies of the bitmaps that were stored before. */
export function openImage(options: ImageOptions, held: readonly StoredBitmap[] = []): Qcow2Image {
  const image = new Qcow2Image(options);
  if (held.length > 0) {
    image.store(held);
    image.activate();
  }
  return image;
}

/** The inactivation of an image: every bitmap is stored. */
export function storeWork(
  image: Qcow2Image,
  bitmaps: readonly StoredBitmap[],
  options: StoreOptions = {},
): StopWork {
  return workOf(image, image.store(bitmaps, options), bitmaps);
}

function workOf(image: Qcow2Image, ops: readonly StoreOp[], bitmaps: readonly StoredBitmap[]): StopWork {
  const { sizeBytes, l1Entries } = image;
  const bytes = bitmaps.reduce(
    (sum, bitmap) => sum + countOf(bitmap) * bitmapBytes(sizeBytes, bitmap.granularityBytes),
    0,
  );
  return { ops, bitmapBytes: bytes, l1Entries };
}

/** One disk from stop to stop: its image remembers what was stored before, as the file does. */
export class DiskStops {
  private readonly image: Qcow2Image;
  private bitmaps: readonly StoredBitmap[];

  /** `held`: bitmaps with a copy in the image. */
  constructor(options: ImageOptions, held: readonly StoredBitmap[] = []) {
    this.image = openImage(options, held);
    this.bitmaps = held;
  }

  /** The source's part, from STOP to completed: the flushes of vm_stop, then the inactivation. */
  source(bitmaps: readonly StoredBitmap[], options: StoreOptions = {}): StopWork {
    if (bitmaps.length > 0) this.bitmaps = bitmaps;
    const flushes = this.image.stop();
    const store = storeWork(this.image, bitmaps, options);
    return { ...store, ops: [...flushes, ...store.ops] };
  }

  /** The destination's part: the image is opened, its bitmaps are read back and marked in use. */
  load(): StopWork {
    return workOf(this.image, this.image.activate(), this.bitmaps);
  }

  /** The migration failed, or was a rehearsal: the source resumes with the image. */
  takeBack(): void {
    this.image.activate({ sourceTakesBack: true });
  }

  /** The bitmaps are removed while the guest runs; a stop without any writes back what that dirtied. */
  removeAll(): void {
    for (const name of this.bitmaps.flatMap(namesOf)) this.image.remove(name);
    this.bitmaps = [];
    this.source([]);
    this.takeBack();
  }
}

/** Alike bitmaps, b0, b1 … (or as `nameOf` says), in order of their creation. */
export function alikeBitmaps(
  count: number,
  alike: Omit<StoredBitmap, 'name'>,
  nameOf: (index: number) => string = (index) => `b${index}`,
): readonly StoredBitmap[] {
  return Array.from({ length: count }, (_, index) => ({ name: nameOf(index), ...alike }));
}
