/**
 * A copy of the bitmaps that is brought up to date while the guest runs, and finished in the stop (facts H.3).
 * QEMU has no such thing; this is how it would fit its image format.
 *
 *   in-place  clusters the image has are overwritten, others are allocated; nothing is given back
 *   shadow    every cluster goes to a new place first; the stop switches tables and gives the old clusters back
 *
 * While it lasts the image says IN_USE, so nobody trusts half a copy, whatever fails. Data must be durable before
 * the directory says otherwise: the last pass flushes between the two, as a store does.
 */
import { assert } from '../../base/assert.js';
import type { StoreOp } from '../types.js';
import type { Allocator, ClusterRun } from './allocator.js';
import { type BitmapGeometry, bitmapGeometry, directoryEntryBytes } from './geometry.js';
import { OpLog } from './oplog.js';

/** A bitmap as the image holds it. */
export interface Copy {
  readonly name: string;
  readonly granularityBytes: number;
  readonly table: ClusterRun;
  readonly tableBytes: number;
  /** In order of the table. */
  readonly data: readonly ClusterRun[];
}

/** What an image lends to the copy that is made of its bitmaps early. */
export interface ImageParts {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly discard: boolean;
  readonly log: OpLog;
  readonly allocator: Allocator;
  readonly copies: readonly Copy[];
  write(bytes: number, purpose: StoreOp['purpose']): void;
  /** A new directory of these copies, header and flushes; the old directory is freed. */
  writeDirectory(next: readonly Copy[]): void;
  /** Frees data clusters, with their punches. */
  freeData(runs: readonly ClusterRun[]): void;
  readOldTable(bytes: number): void;
}

/** One bitmap to be copied early. */
export interface EarlyBitmap {
  readonly name: string;
  readonly granularityBytes: number;
  /** Entries of the table with a cluster in the image's copy, ascending; as many as that copy has. Empty: none stored. */
  readonly held: readonly number[];
}

/** A cluster to be written: which bitmap (by position), which entry of its table, how many bytes of it. */
export interface EarlyWrite {
  readonly bitmap: number;
  readonly entry: number;
  /** Left out: the whole cluster. */
  readonly bytes?: number;
  /** Every bit of the cluster is set, and the table says so in place of data (what-if encodeAllOnes). */
  readonly full?: boolean;
}

interface State {
  readonly bitmap: EarlyBitmap;
  readonly old: Copy | undefined;
  /** Where each entry's cluster lies; 0: nowhere. */
  readonly places: Float64Array;
  /** Shadow: entries written to a new place already. */
  readonly moved: Uint8Array;
  /** Old places given up by the shadow layout, to be freed at the switch. */
  readonly superseded: number[];
  tableChanged: boolean;
}

/** The copy in the making, of all bitmaps of one disk. */
export class EarlyCopy {
  private readonly image: ImageParts;
  private readonly layout: 'in-place' | 'shadow';
  private readonly states: readonly State[];

  constructor(image: ImageParts, layout: 'in-place' | 'shadow', bitmaps: readonly EarlyBitmap[]) {
    this.image = image;
    this.layout = layout;
    this.states = bitmaps.map((bitmap) => this.stateOf(bitmap));
  }

  /** One cluster, or a part of it, while the guest runs. */
  write(write: EarlyWrite): readonly StoreOp[] {
    this.put(write);
    return this.image.log.take();
  }

  /** Whether the table's entry names a cluster, which the destination has to read. */
  holds(bitmap: number, entry: number): boolean {
    return this.states[bitmap]!.places[entry] !== 0;
  }

  /** Makes what was written so far durable, so that the flush in the stop need not pay for it. */
  sync(): readonly StoreOp[] {
    this.image.allocator.cache.flush();
    return this.image.log.take();
  }

  /** The last pass, inside the stop: what is left, tables that changed, the directory without IN_USE. */
  finish(rest: readonly EarlyWrite[]): readonly StoreOp[] {
    for (const write of rest) this.put(write);
    const { image } = this;
    const names = new Set(this.states.map(({ bitmap }) => bitmap.name));
    const next = [
      ...image.copies.filter(({ name }) => !names.has(name)),
      ...this.states.map((state) => this.finishTable(state)),
    ];
    image.writeDirectory(next);
    for (const state of this.states) this.giveBack(state, next);
    image.log.flush();
    image.allocator.cache.flush();
    return image.log.take();
  }

