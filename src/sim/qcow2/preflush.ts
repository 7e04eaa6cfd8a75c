/**
 * A copy of the bitmaps that is brought up to date while the guest runs, and finished in the stop.
 * QEMU has no such thing; this is how it would fit its image format.
 *
 *   in-place  clusters the image has are overwritten, others are allocated; nothing is given back
 *   shadow    every cluster goes to a new place first; the stop switches tables and gives the old clusters back
 *
 * While it lasts the image says IN_USE, so nobody trusts half a copy, whatever fails. Data must be durable before
 * the directory says otherwise: the last pass flushes between the two, as a store does.
 */
import type { StoreOp } from '../types.js';
import type { Freeing } from './alike.js';
import { type Copy, entriesBytes, matched } from './copies.js';
import { AlikeEarly, type BitmapParts, type ClusterWrite } from './early-group.js';
import type { EarlyGroup } from './early-places.js';
import { type BitmapGeometry, bitmapGeometry } from './geometry.js';
import { OpLog } from './oplog.js';

export type { EarlyGroup } from './early-places.js';

/** What an image lends to the copy that is made of its bitmaps early. */
export interface ImageParts extends BitmapParts {
  readonly sizeBytes: number;
  readonly discard: boolean;
  readonly copies: readonly Copy[];
  /** A new directory of these copies, header and flushes; the old directory is freed. */
  writeDirectory(next: readonly Copy[]): void;
  /** Frees copies with tables of this size. */
  freeing(tableBytes: number): Freeing;
}

/** A cluster to be written in bitmaps of a group (by position). */
export interface EarlyWrite extends ClusterWrite {
  readonly group: number;
  /** In the bitmaps from..to-1 of the group; left out: in all of them. */
  readonly from?: number;
  readonly to?: number;
}

/** Bitmaps from..to-1 of a group, in the same state and with the same writes before them. */
interface Run {
  readonly bitmaps: AlikeEarly;
  readonly geometry: BitmapGeometry;
  readonly from: number;
  readonly to: number;
  readonly writes: readonly EarlyWrite[];
}

const isIn = ({ from = 0, to = Number.POSITIVE_INFINITY }: EarlyWrite, member: number): boolean =>
  member >= from && member < to;

const isForAll = ({ from, to }: EarlyWrite): boolean => from === undefined && to === undefined;

/** The copy in the making, of all bitmaps of one disk. */
export class EarlyCopy {
  private readonly image: ImageParts;
  private readonly layout: 'in-place' | 'shadow';
  private readonly groups: readonly { readonly bitmaps: AlikeEarly; readonly geometry: BitmapGeometry }[];
  /** Copies of other bitmaps than these. */
  private readonly others: readonly Copy[];
  private readonly directoryBytes: number;
  private least: { readonly moves: number; readonly ops: readonly StoreOp[] } | undefined;

  constructor(image: ImageParts, layout: 'in-place' | 'shadow', groups: readonly EarlyGroup[]) {
    this.image = image;
    this.layout = layout;
    const copies = new Map(matched(image.copies, groups).map((copy) => [copy.name, copy]));
    this.groups = groups.map((group) => ({
      bitmaps: new AlikeEarly(image, layout, group, copies),
      geometry: bitmapGeometry(image.sizeBytes, group.granularityBytes, image.clusterBytes),
    }));
    this.others = [...copies.values()].filter(
      (copy) => !this.groups.some(({ bitmaps }) => bitmaps.had(copy)),
    );
    this.directoryBytes = groups.reduce((sum, group) => sum + entriesBytes(group), 0);
  }

  /**
   * One cluster of one bitmap or more, or a part of it, while the guest runs. A cluster of alike bitmaps is written
   * from the first of them on.
   */
  write(write: Omit<EarlyWrite, 'from' | 'to'>, from = 0, to?: number): readonly StoreOp[] {
    const { bitmaps } = this.groups[write.group]!;
    bitmaps.write(write, from, to ?? bitmaps.count);
    return this.image.log.take();
  }

