/**
 * The metadata of a qcow2 image as far as bitmaps touch it: store, load, replace and remove persistent dirty
 * bitmaps, request by request, in QEMU's order (block/qcow2-bitmap.c and qcow2_inactivate, QEMU 7.2).
 *
 * Drawing of the order of one store:
 *   old directory -> per bitmap: data clusters, table -> directory -> refcounts, flush -> header, flush
 *   -> old directory freed -> per replaced bitmap: old table read, each old cluster punched -> flush, refcounts, flush
 *
 * The object is stateful, as the file is: store, activate, store again is a replacement.
 */
import { InputError } from '../../base/errors.js';
import type { StoreOp } from '../types.js';
import { type Freeing, freeCopies, writeCopies } from './alike.js';
import { Allocator, type ClusterRun } from './allocator.js';
import { loadContents, loadExtensions, markInUse } from './bitmap-load.js';
import { type Copy, countOf, entriesBytes, listed, namesOf } from './copies.js';
import { inDirectoryOrder } from './directory-order.js';
import { type BitmapGeometry, bitmapGeometry, checkCluster, LIMITS } from './geometry.js';
import { l1Bytes, l1Entries, layOut } from './layout.js';
import { OpLog } from './oplog.js';
import type { ImageOptions, StoredBitmap, StoreOptions } from './options.js';
import { EarlyCopy, type EarlyGroup } from './preflush.js';

export type { ImageOptions, StoredBitmap, StoreOptions } from './options.js';

const HEADER_BYTES = 112;

/** One image file; see above. */
export class Qcow2Image {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  /** Entries of the L1 table: host time of every write (HostSpec.perL1EntryNs). */
  readonly l1Entries: number;
  private readonly log: OpLog;
  private readonly allocator: Allocator;
  /** In directory order. */
  private copies: readonly Copy[] = [];
  private directory: ClusterRun = { start: 0, count: 0 };
  private readonly deferred: OpLog;
  private readonly geometries = new Map<number, BitmapGeometry>();
  /** What the directory of these copies takes. */
  private measured: { readonly copies: readonly Copy[]; readonly bytes: number } = { copies: [], bytes: 0 };
  private readonly options: ImageOptions;

  constructor(options: ImageOptions) {
    this.options = options;
    const { sizeBytes, clusterBytes, allocatedBytes = 0, extendedL2 = false, resized = false } = options;
    checkCluster(clusterBytes);
    this.sizeBytes = sizeBytes;
    this.clusterBytes = clusterBytes;
    this.l1Entries = l1Entries(sizeBytes, clusterBytes, extendedL2);
    this.log = new OpLog(options.idleFlushes ?? 'sent');
    this.deferred = new OpLog('sent');
    this.allocator = new Allocator(
      this.log,
      clusterBytes,
      options.refcountBits ?? 16,
      options.refcountCacheBlocks,
    );
    const dataFile = options.dataFile !== undefined;
    layOut(this.allocator, { sizeBytes, clusterBytes, allocatedBytes, extendedL2, resized, dataFile });
    this.allocator.cache.flush();
    this.allocator.reopen();
    this.log.take();
  }

  /** Clusters in use, guest data and metadata. */
  get allocatedClusters(): number {
    return this.allocator.allocatedClusters;
  }

  /** Names of the bitmaps in the image, in directory order. */
  get storedNames(): readonly string[] {
    return this.copies.flatMap((copy) => (copy.youngestFirst ? namesOf(copy).reverse() : namesOf(copy)));
  }

  /** The guest wrote to its disk: the next flush has something to flush, whoever asks for it. */
  guestWrote(): void {
    this.log.noteWritten();
  }

  /** The flushes of vm_stop, before anything is stored. */
  stop(): readonly StoreOp[] {
    this.allocator.cache.writeBack();
    const { stopFlushes = 2 } = this.options;
    for (let flush = 0; flush < stopFlushes; flush++) this.log.flush();
    return this.log.take();
  }

  /** What-if earlyAllocation: the walk to the first free cluster, done while the guest still runs. */
  allocateEarly(): readonly StoreOp[] {
    this.allocator.warm();
    return this.log.take();
  }