  /**
   * What finish would send now, without doing it (for `pending`). Exact while the refcount block of the new clusters
   * is in the cache and has room for them; at most a few requests off where it is not.
   */
  preview(rest: readonly EarlyWrite[]): readonly StoreOp[] {
    const { clusterBytes, discard } = this.image;
    const preview = new OpLog(this.image.log.idleFlushes);
    const put = (bytes: number, purpose: StoreOp['purpose']): void =>
      preview.push(bytes < clusterBytes ? 'smallWrite' : 'write', bytes, 1, purpose);
    const changed = new Set(this.states.filter(({ tableChanged }) => tableChanged));
    const superseded = this.states.map((state) => state.superseded.length);
    for (const write of rest) {
      const state = this.states[write.bitmap]!;
      const stays = this.stays(state, write.entry);
      const mark = write.full && this.markable(state, write.entry);
      if (!mark) put(stays ? (write.bytes ?? clusterBytes) : clusterBytes, 'data');
      if (stays) continue;
      changed.add(state);
      if (state.places[write.entry] !== 0) superseded[write.bitmap] = superseded[write.bitmap]! + 1;
    }
    for (const state of this.states)
      if (changed.has(state)) put(this.geometryOf(state.bitmap).tableBytes, 'table');
    const directoryBytes = this.states.reduce((sum, { bitmap }) => sum + directoryEntryBytes(bitmap.name), 0);
    const replaces = this.image.copies.length > 0;
    if (replaces) preview.push('read', directoryBytes, 1, 'old-directory');
    put(directoryBytes, 'directory');
    put(clusterBytes, 'refcount');
    preview.flush();
    put(clusterBytes, 'header');
    preview.flush();
    for (const [i, { old }] of this.states.entries()) {
      if (this.layout === 'in-place' || !old || !changed.has(this.states[i]!)) continue;
      preview.push('read', old.tableBytes, 1, 'old-table');
      if (discard) preview.push('punch', clusterBytes, superseded[i]!, 'punch');
    }
    preview.flush();
    if (replaces) {
      preview.flush();
      put(clusterBytes, 'refcount');
    }
    preview.flush();
    return preview.take();
  }

  private geometryOf({ granularityBytes }: EarlyBitmap): BitmapGeometry {
    return bitmapGeometry(this.image.sizeBytes, granularityBytes, this.image.clusterBytes);
  }

  /** Whether the entry has a cluster that may be overwritten where it lies. */
  private stays(state: State, entry: number): boolean {
    return state.places[entry] !== 0 && (this.layout === 'in-place' || state.moved[entry] === 1);
  }

  /** In place a cluster that the image has is not given back for a mark: freeing it would cost the stop a punch. */
  private markable(state: State, entry: number): boolean {
    return this.layout === 'shadow' || state.places[entry] === 0;
  }

  private stateOf(bitmap: EarlyBitmap): State {
    const { tableEntries } = this.geometryOf(bitmap);
    const old = this.image.copies.find(({ name }) => name === bitmap.name);
    const places = new Float64Array(tableEntries);
    const clusters =
      old?.data.flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => start + i)) ?? [];
    assert(
      clusters.length === bitmap.held.length,
      `${bitmap.name}: ${clusters.length} clusters are in the image`,
    );
    for (const [i, entry] of bitmap.held.entries()) places[entry] = clusters[i]!;
    return {
      bitmap,
      old,
      places,
      moved: new Uint8Array(tableEntries),
      superseded: [],
      tableChanged: old === undefined,
    };
  }

  private put({ bitmap, entry, full, bytes = this.image.clusterBytes }: EarlyWrite): void {
    const state = this.states[bitmap]!;
    const place = state.places[entry]!;
    if (full && this.markable(state, entry)) {
      if (place !== 0) state.superseded.push(place);
      state.places[entry] = 0;
      state.tableChanged = true;
      return;
    }
    if (this.stays(state, entry)) {
      this.image.write(bytes, 'data');
      return;
    }
    if (place !== 0) state.superseded.push(place);
    state.places[entry] = this.image.allocator.allocate(1);
    state.moved[entry] = 1;
    state.tableChanged = true;
    // What a new cluster holds besides the chunk is not known to be zero, so it is written whole.
    this.image.write(this.image.clusterBytes, 'data');
  }

  /** The table as the directory will point to it: as it is, overwritten, or in a new place. */
  private finishTable({ bitmap, old, places, tableChanged }: State): Copy {
    const { allocator } = this.image;
    const { tableBytes, tableClusters } = this.geometryOf(bitmap);
    if (old && !tableChanged) return old;
    const table =
      old && this.layout === 'in-place'
        ? old.table
        : { start: allocator.allocate(tableClusters), count: tableClusters };
    this.image.write(tableBytes, 'table');
    return {
      name: bitmap.name,
      granularityBytes: bitmap.granularityBytes,
      table,
      tableBytes,
      data: runsOf(places),
    };
  }

  private giveBack({ old, superseded }: State, next: readonly Copy[]): void {
    if (!old || this.layout === 'in-place' || next.includes(old)) return;
    this.image.readOldTable(old.tableBytes);
    this.image.freeData(runsOf(Float64Array.from(superseded).sort()));
    this.image.allocator.free(old.table.start, old.table.count);
  }
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
