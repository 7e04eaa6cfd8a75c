/**
 * Clusters of a qcow2 file and their refcounts: who is free, where the search begins, when a refcount block
 * must be read, written or created. Behaviour of block/qcow2-refcount.c in QEMU 7.2 (qcow2_alloc_clusters,
 * update_refcount, alloc_refcount_block, qcow2_refcount_area), in terms of runs instead of single clusters.
 */
import { assert } from '../../base/assert.js';
import type { OpLog } from './oplog.js';
import { RefcountCache } from './refcountcache.js';
import { RunSet } from './runs.js';

const TABLE_ENTRY_BYTES = 8;
/** Location and size of the refcount table in the header, written in one piece. */
const HEADER_TABLE_FIELDS_BYTES = 12;

export interface ClusterRun {
  readonly start: number;
  readonly count: number;
}

export class Allocator {
  readonly cache: RefcountCache;
  /** Clusters described by one refcount block: a `region`. */
  readonly regionClusters: number;
  private readonly allocated = new RunSet();
  /** Regions that have a refcount block. */
  private readonly blocks = new RunSet();
  private tableStart = 0;
  private tableClusters = 0;
  private freeIndex = 0;
  private readonly log: OpLog;
  private readonly clusterBytes: number;

  constructor(log: OpLog, clusterBytes: number, refcountBits: number, cacheBlocks = 4) {
    this.log = log;
    this.clusterBytes = clusterBytes;
    this.regionClusters = (clusterBytes * 8) / refcountBits;
    this.cache = new RefcountCache(log, clusterBytes, cacheBlocks);
  }

  get allocatedClusters(): number {
    return this.allocated.size;
  }

  /** The three clusters every image begins with: header, refcount table, first refcount block. */
  begin(): void {
    this.tableStart = 1;
    this.tableClusters = 1;
    this.blocks.add(0, 1);
    this.allocated.add(0, 3);
    this.freeIndex = 0;
  }

  /** The image is opened anew (also: taken back after a migration): the search starts over, the cache is empty. */
  reopen(): void {
    this.freeIndex = 0;
    this.cache.reset();
  }

  /** `count` clusters in a row; returns the first. */
  allocate(count: number): number {
    for (;;) {
      const start = this.search(count);
      if (this.raise(start, count)) return start;
    }
  }

  /**
   * As many of `count` clusters as are free in a row from `start` on, perhaps none; returns how many. The search of
   * `allocate` stays where it is (qcow2_alloc_clusters_at).
   */
  allocateAt(start: number, count: number): number {
    for (;;) {
      const free = this.allocated.has(start) ? 0 : this.allocated.edgeAfter(start) - start;
      const taken = Math.min(count, free);
      if (taken === 0 || this.raise(start, taken)) return taken;
    }
  }

  /** `count` times one cluster; `emit` is called for each stretch taken at once, in order. */
  allocateSingles(count: number, emit: (run: ClusterRun) => void): void {
    let left = count;
    while (left > 0) {
      const start = this.allocate(1);
      // Neighbours that are free and described by the same block follow one by one without any other request.
      const regionEnd = (Math.floor(start / this.regionClusters) + 1) * this.regionClusters;
      const end = Math.min(
        start + left,
        regionEnd,
        this.allocated.has(start + 1) ? 0 : this.allocated.edgeAfter(start + 1),
      );
      const taken = Math.max(1, end - start);
      if (taken > 1) {
        this.allocated.add(start + 1, start + taken);
        this.freeIndex = start + taken;
        this.log.scan(taken - 1);
      }
      emit({ start, count: taken });
      left -= taken;
    }
  }

  /**
   * After an allocation: as many times so many clusters in a row (at most `most` times) as follow it at once and are
   * described by the same block, so that they take no request besides. Returns the first, and how many times.
   */
  takeMore(clusters: number, most: number): { readonly start: number; readonly times: number } {
    const start = this.freeIndex;
    const regionEnd = Math.ceil(start / this.regionClusters) * this.regionClusters;
    const end = this.allocated.has(start) ? start : Math.min(regionEnd, this.allocated.edgeAfter(start));
    const times = Math.min(most, Math.floor((end - start) / clusters));
    this.allocated.add(start, start + times * clusters);
    this.freeIndex = start + times * clusters;
    return { start, times };
  }

  /** After a release, clusters described by the same block as those released last: they take no request. */
  freeMore(start: number, end: number): void {
    this.allocated.remove(start, end);
    this.freeIndex = Math.min(this.freeIndex, start);
  }

  /** Lowers the refcounts to zero. `each` is called per stretch under one block, after that block was loaded. */
  free(start: number, count: number, each: (clusters: number) => void = () => undefined): void {
    if (count <= 0) return;
    this.cache.dependOnL2();
    let at = start;
    while (at < start + count) {
      const region = Math.floor(at / this.regionClusters);
      const end = Math.min(start + count, (region + 1) * this.regionClusters);
      this.cache.load(region, 'refcount');
      this.cache.markDirty(region);
      this.allocated.remove(at, end);
      this.freeIndex = Math.min(this.freeIndex, at);
      each(end - at);
      at = end;
    }
  }

  /** Marks a dense stretch as used without requests (layout of an image that already exists). */
  occupy(start: number, end: number): void {
    this.allocated.add(start, end);
    this.blocks.add(Math.floor(start / this.regionClusters), Math.floor((end - 1) / this.regionClusters) + 1);
    this.freeIndex = end;
  }

