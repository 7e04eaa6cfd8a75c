/** What writes do to alike bitmaps whose copies are made early (preflush.ts): requests, and where clusters lie then. */
import type { StoreOp } from '../types.js';
import { type Freeing, freeCopies, freeCopy } from './alike.js';
import type { Allocator } from './allocator.js';
import type { Copy } from './copies.js';
import {
  AS_STORED,
  type EarlyGroup,
  EarlyPlaces,
  type Lie,
  NOWHERE,
  runsOf,
  sameLie,
} from './early-places.js';
import type { BitmapGeometry } from './geometry.js';
import type { OpLog } from './oplog.js';
import { Spans } from './spans.js';

/** What of the image a write to bitmaps needs. */
export interface BitmapParts {
  readonly clusterBytes: number;
  readonly allocator: Allocator;
  readonly log: OpLog;
  write(bytes: number, purpose: StoreOp['purpose'], count?: number): void;
}

/** A cluster of a bitmap to be written, or a part of it. */
export interface ClusterWrite {
  /** Of the bitmap's table. */
  readonly entry: number;
  /** Left out: the whole cluster. */
  readonly bytes?: number;
  /** Every bit of the cluster is set, and the table says so in place of data (what-if encodeAllOnes). */
  readonly full?: boolean;
}

type TableSize = Pick<BitmapGeometry, 'tableBytes' | 'tableClusters'>;

/** What a write does to bitmaps in one state: overwrites, takes a new cluster, or marks in the table. */
type Deed = 'overwrite' | 'place' | 'mark';

/** Alike bitmaps in the making. */
export class AlikeEarly extends EarlyPlaces {
  private readonly image: BitmapParts;
  private readonly layout: 'in-place' | 'shadow';

  /** `copies`: of the image, as `matched` to the groups. */
  constructor(
    image: BitmapParts,
    layout: 'in-place' | 'shadow',
    group: EarlyGroup,
    copies: ReadonlyMap<string, Copy>,
  ) {
    super(group, copies);
    this.image = image;
    this.layout = layout;
  }

  /** Where bitmaps begin that lie in another way than those before, as far as these writes go; `into` has them then. */
  edges(writes: readonly ClusterWrite[], into: Set<number>): void {
    for (const { starts } of [this.changed, this.superseded]) for (const start of starts) into.add(start);
    if (this.lies.size === 0) return;
    for (const { entry } of writes) for (const start of this.lies.get(entry)?.starts ?? []) into.add(start);
  }

  /** Writes a cluster, or a part of it, in the bitmaps from..to-1, one after another. */
  write(write: ClusterWrite, from: number, to: number): void {
    const { image } = this;
    const { entry, bytes = image.clusterBytes } = write;
    const lies = this.lies.get(entry);
    // One bitmap lies in one way.
    const parts = lies && to - from > 1 ? [...lies.between(from, to)] : [[from, to] as const];
    for (const [first, behind] of parts) {
      const deed = this.deedOn(write, first);
      if (deed === 'overwrite') image.write(bytes, 'data', behind - first);
      else if (deed === 'mark') this.lay(entry, first, behind, NOWHERE);
      else {
        let member = first;
        image.allocator.allocateSingles(behind - first, ({ start, count }) => {
          this.lay(entry, member, member + count, { base: start - member, stride: 1 });
          member += count;
          // What a new cluster holds besides the chunk is not known to be zero, so it is written whole.
          image.write(image.clusterBytes, 'data', count);
        });
      }
    }
  }

  /** All these writes in one of the bitmaps from..to-1, which lie in the same way, then in the next. */
  writeEach(writes: readonly ClusterWrite[], from: number, to: number): void {
    for (let member = from; member < to; ) {
      const deeds = writes.map((write) => {
        const deed = this.deedOn(write, member);
        this.write(write, member, member + 1);
        return { write, deed };
      });
      member++;
      if (member < to) member += this.repeat(deeds, member, to);
    }
  }

  /** What these writes would send for one of the bitmaps, told to `put`; and what they would leave. */
  lookAhead(
    writes: readonly ClusterWrite[],
    member: number,
    put: (bytes: number) => void,
  ): { readonly changed: boolean; readonly superseded: number } {
    const { clusterBytes } = this.image;
    let changed = this.changed.at(member);
    let superseded = this.superseded.at(member);
    // Writes to one cluster stand together: what the first does to it, the next finds.
    let last: { readonly entry: number; readonly deed: Deed } | undefined;
    for (const write of writes) {
      const before = last?.entry === write.entry ? last.deed : undefined;
      const deed = this.deedOn(write, member, before);
      last = { entry: write.entry, deed };
      if (deed !== 'mark') put(deed === 'overwrite' ? (write.bytes ?? clusterBytes) : clusterBytes);
      if (deed === 'overwrite') continue;
      changed = true;
      if (before === undefined ? this.holds(write.entry, member) : before !== 'mark') superseded++;
    }
    return { changed, superseded };
  }

