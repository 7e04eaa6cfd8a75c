/**
 * Bitmaps as an image holds them. Alike ones (same granularity, as many clusters each) are one entry here, however many
 * they are: 65,535 of them are what products with a bitmap a backup may come to.
 */
import type { ClusterRun } from './allocator.js';
import { directoryEntryBytes } from './geometry.js';

/** One bitmap of this name, or `count` alike ones that are called name0, name1 … in order of their creation. */
export interface Named {
  readonly name: string;
  /** Left out: one, called as it stands. */
  readonly count?: number;
}

/** Where one copy lies. */
export interface Place {
  /** First cluster of its table. */
  readonly table: number;
  /** In order of the table. */
  readonly data: readonly ClusterRun[];
}

/** Copies that follow one another in the directory, with as many data clusters each. */
export interface Stretch {
  readonly count: number;
  readonly clusters: number;
  at(index: number): Place;
  /** Each lies whole, data before table, so many clusters behind the one before; left out: they lie anyhow. */
  readonly stride?: number;
}

/** Copies of alike bitmaps, or of one. */
export interface Copy extends Named {
  readonly granularityBytes: number;
  readonly tableBytes: number;
  readonly tableClusters: number;
  /** In directory order. */
  readonly stretches: readonly Stretch[];
  /** The youngest stands first in the directory, as stores leave them; else the oldest. */
  readonly youngestFirst: boolean;
}

/** How many bitmaps an entry stands for. */
export const countOf = ({ count = 1 }: Named): number => count;

/** The name of one of them, counted from the oldest. */
export function nameOf({ name, count }: Named, member: number): string {
  return count === undefined ? name : `${name}${member}`;
}

/** Names of all of them, the oldest first. */
export function namesOf(named: Named): string[] {
  return Array.from({ length: countOf(named) }, (_, member) => nameOf(named, member));
}

/** What their entries take in the directory: names of as many digits take the same. */
export function entriesBytes(named: Named): number {
  const count = countOf(named);
  let bytes = 0;
  for (let from = 0, next = 10; from < count; from = next, next *= 10)
    bytes += (Math.min(count, next) - from) * directoryEntryBytes(nameOf(named, from));
  return bytes;
}

/** Whether two entries are the same bitmaps. */
export function isSame(a: Named, b: Named): boolean {
  return a.name === b.name && a.count === b.count;
}

/** Where the copy at a position of the directory lies, counted from the first of the entry. */
export function placeIn({ stretches }: Copy, position: number): Place {
  let before = 0;
  for (const stretch of stretches) {
    if (position < before + stretch.count) return stretch.at(position - before);
    before += stretch.count;
  }
  throw new RangeError(`${position}: there are ${before} copies`);
}

/** One copy of its own. */
export function single(place: Place, clusters: number): Stretch {
  return { count: 1, clusters, at: () => place };
}

/** Each copy as an entry of its own, in directory order. */
export function listed(copies: readonly Copy[]): readonly Copy[] {
  return copies.flatMap((copy): Copy | Copy[] => {
    if (copy.count === undefined) return copy;
    const { youngestFirst, count } = copy;
    let behind = 0;
    return copy.stretches.flatMap((stretch) =>
      Array.from({ length: stretch.count }, (_, i) => {
        const position = behind++;
        const { granularityBytes, tableBytes, tableClusters } = copy;
        const name = nameOf(copy, youngestFirst ? count - 1 - position : position);
        const stretches = [single(stretch.at(i), stretch.clusters)];
        return { name, granularityBytes, tableBytes, tableClusters, stretches, youngestFirst };
      }),
    );
  });
}

/** The copies so that each is one of these entries or a bitmap by itself. */
export function matched(copies: readonly Copy[], entries: readonly Named[]): readonly Copy[] {
  return copies.every((copy) => entries.some((entry) => isSame(entry, copy))) ? copies : listed(copies);
}
