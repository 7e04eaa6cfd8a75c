/** What the image is told of a disk's bitmaps: for each, how many clusters hold a set bit and how many are full. */

import type { DiskSpec } from '../scenario.js';
import type { BitmapGroup, DirtyTracker } from '../types.js';
import type { StoredBitmap } from './image.js';

/** Clusters of one bitmap with a set bit, and those with every bit set. Chunks must not be larger than clusters. */
function clusterCounts(group: BitmapGroup, clusterBytes: number): { dirty: number; full: number } {
  const chunksPerCluster = clusterBytes / group.chunkBytes;
  const bitsPerCluster = clusterBytes * 8;
  let dirty = 0;
  let full = 0;
  for (let first = 0; first < group.chunkCount; first += chunksPerCluster) {
    let set = 0;
    const end = Math.min(first + chunksPerCluster, group.chunkCount);
    for (let chunk = first; chunk < end; chunk++) set += group.setCount[chunk]!;
    if (set > 0) dirty++;
    if (set === bitsPerCluster) full++;
  }
  return { dirty, full };
}

/** Names as products give them: short, alike, one a bitmap. */
export function bitmapName(group: number, member: number): string {
  return `b${group}-${member}`;
}

/** All bitmaps of a disk as they are now, in order of their creation. */
export function storedBitmaps(tracker: DirtyTracker, spec: DiskSpec): StoredBitmap[] {
  return tracker.groups.flatMap((group, g) => {
    const { dirty, full } = clusterCounts(group, spec.clusterBytes);
    return Array.from({ length: group.count }, (_, member) => ({
      name: bitmapName(g, member),
      granularityBytes: group.granularityBytes,
      dirtyClusters: dirty,
      fullClusters: full,
      // Nothing can have changed a frozen bitmap since it was loaded from the image.
      unchanged: !group.recording && spec.bitmaps[g]!.stored,
    }));
  });
}