  /**
   * The copies as the directory will point to them, in the order of the bitmaps; tables that changed are overwritten, or
   * written to a new place.
   */
  finish({ tableBytes, tableClusters }: TableSize): readonly Copy[] {
    const changes = [...this.changed.between(0, this.count)];
    if (!changes.some(([, , changed]) => changed)) return this.old ? [this.old] : this.oldAlone;
    const tables = new Spans(this.count, AS_STORED, sameLie);
    for (const [from, to, changed] of changes) {
      if (!changed) continue;
      if (this.isStored && this.layout === 'in-place') this.image.write(tableBytes, 'table', to - from);
      else this.newTables(tables, from, to, { tableBytes, tableClusters });
    }
    const stretches = [...this.clusters().between(0, this.count)].map(([from, to, clusters]) => ({
      count: to - from,
      clusters,
      at: (index: number) => this.placeOf(from + index, tables),
    }));
    const { name, count, granularityBytes } = this.group;
    const named = count === undefined ? { name } : { name, count };
    return [{ ...named, granularityBytes, tableBytes, tableClusters, stretches, youngestFirst: false }];
  }

  /** Shadow: gives back what was superseded, and the old tables. */
  giveBack(freeing: Freeing, tableClusters: number): void {
    if (!this.isStored || this.layout === 'in-place') return;
    const { old, count, changed, superseded, givenUp } = this;
    const isOver = (member: number): boolean =>
      changed.at(member) && superseded.at(member) === this.group.held.length && givenUp.length === 0;
    const alike = changed.starts.length === 1 && superseded.starts.length === 1;
    if (old?.youngestFirst && alike && isOver(0)) freeCopies(freeing, old);
    else
      for (let member = 0; member < count; member++)
        if (changed.at(member)) {
          const data = runsOf(this.supersededBy(member));
          freeCopy(freeing, { table: this.oldPlace(member).table, data }, tableClusters);
        }
  }

  /** The same deeds for as many of member..to-1 as need no other request; returns how many. */
  private repeat(
    deeds: readonly { readonly write: ClusterWrite; readonly deed: Deed }[],
    member: number,
    to: number,
  ): number {
    const { allocator, log, clusterBytes } = this.image;
    const placed = deeds.filter(({ deed }) => deed === 'place');
    const stride = placed.length;
    const { start, times } =
      stride > 0 ? allocator.takeMore(stride, to - member) : { start: 0, times: to - member };
    log.repeated(times, () => {
      for (const { write, deed } of deeds) {
        if (deed === 'place') log.scan(1);
        if (deed !== 'mark')
          this.image.write(deed === 'place' ? clusterBytes : (write.bytes ?? clusterBytes), 'data');
      }
    });
    for (const [i, { write }] of placed.entries())
      this.lay(write.entry, member, member + times, { base: start + i - member * stride, stride });
    for (const { write, deed } of deeds)
      if (deed === 'mark') this.lay(write.entry, member, member + times, NOWHERE);
    return times;
  }

  /** What a write of the entry does to one of them; `before`: what another write of it has done meanwhile. */
  private deedOn({ entry, full }: ClusterWrite, member: number, before?: Deed): Deed {
    const lie = this.lieOf(entry, member);
    const placed = before === undefined ? lie !== NOWHERE : before !== 'mark';
    // In place a cluster that the image has is not given back for a mark: freeing it would cost the stop a punch.
    if (full && (this.layout === 'shadow' || !placed)) return 'mark';
    const movable = before === undefined && this.layout === 'shadow' && lie === AS_STORED;
    return placed && !movable ? 'overwrite' : 'place';
  }

  private newTables(tables: Spans<Lie>, from: number, to: number, geometry: TableSize): void {
    const { allocator, log } = this.image;
    const { tableBytes, tableClusters: stride } = geometry;
    const lay = (member: number, times: number, start: number): void =>
      tables.set(member, member + times, { base: start - member * stride, stride });
    for (let member = from; member < to; ) {
      lay(member, 1, allocator.allocate(stride));
      this.image.write(tableBytes, 'table');
      member++;
      const { start, times } = allocator.takeMore(stride, to - member);
      log.repeated(times, () => {
        log.scan(stride);
        this.image.write(tableBytes, 'table');
      });
      if (times > 0) lay(member, times, start);
      member += times;
    }
  }
}
