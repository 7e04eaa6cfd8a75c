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
import type { ClusterRun } from './allocator.js';
import { type BitmapParts, type ClusterWrite, type Copy, EarlyBitmap } from './early-bitmap.js';
import { type BitmapGeometry, bitmapGeometry, directoryEntryBytes } from './geometry.js';
import { OpLog } from './oplog.js';

/** What an image lends to the copy that is made of its bitmaps early. */
export interface ImageParts extends BitmapParts {
  readonly sizeBytes: number;
  readonly discard: boolean;
  readonly log: OpLog;
  readonly copies: readonly Copy[];
  /** A new directory of these copies, header and flushes; the old directory is freed. */
  writeDirectory(next: readonly Copy[]): void;
  /** Frees data clusters, with their punches. */
  freeData(runs: readonly ClusterRun[]): void;
  readOldTable(bytes: number): void;
}

/** Bitmaps to be copied early that are alike, so that a look ahead need not go through a thousand. */
export interface EarlyGroup {
  readonly names: readonly string[];
  readonly granularityBytes: number;
  /** Entries of the table with a cluster in the image's copy, ascending; as many as that copy has. Empty: none stored. */
  readonly held: readonly number[];
}

/** A cluster to be written in bitmaps of a group (by position). */
export interface EarlyWrite extends ClusterWrite {
  readonly group: number;
  /** In the bitmaps from..to-1 of the group; left out: in all of them. */
  readonly from?: number;
  readonly to?: number;
}

/** Bitmaps of a group in the same state and with the same writes before them. */
interface Run {
  readonly first: EarlyBitmap;
  readonly count: number;
  readonly writes: readonly EarlyWrite[];
}

const isIn = ({ from = 0, to = Number.POSITIVE_INFINITY }: EarlyWrite, member: number): boolean =>
  member >= from && member < to;

/** The copy in the making, of all bitmaps of one disk. */
export class EarlyCopy {
  private readonly image: ImageParts;
  private readonly layout: 'in-place' | 'shadow';
  /** The bitmaps of each group. */
  private readonly groups: readonly (readonly EarlyBitmap[])[];
  private readonly directoryBytes: number;

  constructor(image: ImageParts, layout: 'in-place' | 'shadow', groups: readonly EarlyGroup[]) {
    this.image = image;
    this.layout = layout;
    const stored = new Map(image.copies.map((copy) => [copy.name, copy]));
    this.groups = groups.map((group) => this.bitmapsOf(group, stored));
    this.directoryBytes = groups
      .flatMap(({ names }) => names)
      .reduce((sum, name) => sum + directoryEntryBytes(name), 0);
  }

  /**
   * One cluster of one bitmap or more, or a part of it, while the guest runs. A cluster of alike bitmaps is written
   * from the first of them on.
   */
  write(write: EarlyWrite): readonly StoreOp[] {
    const bitmaps = this.groups[write.group]!;
    const to = write.to ?? bitmaps.length;
    for (let member = write.from ?? 0; member < to; member++) bitmaps[member]!.put(write);
    return this.image.log.take();
  }

  /** Whether the table's entry names a cluster, which the destination has to read. */
  holds(group: number, member: number, entry: number): boolean {
    return this.groups[group]![member]!.places[entry] !== 0;
  }

  /** Makes what was written so far durable, so that the flush in the stop need not pay for it. */
  sync(): readonly StoreOp[] {
    this.image.allocator.cache.flush();
    return this.image.log.take();
  }