  /** Whether the table's entry names a cluster, which the destination has to read. */
  holds(group: number, member: number, entry: number): boolean {
    return this.groups[group]!.bitmaps.holds(entry, member);
  }

  /** Makes what was written so far durable, so that the flush in the stop need not pay for it. */
  sync(): readonly StoreOp[] {
    this.image.allocator.cache.flush();
    return this.image.log.take();
  }

  /** The last pass, inside the stop: what is left, tables that changed, the directory without IN_USE. */
  finish(rest: readonly EarlyWrite[]): readonly StoreOp[] {
    const { image } = this;
    for (const { bitmaps, writes, from, to } of this.runs(rest)) bitmaps.writeEach(writes, from, to);
    const made = this.groups.flatMap(({ bitmaps, geometry }) => bitmaps.finish(geometry));
    image.writeDirectory([...this.others, ...made]);
    for (const { bitmaps, geometry } of this.groups)
      bitmaps.giveBack(image.freeing(geometry.tableBytes), geometry.tableClusters);
    image.log.flush();
    image.allocator.cache.flush();
    return image.log.take();
  }

  /**
   * What finish would send now, without doing it (for `pending`). Exact while the refcount block of the new clusters
   * is in the cache and has room for them; at most a few requests off where it is not. Of alike bitmaps the same
   * requests are told together.
   */
  preview(rest: readonly EarlyWrite[]): readonly StoreOp[] {
    const { clusterBytes, discard } = this.image;
    const preview = new OpLog(this.image.log.idleFlushes);
    const put = (bytes: number, purpose: StoreOp['purpose'], count = 1): void =>
      preview.push(bytes < clusterBytes ? 'smallWrite' : 'write', bytes, count, purpose);
    const tables = this.runs(rest).map(({ bitmaps, geometry, from, to, writes }) => {
      const count = to - from;
      const left = bitmaps.lookAhead(writes, from, (bytes) => put(bytes, 'data', count));
      return { ...left, count, isStored: bitmaps.isStored, tableBytes: geometry.tableBytes };
    });
    for (const { tableBytes, changed, count } of tables) if (changed) put(tableBytes, 'table', count);
    const replaces = this.image.copies.length > 0;
    if (replaces) preview.push('read', this.directoryBytes, 1, 'old-directory');
    put(this.directoryBytes, 'directory');
    put(clusterBytes, 'refcount');
    preview.flush();
    put(clusterBytes, 'header');
    preview.flush();
    for (const { isStored, changed, count, tableBytes, superseded } of tables) {
      if (this.layout === 'in-place' || !isStored || !changed) continue;
      preview.push('read', tableBytes, count, 'old-table');
      if (discard) preview.push('punch', clusterBytes, count * superseded, 'punch');
    }
    preview.flush();
    if (replaces) {
      preview.flush();
      put(clusterBytes, 'refcount');
    }
    preview.flush();
    return preview.take();
  }

  /** The preview with nothing left, which is the same until a cluster comes to lie elsewhere. */
  leastPreview(): readonly StoreOp[] {
    const moves = this.groups.reduce((sum, { bitmaps }) => sum + bitmaps.moves, 0);
    if (this.least?.moves !== moves) this.least = { moves, ops: this.preview([]) };
    return this.least.ops;
  }

  /** All bitmaps of all groups, in as few runs as there are. */
  private runs(rest: readonly EarlyWrite[]): Run[] {
    return this.groups.flatMap(({ bitmaps, geometry }, g) => {
      const own = this.groups.length === 1 ? rest : rest.filter(({ group }) => group === g);
      // Most writes are for all bitmaps of the group, and need not be asked each.
      const ofSome = own.filter((write) => !isForAll(write));
      const edges = new Set(ofSome.flatMap(({ from = 0, to = bitmaps.count }) => [from, to]));
      bitmaps.edges(own, edges);
      const cuts = [...edges.add(0).add(bitmaps.count)].sort((a, b) => a - b);
      return cuts.slice(1).map((to, i) => {
        const from = cuts[i]!;
        const writes = ofSome.length === 0 ? own : own.filter((write) => isIn(write, from));
        return { bitmaps, geometry, from, to, writes };
      });
    });
  }
}
