/** What an image is made of, and what is stored in it. */
import type { QemuTraits } from '../qemu/table.js';
import type { HeaderTexts } from './bitmap-load.js';
import type { Named } from './copies.js';
import type { IdleFlushes } from './oplog.js';

/** An image as it is opened. Every DiskSpec is one, too. */
export interface ImageOptions extends HeaderTexts {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  /** Guest bytes whose clusters are allocated (refcount scan); 0: sparse. */
  readonly allocatedBytes?: number;
  /** The guest's data lies in a file of its own: the image has tables for it and no clusters. */
  readonly dataFile?: object;
  /** Opened as a backing file: its bitmaps are read and not marked in use, since nothing can change them. */
  readonly readOnly?: boolean;
  /** allocatedBytes was the size before `qemu-img resize`; otherwise the guest filled that much of the disk. */
  readonly resized?: boolean;
  readonly refcountBits?: number;
  readonly extendedL2?: boolean;
  /** The protocol node passes discards on: freed data clusters are punched, one request each. */
  readonly discard: boolean;
  /** Flushes of vm_stop: one for the image, and up to 8.2 one for the protocol node. Left out: 2. */
  readonly stopFlushes?: QemuTraits['stopFlushes'];
  /** Do flushes with nothing written since the last one reach the storage? NBD `sent`, file `skipped`. */
  readonly idleFlushes?: IdleFlushes;
  /** Refcount blocks the cache holds (QEMU's minimum and default: 4). */
  readonly refcountCacheBlocks?: number;
}

/** One bitmap to be stored, or alike ones. Only how many of its clusters hold a set bit matters to the image. */
export interface StoredBitmap extends Named {
  readonly granularityBytes: number;
  readonly dirtyClusters: number;
  /** Of these, clusters with every bit set (what-if encodeAllOnes: a mark in the table instead of data). */
  readonly fullClusters?: number;
  /** The copy in the image is the same (what-if skipUnchanged). */
  readonly unchanged?: boolean;
}

/** What-if switches of a store, all off in QEMU. */
export interface StoreOptions {
  readonly skipUnchanged?: boolean;
  readonly deferPunch?: boolean;
  readonly encodeAllOnes?: boolean;
}
