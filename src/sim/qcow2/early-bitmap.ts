/** One bitmap whose copy is made early (preflush.ts): where its clusters lie, and what a further write does to it. */
import { assert } from '../../base/assert.js';
import type { StoreOp } from '../types.js';
import type { Allocator, ClusterRun } from './allocator.js';

/** A bitmap as the image holds it. */
export interface Copy {
  readonly name: string;
  readonly granularityBytes: number;
  readonly table: ClusterRun;
  readonly tableBytes: number;
  /** In order of the table. */
  readonly data: readonly ClusterRun[];
}

/** What of the image a write to a bitmap needs. */
export interface BitmapParts {
  readonly clusterBytes: number;
  readonly allocator: Allocator;
  write(bytes: number, purpose: StoreOp['purpose']): void;
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

interface Beginning {
  readonly name: string;
  readonly granularityBytes: number;
  /** Where the bitmap is to keep its places: as long as its table, all 0. */
  readonly places: Float64Array;
  readonly old: Copy | undefined;
  /** Entries with a cluster in the old copy, ascending. */
  readonly held: readonly number[];
}

export class EarlyBitmap {
  readonly name: string;
  readonly granularityBytes: number;
  readonly old: Copy | undefined;
  /** Where each entry's cluster lies; 0: nowhere. */
  readonly places: Float64Array;
  /** Old places given up by the shadow layout, to be freed at the switch. */
  readonly superseded: number[] = [];
  tableChanged: boolean;
  private readonly image: BitmapParts;
  private readonly layout: 'in-place' | 'shadow';
  /** Shadow: entries written to a new place already. */
  private readonly moved: Uint8Array | undefined;
  private placements = 0;
  private marks = 0;

  constructor(image: BitmapParts, layout: 'in-place' | 'shadow', beginning: Beginning) {
    const { name, granularityBytes, places, old, held } = beginning;
    this.image = image;
    this.layout = layout;
    this.name = name;
    this.granularityBytes = granularityBytes;
    this.old = old;
    this.places = places;
    this.moved = layout === 'shadow' ? new Uint8Array(places.length) : undefined;
    this.tableChanged = old === undefined;
    let found = 0;
    for (const { start, count } of old?.data ?? [])
      for (let i = 0; i < count; i++) this.places[held[found++]!] = start + i;
    assert(found === held.length, `${name}: ${found} clusters are in the image`);
  }

  /**
   * Whether two of a group are in the same state but for their places. A write goes to the group's bitmaps from the first
   * on, and may break off: so whatever was done to one was done to those before it, and equal counts are equal deeds.
   */
  isAs({ placements, marks }: EarlyBitmap): boolean {
    return this.placements === placements && this.marks === marks;
  }

  /** Whether the entry has a cluster that may be overwritten where it lies. */
  stays(entry: number): boolean {
    return this.places[entry] !== 0 && (this.moved === undefined || this.moved[entry] === 1);
  }

  /** In place a cluster that the image has is not given back for a mark: freeing it would cost the stop a punch. */
  markable(entry: number): boolean {
    return this.layout === 'shadow' || this.places[entry] === 0;
  }

  put({ entry, full, bytes = this.image.clusterBytes }: ClusterWrite): void {
    const place = this.places[entry]!;
    if (full && this.markable(entry)) {
      if (place !== 0) this.superseded.push(place);
      this.places[entry] = 0;
      this.tableChanged = true;
      this.marks++;
      return;
    }
    if (this.stays(entry)) {
      this.image.write(bytes, 'data');
      return;
    }
    if (place !== 0) this.superseded.push(place);
    this.places[entry] = this.image.allocator.allocate(1);
    if (this.moved) this.moved[entry] = 1;
    this.tableChanged = true;
    this.placements++;
    // What a new cluster holds besides the chunk is not known to be zero, so it is written whole.
    this.image.write(this.image.clusterBytes, 'data');
  }
}
