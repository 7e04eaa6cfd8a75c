/**
 * What pre-flush leaves to the stop on one disk (qemu-facts H.3):
 *
 *   chunks that became stale since they were written   one write each, or merged into whole clusters
 *   tables of bitmaps that gained a cluster            none in the steady state
 *   a new directory with IN_USE cleared, the header    as QEMU makes them durable today (two flushes)
 *   shadow layout: the replaced copy is given back     punches, as in a store; in place: none
 */
import type { Disk } from '../migration/machine.js';
import { directoryEntryBytes } from '../qcow2/geometry.js';
import type { PreFlushSpec } from '../scenario.js';
import type { StoreOp } from '../types.js';
import { bitmapName, clusterCounts } from './stored-bitmaps.js';

/** A chunk in the image: `write` where it is a whole cluster, `smallWrite` where the writer must learn to write less. */
export function chunkWrite(chunkBytes: number, clusterBytes: number, count: number): StoreOp {
  const op = chunkBytes < clusterBytes ? 'smallWrite' : 'write';
  return { op, bytes: chunkBytes, count, purpose: 'data' };
}

/** The last pass over one disk; made before the guest runs, asked at the stop. */
export class LastPass {
  private readonly disk: Disk;
  private readonly spec: PreFlushSpec;
  /** Clusters of one bitmap that the table in the image knows of, by group; the initial pass writes the table. */
  private readonly tableClusters: readonly number[];
  /** Clusters of the old copy, which the shadow layout gives back in the stop. */
  private readonly oldClusters: number;

  constructor(disk: Disk, spec: PreFlushSpec) {
    this.disk = disk;
    this.spec = spec;
    const { tracker, spec: diskSpec } = disk;
    tracker.sync();
    this.tableClusters = tracker.groups.map((group) => clusterCounts(group, diskSpec.clusterBytes).dirty);
    this.oldClusters = tracker.groups.reduce(
      (sum, group, g) => sum + (diskSpec.bitmaps[g]!.stored ? group.count * this.tableClusters[g]! : 0),
      0,
    );
  }

  /** Writes that the stale chunks of all bitmaps will take, each of `bytes`. */
  staleWrites(): { readonly count: number; readonly bytes: number } {
    const { tracker, spec } = this.disk;
    const merge = this.spec.lastPass === 'clusters' && this.spec.chunkBytes < spec.clusterBytes;
    const chunksPerCluster = merge ? spec.clusterBytes / this.spec.chunkBytes : 1;
    let count = 0;
    for (const [g, group] of tracker.groups.entries()) {
      const stale = tracker.staleChunks(g);
      const units = merge
        ? new Set(stale.map((chunk) => Math.floor(chunk / chunksPerCluster))).size
        : stale.length;
      count += units * group.count;
    }
    return { count, bytes: merge ? spec.clusterBytes : this.spec.chunkBytes };
  }

  /** The requests of the last pass as things stand now. */
  ops(): StoreOp[] {
    const { tracker, spec } = this.disk;
    const { clusterBytes } = spec;
    const ops: StoreOp[] = [];
    const { count, bytes } = this.staleWrites();
    if (count > 0) ops.push(chunkWrite(bytes, clusterBytes, count));
    let directoryBytes = 0;
    for (const [g, group] of tracker.groups.entries()) {
      const { dirty } = clusterCounts(group, clusterBytes);
      const tableBytes = 8 * Math.ceil(group.bytes / clusterBytes);
      if (dirty !== this.tableClusters[g] || !spec.bitmaps[g]!.stored)
        ops.push({ op: 'smallWrite', bytes: tableBytes, count: group.count, purpose: 'table' });
      for (let member = 0; member < group.count; member++)
        directoryBytes += directoryEntryBytes(bitmapName(g, member));
    }
    const flush: StoreOp = { op: 'flush', bytes: 0, count: 1, purpose: 'flush' };
    const block: StoreOp = { op: 'write', bytes: clusterBytes, count: 1, purpose: 'refcount' };
    ops.push({ op: 'smallWrite', bytes: directoryBytes, count: 1, purpose: 'directory' }, block, flush);
    ops.push({ ...block, purpose: 'header' }, flush);
    if (this.spec.layout === 'shadow' && this.oldClusters > 0 && spec.discard)
      ops.push({ op: 'punch', bytes: clusterBytes, count: this.oldClusters, purpose: 'punch' });
    if (spec.bitmaps.some((bitmap) => bitmap.stored)) ops.push(flush, block, flush);
    return ops;
  }
}