  /** The last pass, inside the stop: what is left, tables that changed, the directory without IN_USE. */
  finish(rest: readonly EarlyWrite[]): readonly StoreOp[] {
    const { image } = this;
    for (const [g, bitmaps] of this.groups.entries()) {
      const own = rest.filter(({ group }) => group === g);
      for (const [member, bitmap] of bitmaps.entries())
        for (const write of own) if (isIn(write, member)) bitmap.put(write);
    }
    const bitmaps = this.groups.flat();
    const names = new Set(bitmaps.map(({ name }) => name));
    const next = [
      ...image.copies.filter(({ name }) => !names.has(name)),
      ...bitmaps.map((bitmap) => this.finishTable(bitmap)),
    ];
    image.writeDirectory(next);
    const kept = new Set(next);
    for (const bitmap of bitmaps) this.giveBack(bitmap, kept);
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
    const tables = this.runs(rest).map(({ first, count, writes }) => {
      let changed = first.tableChanged;
      let superseded = first.superseded.length;
      // Writes to one cluster stand together: what the first does to it, the next finds.
      let last = { entry: -1, stays: false, placed: false };
      for (const { entry, full, bytes = clusterBytes } of writes) {
        const before =
          entry === last.entry ? last : { stays: first.stays(entry), placed: first.places[entry] !== 0 };
        const mark = full === true && (this.layout === 'shadow' || !before.placed);
        last = { entry, stays: !mark, placed: !mark };
        if (!mark) put(before.stays ? bytes : clusterBytes, 'data', count);
        if (before.stays && !mark) continue;
        changed = true;
        if (before.placed) superseded++;
      }
      return { first, count, changed, superseded };
    });
    for (const { first, changed, count } of tables)
      if (changed) put(this.geometryOf(first).tableBytes, 'table', count);
    const replaces = this.image.copies.length > 0;
    if (replaces) preview.push('read', this.directoryBytes, 1, 'old-directory');
    put(this.directoryBytes, 'directory');
    put(clusterBytes, 'refcount');
    preview.flush();
    put(clusterBytes, 'header');
    preview.flush();
    for (const { first, changed, count, superseded } of tables) {
      if (this.layout === 'in-place' || !first.old || !changed) continue;
      preview.push('read', first.old.tableBytes, count, 'old-table');
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

  /** All bitmaps of all groups, as few runs as there are. */
  private runs(rest: readonly EarlyWrite[]): Run[] {
    return this.groups.flatMap((bitmaps, g) => {
      const own = rest.filter(({ group }) => group === g);
      const edges = own.flatMap(({ from, to }) =>
        from === undefined && to === undefined ? [] : [from ?? 0, to ?? bitmaps.length],
      );
      const cuts = [...new Set([...stateEdges(bitmaps), ...edges])].sort((a, b) => a - b);
      // Most writes are for all bitmaps of the group, and need not be asked each.
      const ofAll = own.filter(({ from, to }) => from === undefined && to === undefined);
      const ofSome = own.length - ofAll.length;
      return cuts.slice(1).map((end, i) => {
        const member = cuts[i]!;
        const writes = ofSome === 0 ? ofAll : own.filter((write) => isIn(write, member));
        return { first: bitmaps[member]!, count: end - member, writes };
      });
    });
  }

  private geometryOf({ granularityBytes }: Pick<EarlyGroup, 'granularityBytes'>): BitmapGeometry {
    return bitmapGeometry(this.image.sizeBytes, granularityBytes, this.image.clusterBytes);
  }

  private bitmapsOf(
    { names, granularityBytes, held }: EarlyGroup,
    stored: ReadonlyMap<string, Copy>,
  ): EarlyBitmap[] {
    const { tableEntries } = this.geometryOf({ granularityBytes });
    // One piece of memory for all of them: a hundred thousand small ones would be slow to make and to forget.
    const allPlaces = new Float64Array(names.length * tableEntries);
    return names.map((name, member) => {
      const places = allPlaces.subarray(member * tableEntries, (member + 1) * tableEntries);
      const old = stored.get(name);
      return new EarlyBitmap(this.image, this.layout, { name, granularityBytes, places, held, old });
    });
  }

  /** The table as the directory will point to it: as it is, overwritten, or in a new place. */
  private finishTable(bitmap: EarlyBitmap): Copy {
    const { name, granularityBytes, old, places, tableChanged } = bitmap;
    const { allocator } = this.image;
    const { tableBytes, tableClusters } = this.geometryOf(bitmap);
    if (old && !tableChanged) return old;
    const table =
      old && this.layout === 'in-place'
        ? old.table
        : { start: allocator.allocate(tableClusters), count: tableClusters };
    this.image.write(tableBytes, 'table');
    return { name, granularityBytes, table, tableBytes, data: runsOf(places) };
  }

  private giveBack({ old, superseded }: EarlyBitmap, kept: ReadonlySet<Copy>): void {
    if (!old || this.layout === 'in-place' || kept.has(old)) return;
    this.image.readOldTable(old.tableBytes);
    this.image.freeData(runsOf(Float64Array.from(superseded).sort()));
    this.image.allocator.free(old.table.start, old.table.count);
  }
}

/** Where bitmaps of another state begin, in order, and where the last ends. */
function stateEdges(bitmaps: readonly EarlyBitmap[]): number[] {
  const edges = [0];
  for (let from = 0; from < bitmaps.length; ) {
    // Bitmaps in the same state stand together (EarlyBitmap.isAs), so halving finds their end.
    let same = from;
    let behind = bitmaps.length;
    while (behind - same > 1) {
      const middle = Math.floor((same + behind) / 2);
      if (bitmaps[middle]!.isAs(bitmaps[from]!)) same = middle;
      else behind = middle;
    }
    edges.push(behind);
    from = behind;
  }
  return edges;
}

/** Places in order, neighbours joined; 0 is no place. */
function runsOf(places: Float64Array): ClusterRun[] {
  const runs: { start: number; count: number }[] = [];
  for (const place of places) {
    if (place === 0) continue;
    const last = runs.at(-1);
    if (last && last.start + last.count === place) last.count++;
    else runs.push({ start: place, count: 1 });
  }
  return runs;
}
