/** Which copies the bitmaps of a store take the place of, and where the new ones go. */
import { type Copy, matched, namesOf } from './copies.js';
import type { StoredBitmap } from './options.js';

/** Copies, and the bitmaps that take their place; undefined: they have none, or are new. */
export type Replacement = readonly [copy: Copy | undefined, bitmap: StoredBitmap | undefined];

/**
 * Known bitmaps keep their place in the directory; new ones follow, the youngest first (QEMU's list is a stack).
 * `bitmaps` are in order of their creation.
 */
export function inDirectoryOrder(
  copies: readonly Copy[],
  bitmaps: readonly StoredBitmap[],
): readonly Replacement[] {
  const known = matched(copies, bitmaps);
  const wanted = known === copies ? bitmaps : listedBitmaps(bitmaps);
  const of = new Map(wanted.map((bitmap) => [bitmap.name, bitmap]));
  const replaced = known.map((copy): Replacement => [copy, of.get(copy.name)]);
  const names = new Set(known.map(({ name }) => name));
  const added = [...wanted].reverse().filter(({ name }) => !names.has(name));
  return [...replaced, ...added.map((bitmap): Replacement => [undefined, bitmap])];
}

function listedBitmaps(bitmaps: readonly StoredBitmap[]): readonly StoredBitmap[] {
  return bitmaps.flatMap(({ count, ...bitmap }) =>
    namesOf(count === undefined ? bitmap : { ...bitmap, count }).map((name) => ({ ...bitmap, name })),
  );
}
