/**
 * Where the clusters of alike bitmaps lie whose copies are made early (preflush.ts). A write goes to some of them, one
 * after another, so they differ by stretches: what lies in the same way is kept once.
 */
import { assert } from '../../base/assert.js';
import type { ClusterRun } from './allocator.js';
import { type Copy, countOf, isSame, type Named, nameOf, type Place, placeIn } from './copies.js';
import { Spans } from './spans.js';

/** Bitmaps to be copied early that are alike, so that nothing need go through a thousand of them. */
export interface EarlyGroup extends Named {
  readonly granularityBytes: number;
  /** Entries of the table with a cluster in the image's copy, ascending; as many as that copy has. Empty: none stored. */
  readonly held: readonly number[];
}

/** Clusters of a stretch of bitmaps: that of bitmap n lies at base + n x stride. */
export interface Lie {
  readonly base: number;
  readonly stride: number;
}

/** The entry has no cluster. */
export const NOWHERE: Lie = { base: 0, stride: 0 };
/** It has the one that the image's copy has. */
export const AS_STORED: Lie = { base: -1, stride: 0 };

/** Whether they lie in the same way. */
export const sameLie = (a: Lie, b: Lie): boolean => a.base === b.base && a.stride === b.stride;

/** Old places given up by the shadow layout, to be freed at the switch. */
interface GivenUp {
  readonly from: number;
  readonly to: number;
  readonly lie: Lie;
}

/** The state of a group; what writes do to it is in early-group.ts. */
export class EarlyPlaces {
  readonly count: number;
  protected readonly group: EarlyGroup;
  /** The image's copies of them; in `oldAlone` those of each, where they were not stored as the same group. */
  protected readonly old: Copy | undefined;
  /** Which bitmaps have another table than the image's copy, and how many clusters they gave up. */
  protected readonly changed: Spans<boolean>;
  protected readonly superseded: Spans<number>;
  protected readonly oldAlone: readonly Copy[];
  /** Position in `held`, by entry; -1: not in it. */
  protected readonly heldAt: Int32Array;
  /** Of entries that do not lie as they did at first in all of them. */
  protected readonly lies = new Map<number, Spans<Lie>>();
  protected readonly givenUp: GivenUp[] = [];
  /** How often an entry came to lie elsewhere so far. */
  moves = 0;

  /** `copies`: of the image, as `matched` to the groups. */
  constructor(group: EarlyGroup, copies: ReadonlyMap<string, Copy>) {
    this.group = group;
    this.count = countOf(group);
    const same = copies.get(group.name);
    this.old = same !== undefined && isSame(same, group) ? same : undefined;
    const alone = this.old === undefined && copies.has(nameOf(group, 0));
    this.oldAlone = alone
      ? Array.from({ length: this.count }, (_, member) => copies.get(nameOf(group, member))!)
      : [];
    this.heldAt = new Int32Array((group.held.at(-1) ?? -1) + 1).fill(-1);
    for (const [i, entry] of group.held.entries()) this.heldAt[entry] = i;
    const found = (this.old ?? this.oldAlone[0])?.stretches[0]?.clusters ?? 0;
    assert(found === group.held.length, `${group.name}: ${found} clusters are in the image`);
    this.changed = new Spans(this.count, !this.isStored);
    this.superseded = new Spans(this.count, 0);
  }

  /** Whether the image has copies of them. */
  get isStored(): boolean {
    return this.old !== undefined || this.oldAlone.length > 0;
  }

  /** Whether the copy is of these bitmaps, or of one of them. */
  had(copy: Copy): boolean {
    return copy === this.old || this.oldAlone.includes(copy);
  }

  /** Whether the entry of one of them names a cluster. */
  holds(entry: number, member: number): boolean {
    return this.lieOf(entry, member) !== NOWHERE;
  }

  /** The entry lies elsewhere from now on, in the bitmaps from..to-1. */
  protected lay(entry: number, from: number, to: number, lie: Lie): void {
    if (from === to) return;
    this.moves++;
    const lies = this.lies.get(entry) ?? new Spans(this.count, this.firstLie(entry), sameLie);
    this.lies.set(entry, lies);
    for (const [first, behind, before] of [...lies.between(from, to)]) {
      if (before === NOWHERE) continue;
      this.superseded.change(first, behind, (clusters) => clusters + 1);
      if (before !== AS_STORED) this.givenUp.push({ from: first, to: behind, lie: before });
    }
    lies.set(from, to, lie);
    this.changed.set(from, to, true);
  }

  protected isHeld(entry: number): boolean {
    return entry < this.heldAt.length && this.heldAt[entry]! >= 0;
  }

  protected firstLie(entry: number): Lie {
    return this.isHeld(entry) ? AS_STORED : NOWHERE;
  }

  protected lieOf(entry: number, member: number): Lie {
    const lies = this.lies.size > 0 ? this.lies.get(entry) : undefined;
    return lies === undefined ? this.firstLie(entry) : lies.at(member);
  }

  /** How many data clusters each has. */
  protected clusters(): Spans<number> {
    const clusters = new Spans(this.count, this.group.held.length);
    for (const [entry, lies] of this.lies) {
      const before = this.isHeld(entry) ? 1 : 0;
      for (const [from, to, lie] of lies.between(0, this.count)) {
        const now = lie === NOWHERE ? 0 : 1;
        if (now !== before) clusters.change(from, to, (sum) => sum + now - before);
      }
    }
    return clusters;
  }

  protected placeOf(member: number, tables: Spans<Lie>): Place {
    const old = this.isStored ? this.oldPlace(member) : undefined;
    const stored = clustersOf(old?.data ?? []);
    const { base, stride } = tables.at(member);
    const table = tables.at(member) === AS_STORED ? old!.table : base + member * stride;
    const entries = [...new Set([...this.group.held, ...this.lies.keys()])].sort((a, b) => a - b);
    const data = entries.flatMap((entry) => {
      const lie = this.lieOf(entry, member);
      if (lie === NOWHERE) return [];
      return lie === AS_STORED ? stored[this.heldAt[entry]!]! : lie.base + member * lie.stride;
    });
    return { table, data: runsOf(data) };
  }

  /** In ascending order. */
  protected supersededBy(member: number): number[] {
    const stored = clustersOf(this.oldPlace(member).data);
    const places = stored.filter((_, i) => this.lieOf(this.group.held[i]!, member) !== AS_STORED);
    for (const { from, to, lie } of this.givenUp)
      if (member >= from && member < to) places.push(lie.base + member * lie.stride);
    return places.sort((a, b) => a - b);
  }

  protected oldPlace(member: number): Place {
    return this.old === undefined
      ? placeIn(this.oldAlone[member]!, 0)
      : placeIn(this.old, this.old.youngestFirst ? this.count - 1 - member : member);
  }
}

function clustersOf(runs: readonly ClusterRun[]): number[] {
  return runs.flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => start + i));
}

/** Places in order, neighbours joined. */
export function runsOf(places: readonly number[]): ClusterRun[] {
  const runs: { start: number; count: number }[] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last && last.start + last.count === place) last.count++;
    else runs.push({ start: place, count: 1 });
  }
  return runs;
}