  /**
   * The inactivation of the image with these bitmaps in memory, in order of their creation. Without any it is
   * the two flushes that every stop has.
   */
  store(bitmaps: readonly StoredBitmap[], options: StoreOptions = {}): readonly StoreOp[] {
    const given = bitmaps.reduce((sum, bitmap) => sum + countOf(bitmap), 0);
    if (given > LIMITS.bitmaps)
      throw new InputError(`bitmaps: ${given} given, a qcow2 image holds at most ${LIMITS.bitmaps}`);
    if (bitmaps.length > 0) this.replaceAll(bitmaps, options);
    else if (this.copies.length > 0) this.readDirectory();
    if (this.options.readOnly) return this.log.take();
    this.log.flush(); // the L2 cache, clean here
    this.allocator.cache.flush();
    return this.log.take();
  }

  /** Punches that `deferPunch` kept out of the stop so far; asking empties the list. */
  takeDeferred(): readonly StoreOp[] {
    return this.deferred.take();
  }

  /**
   * The image is opened for use: metadata, every table and stored cluster, then IN_USE is set.
   * `sourceTakesBack`: the source resumes; its driver first goes through an empty store.
   * `readBefore`: stored clusters that need not be read again (what-if loadEarly).
   * `contentsLater`: what-if loadAfterResume, so that `readContents` follows when the guest runs.
   */
  activate({ sourceTakesBack = false, readBefore = 0, contentsLater = false } = {}): readonly StoreOp[] {
    const { sizeBytes, clusterBytes, extendedL2 = false } = this.options;
    if (sourceTakesBack) {
      if (this.copies.length > 0) this.readDirectory();
      this.log.flush();
      this.allocator.cache.flush();
    }
    this.allocator.reopen();
    this.load(HEADER_BYTES);
    this.load(l1Bytes(sizeBytes, clusterBytes, extendedL2));
    this.load(this.allocator.tableBytes);
    const { log, copies } = this;
    const has = { dataFile: this.options.dataFile !== undefined, bitmaps: copies.length > 0 };
    // The table of feature names is left out of small clusters.
    loadExtensions(log, clusterBytes > 4096 ? 2 : 1, this.options, has);
    if (copies.length > 0) {
      this.load(this.directoryBytes());
      if (!contentsLater) loadContents(log, copies, clusterBytes, readBefore);
      if (!this.options.readOnly) markInUse(log, this.directoryBytes(), clusterBytes);
    }
    return log.take();
  }

  /** What `contentsLater` left to do. */
  readContents(readBefore: number): readonly StoreOp[] {
    loadContents(this.log, this.copies, this.clusterBytes, readBefore);
    return this.log.take();
  }

  /** block-dirty-bitmap-remove of a stored bitmap while the guest runs. */
  remove(name: string): readonly StoreOp[] {
    const copies = listed(this.copies);
    const copy = copies.find((candidate) => candidate.name === name);
    if (copy) {
      this.readDirectory();
      this.writeDirectory(copies.filter((candidate) => candidate !== copy));
      freeCopies(this.freeing(copy.tableBytes, false), copy);
    }
    return this.log.take();
  }

  /** Begins a copy that is kept up to date while the guest runs, in place of a store in the stop (preflush.ts). */
  early(
    layout: 'in-place' | 'shadow',
    groups: readonly EarlyGroup[],
    { deferPunch = false }: StoreOptions = {},
  ): EarlyCopy {
    const { log, allocator, clusterBytes } = this;
    const image = this;
    const parts = {
      log,
      allocator,
      clusterBytes,
      sizeBytes: this.options.sizeBytes,
      discard: this.options.discard && !deferPunch,
      get copies() {
        return image.copies;
      },
      write: (bytes: number, purpose: StoreOp['purpose'], count?: number) =>
        this.write(bytes, purpose, count),
      writeDirectory: (next: readonly Copy[]) => {
        if (this.copies.length > 0) this.readDirectory();
        this.writeDirectory(next);
      },
      freeing: (tableBytes: number) => this.freeing(tableBytes, deferPunch),
    };
    return new EarlyCopy(parts, layout, groups);
  }

