/** Loaded or received bitmaps are counted anew by the destination, word by word: how many of their words have a bit. */
import { loadedNs } from '../qcow2/bitmap-memory.js';
import { expectedDirtyClusters } from '../qcow2/geometry.js';
import type { HostSpec } from '../scenario.js';
import type { BitmapGroup, DirtyTracker } from '../types.js';

const WORD_BITS = 64;

/** Expected words with a set bit in one bitmap of the group; the bits of a chunk are taken as scattered over it. */
function wordsOf({ setCount, chunkBytes, bits }: BitmapGroup): number {
  const words = (chunkBytes * 8) / WORD_BITS;
  const most = Math.ceil(bits / WORD_BITS);
  let [sum, before, expected] = [0, 0, 0];
  for (let chunk = 0; chunk < setCount.length; chunk++) {
    const set = setCount[chunk]!;
    // Mostly it is what the chunk before it has: none, or all.
    if (set !== before) expected = expectedDirtyClusters(Math.min(words, most), set);
    before = set;
    sum += expected;
  }
  return Math.min(sum, most);
}

/** The same over all bitmaps of a disk. */
export function wordsWithBits(tracker: DirtyTracker): number {
  return tracker.groups.reduce((sum, group) => sum + group.count * wordsOf(group), 0);
}

/** How long the destination counts the bits of a disk in bitmaps that it has loaded into new memory. */
export function recountedNs(host: HostSpec, tracker: DirtyTracker): number {
  const bytes = tracker.groups.reduce((sum, group) => sum + group.count * group.bytes, 0);
  return loadedNs(host, bytes, wordsWithBits(tracker));
}
