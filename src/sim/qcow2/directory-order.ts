/** Which copy each bitmap of a store takes the place of, and where the new ones go. */
import type { Copy } from './early-bitmap.js';
import type { StoredBitmap } from './options.js';

/** A copy, and the bitmap that takes its place; undefined: it has none, or is new. */
export type Replacement = readonly [copy: Copy | undefined, bitmap: StoredBitmap | undefined];

/**
 * Known bitmaps keep their place in the directory; new ones follow, the youngest first (QEMU's list is a stack).
 * `bitmaps` are in order of their creation.
 */
export function inDirectoryOrder(
  copies: readonly Copy[],
  bitmaps: readonly StoredBitmap[],
): readonly Replacement[] {
  const youngestFirst = [...bitmaps].reverse();
  // All as they were stored before: nobody need be looked for, and with 65,535 of them that would take longest.
  if (copies.length === bitmaps.length && copies.every(({ name }, i) => name === youngestFirst[i]!.name))
    return copies.map((copy, i) => [copy, youngestFirst[i]]);
  const wanted = new Map(bitmaps.map((bitmap) => [bitmap.name, bitmap]));
  const known = new Set(copies.map(({ name }) => name));
  const replaced = copies.map((copy): Replacement => [copy, wanted.get(copy.name)]);
  const added = youngestFirst.filter(({ name }) => !known.has(name));
  return [...replaced, ...added.map((bitmap): Replacement => [undefined, bitmap])];
}