  private replaceAll(bitmaps: readonly StoredBitmap[], options: StoreOptions): void {
    if (this.copies.length > 0) this.readDirectory();
    const replaced: Copy[] = [];
    const next: Copy[] = [];
    for (const [old, bitmap] of inDirectoryOrder(this.copies, bitmaps)) {
      if (old && (!bitmap || (options.skipUnchanged && bitmap.unchanged))) {
        next.push(old);
        continue;
      }
      if (old) replaced.push(old);
      next.push(this.writeBitmap(bitmap!, options));
    }
    this.writeDirectory(next);
    for (const copy of replaced.reverse())
      freeCopies(this.freeing(copy.tableBytes, options.deferPunch ?? false), copy);
  }

  private writeBitmap(bitmap: StoredBitmap, options: StoreOptions): Copy {
    const { clusterBytes } = this.options;
    const geometry = this.geometryOf(bitmap.granularityBytes);
    const count = Math.max(
      0,
      bitmap.dirtyClusters - (options.encodeAllOnes ? (bitmap.fullClusters ?? 0) : 0),
    );
    if (bitmap.dirtyClusters > geometry.tableEntries)
      throw new InputError(
        `bitmap ${bitmap.name}: ${bitmap.dirtyClusters} dirty clusters, it has only ${geometry.tableEntries}`,
      );
    const write = (what: 'data' | 'table', times = 1): void =>
      this.write(what === 'data' ? clusterBytes : geometry.tableBytes, what, times);
    return writeCopies({ log: this.log, allocator: this.allocator, write }, bitmap, geometry, count);
  }

  /** A new directory in new clusters, made durable, then the header that points to it; the old one is freed. */
  private writeDirectory(next: readonly Copy[]): void {
    const old = this.directory;
    this.copies = next;
    this.directory = { start: 0, count: 0 };
    if (next.length > 0) {
      const count = Math.ceil(this.directoryBytes() / this.clusterBytes);
      this.directory = { start: this.allocator.allocate(count), count };
      this.write(this.directoryBytes(), 'directory');
      this.allocator.cache.writeBack();
      this.log.flush();
    }
    this.write(this.clusterBytes, 'header');
    this.log.flush();
    this.allocator.free(old.start, old.count);
  }

  /** Data clusters are punched one request each; directory and tables never are. */
  private freeing(tableBytes: number, deferPunch: boolean): Freeing {
    const { log, allocator, clusterBytes, deferred } = this;
    const readTable = (): void => log.push('read', tableBytes, 1, 'old-table');
    const punchIn = (list: OpLog, wanted: boolean) => (clusters: number) => {
      if (this.options.discard && wanted) list.push('punch', clusterBytes, clusters, 'punch');
    };
    const punch = punchIn(log, !deferPunch);
    return { log, allocator, readTable, punch, punchLater: punchIn(deferred, deferPunch) };
  }

  private geometryOf(granularityBytes: number): BitmapGeometry {
    const before = this.geometries.get(granularityBytes);
    if (before) return before;
    const geometry = bitmapGeometry(this.options.sizeBytes, granularityBytes, this.options.clusterBytes);
    this.geometries.set(granularityBytes, geometry);
    return geometry;
  }

  private directoryBytes(): number {
    if (this.measured.copies !== this.copies) {
      const bytes = this.copies.reduce((sum, copy) => sum + entriesBytes(copy), 0);
      this.measured = { copies: this.copies, bytes };
    }
    return this.measured.bytes;
  }

  private readDirectory(): void {
    this.log.push('read', this.directoryBytes(), 1, 'old-directory');
  }

  private load(bytes: number, count = 1): void {
    this.log.push('read', bytes, count, 'load');
  }

  private write(bytes: number, purpose: StoreOp['purpose'], count = 1): void {
    this.log.push(bytes < this.clusterBytes ? 'smallWrite' : 'write', bytes, count, purpose);
  }
}
