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

/** Bitmaps to be copied early that are alike: what one of them still takes, each does, so a look ahead need not go through a thousand. */
export interface EarlyGroup {
  readonly names: readonly string[];
  readonly granularityBytes: number;
  /** Entries of the table with a cluster in the image's copy, ascending; as many as that copy has. Empty: none stored. */
  readonly held: readonly number[];
}

/** A cluster to be written in bitmaps of a group (by position): which entry of the table, how many bytes of it. */
export interface EarlyWrite {
  readonly group: number;
  /** In the bitmaps from..to-1 of the group; left out: in all of them. */
  readonly from?: number;
  readonly to?: number;
  readonly entry: number;
  /** Left out: the whole cluster. */
  readonly bytes?: number;
  /** Every bit of the cluster is set, and the table says so in place of data (what-if encodeAllOnes). */
  readonly full?: boolean;
}

/** One bitmap of a group. */
interface State {
  readonly name: string;
  readonly granularityBytes: number;
  readonly old: Copy | undefined;
  /** Where each entry's cluster lies; 0: nowhere. */
  readonly places: Float64Array;
  /** Shadow: entries written to a new place already. */
  readonly moved: Uint8Array;
  /** Old places given up by the shadow layout, to be freed at the switch. */
  readonly superseded: number[];
  tableChanged: boolean;
}

/** Neighbours in a group that are in the same state and meet the same writes. */
interface AlikePart {
  readonly group: number;
  readonly from: number;
  readonly count: number;
  readonly first: State;
  changed: boolean;
  superseded: number;
}

const isIn = ({ from = 0, to = Number.POSITIVE_INFINITY }: EarlyWrite, member: number): boolean =>
  member >= from && member < to;

/** The copy in the making, of all bitmaps of one disk. */
export class EarlyCopy {
  private readonly image: ImageParts;
  private readonly layout: 'in-place' | 'shadow';
  /** The bitmaps of each group. Between writes that leave none out all of a group are in the same state but for the places. */
  private readonly groups: readonly (readonly State[])[];
  private readonly directoryBytes: number;

  constructor(image: ImageParts, layout: 'in-place' | 'shadow', groups: readonly EarlyGroup[]) {
    this.image = image;
    this.layout = layout;
    const stored = new Map(image.copies.map((copy) => [copy.name, copy]));
    this.groups = groups.map((group) =>
      group.names.map((name) => this.stateOf(name, group, stored.get(name))),
    );
    this.directoryBytes = groups
      .flatMap(({ names }) => names)
      .reduce((sum, name) => sum + directoryEntryBytes(name), 0);
  }

  /** One cluster, or a part of it, while the guest runs: bitmap after bitmap. */
  write(write: EarlyWrite): readonly StoreOp[] {
    const states = this.groups[write.group]!;
    const to = write.to ?? states.length;
    for (let member = write.from ?? 0; member < to; member++) this.put(states[member]!, write);
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
    for (const [g, states] of this.groups.entries()) {
      const own = rest.filter(({ group }) => group === g);
      for (const [member, state] of states.entries())
        for (const write of own) if (isIn(write, member)) this.put(state, write);
    }
    const states = this.groups.flat();
    const names = new Set(states.map(({ name }) => name));
    const next = [
      ...image.copies.filter(({ name }) => !names.has(name)),
      ...states.map((state) => this.finishTable(state)),
    ];
    image.writeDirectory(next);
    const kept = new Set(next);
    for (const state of states) this.giveBack(state, kept);
    image.log.flush();
    image.allocator.cache.flush();
    return image.log.take();
  }

  /**
   * What finish would send now, without doing it (for `pending`). Exact while the refcount block of the new clusters
   * is in the cache and has room for them, and no bitmap was passed over by a write; a few requests off where it is not.
   */
  preview(rest: readonly EarlyWrite[]): readonly StoreOp[] {
    const { clusterBytes, discard } = this.image;
    const preview = new OpLog(this.image.log.idleFlushes);
    const put = (bytes: number, purpose: StoreOp['purpose'], count = 1): void =>
      preview.push(bytes < clusterBytes ? 'smallWrite' : 'write', bytes, count, purpose);
    const parts = this.groups.flatMap((_, g) => this.alikeParts(g, rest));
    for (const part of parts)
      for (const write of rest) {
        if (write.group !== part.group || !isIn(write, part.from)) continue;
        const stays = this.stays(part.first, write.entry);
        const mark = write.full && this.markable(part.first, write.entry);
        if (!mark) put(stays ? (write.bytes ?? clusterBytes) : clusterBytes, 'data', part.count);
        if (stays) continue;
        part.changed = true;
        if (part.first.places[write.entry] !== 0) part.superseded++;
      }
    for (const { first, changed, count } of parts)
      if (changed) put(this.geometryOf(first).tableBytes, 'table', count);
    const replaces = this.image.copies.length > 0;
    if (replaces) preview.push('read', this.directoryBytes, 1, 'old-directory');
    put(this.directoryBytes, 'directory');
    put(clusterBytes, 'refcount');
    preview.flush();
    put(clusterBytes, 'header');
    preview.flush();
    for (const { first, changed, count, superseded } of parts) {
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

  /** Bitmaps of a group that the rest treats alike, told by the first of them. */
  private alikeParts(group: number, rest: readonly EarlyWrite[]): AlikePart[] {
    const states = this.groups[group]!;
    const edges = new Set([0, states.length]);
    for (const write of rest)
      if (write.group === group) edges.add(write.from ?? 0).add(write.to ?? states.length);
    const sorted = [...edges].sort((a, b) => a - b);
    return sorted.slice(1).map((to, i) => {
      const from = sorted[i]!;
      const first = states[from]!;
      const { tableChanged, superseded } = first;
      return { group, from, count: to - from, first, changed: tableChanged, superseded: superseded.length };
    });
  }

  private geometryOf({ granularityBytes }: Pick<EarlyGroup, 'granularityBytes'>): BitmapGeometry {
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

  private stateOf(name: string, group: EarlyGroup, old: Copy | undefined): State {
    const { tableEntries } = this.geometryOf(group);
    const places = new Float64Array(tableEntries);
    let held = 0;
    for (const { start, count } of old?.data ?? [])
      for (let i = 0; i < count; i++) places[group.held[held++]!] = start + i;
    assert(held === group.held.length, `${name}: ${held} clusters are in the image`);
    return {
      name,
      granularityBytes: group.granularityBytes,
      old,
      places,
      moved: new Uint8Array(tableEntries),
      superseded: [],
      tableChanged: old === undefined,
    };
  }

  private put(state: State, { entry, full, bytes = this.image.clusterBytes }: EarlyWrite): void {
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
  private finishTable(state: State): Copy {
    const { name, granularityBytes, old, places, tableChanged } = state;
    const { allocator } = this.image;
    const { tableBytes, tableClusters } = this.geometryOf(state);
    if (old && !tableChanged) return old;
    const table =
      old && this.layout === 'in-place'
        ? old.table
        : { start: allocator.allocate(tableClusters), count: tableClusters };
    this.image.write(tableBytes, 'table');
    return { name, granularityBytes, table, tableBytes, data: runsOf(places) };
  }

  private giveBack({ old, superseded }: State, kept: ReadonlySet<Copy>): void {
    if (!old || this.layout === 'in-place' || kept.has(old)) return;
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