  /** Where the search stands, if everything from there on is free; else undefined. */
  denseFront(): number | undefined {
    return this.allocated.has(this.freeIndex) ||
      this.allocated.edgeAfter(this.freeIndex) !== Number.POSITIVE_INFINITY
      ? undefined
      : this.freeIndex;
  }

  /** Regions with a refcount block. */
  get blockCount(): number {
    return this.blocks.size;
  }

  /** Bytes of the refcount table, read whole when the image is opened. */
  get tableBytes(): number {
    return this.tableClusters * this.clusterBytes;
  }

  /** Walks to the first free cluster without taking it. */
  warm(): void {
    this.freeIndex = this.search(1);
  }

  /** Regions the refcount table has room for. */
  get tableRegions(): number {
    return (this.tableClusters * this.clusterBytes) / TABLE_ENTRY_BYTES;
  }

  /** Walks from the free index to the next `count` free clusters in a row; reads the blocks on the way. */
  private search(count: number): number {
    const from = this.freeIndex;
    const start = this.allocated.gap(from, count);
    this.freeIndex = start + count;
    this.log.scan(this.freeIndex - from);
    const lastRegion = Math.floor((this.freeIndex - 1) / this.regionClusters);
    let region = Math.floor(from / this.regionClusters);
    while (region <= lastRegion) {
      const edge = Math.min(this.blocks.edgeAfter(region), lastRegion + 1);
      if (this.blocks.has(region)) this.cache.loadRange(region, edge);
      region = edge;
    }
    return start;
  }

  /** Raises refcounts from 0 to 1. False: a refcount block had to be made first, and the search must start again. */
  private raise(start: number, count: number): boolean {
    let at = start;
    while (at < start + count) {
      const region = Math.floor(at / this.regionClusters);
      const end = Math.min(start + count, (region + 1) * this.regionClusters);
      if (!this.blocks.has(region)) {
        this.createBlock(region, at);
        this.freeIndex = Math.min(this.freeIndex, start);
        this.free(start, at - start);
        return false;
      }
      this.cache.load(region, 'refcount');
      this.cache.markDirty(region);
      this.allocated.add(at, end);
      at = end;
    }
    return true;
  }

  /** A new refcount block for the region, and its entry in the refcount table. */
  private createBlock(region: number, cluster: number): void {
    this.log.flush(); // the L2 cache, which a stop has written already
    const block = this.search(1);
    if (Math.floor(block / this.regionClusters) === region) {
      this.cache.loadEmpty(region);
      this.allocated.add(block, block + 1);
    } else {
      if (!this.raise(block, 1)) return;
      this.cache.flush();
      this.cache.loadEmpty(region);
    }
    this.cache.markDirty(region);
    this.cache.flush();
    if (region < this.tableRegions) {
      this.log.push('smallWrite', TABLE_ENTRY_BYTES, 1, 'refcount');
      this.log.flush();
      this.blocks.add(region, region + 1);
    } else {
      this.growTable(region, cluster, block);
    }
  }

  /** The refcount table is full: a larger one, with the blocks that describe it, in the next untouched region. */
  private growTable(region: number, cluster: number, block: number): void {
    const firstRegion = Math.ceil(Math.max(cluster + 1, block) / this.regionClusters);
    const start = firstRegion * this.regionClusters;
    const { regions, tableClusters } = this.tableSizeFor(start);
    this.blocks.add(region, region + 1);
    let newBlocks = 0;
    for (let r = firstRegion; r < regions; r++) if (!this.blocks.has(r)) newBlocks++;
    const end = start + newBlocks + tableClusters;
    for (let r = firstRegion; r < regions; r++) {
      if (this.blocks.has(r)) this.cache.load(r, 'refcount');
      else this.cache.loadEmpty(r);
      this.cache.markDirty(r);
      this.blocks.add(r, r + 1);
    }
    this.allocated.add(start, end);
    this.cache.flush();
    this.log.push('write', tableClusters * this.clusterBytes, 1, 'refcount');
    this.log.flush();
    this.log.push('smallWrite', HEADER_TABLE_FIELDS_BYTES, 1, 'header');
    this.log.flush();
    const old = { start: this.tableStart, clusters: this.tableClusters };
    this.tableStart = start + newBlocks;
    this.tableClusters = tableClusters;
    this.free(old.start, old.clusters);
  }

  /** Blocks for `clusters` in use plus the blocks and the table themselves; the table with half as much again to spare. */
  private tableSizeFor(clusters: number): { regions: number; tableClusters: number } {
    const entries = this.clusterBytes / TABLE_ENTRY_BYTES;
    const settle = (used: number): { blocks: number; table: number } => {
      let blocks = 0;
      let table = 0;
      for (let total = -1; total !== used + blocks + table; ) {
        total = used + blocks + table;
        blocks = Math.ceil(total / this.regionClusters);
        table = Math.ceil(blocks / entries);
      }
      return { blocks, table };
    };
    const regions = settle(clusters + Math.ceil(settle(clusters).table / 2)).blocks;
    assert(regions > 0, 'a refcount table describes at least one region');
    const tableEntries = regions + Math.ceil(regions / 2);
    return { regions, tableClusters: Math.ceil(tableEntries / entries) };
  }
}
