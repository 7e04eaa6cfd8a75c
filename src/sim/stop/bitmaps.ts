/** What the image is told of a disk's bitmaps: for each, how many clusters hold a set bit and how many are full. */

import { bitmapGeometry } from '../qcow2/geometry.js';
import type { StoredBitmap } from '../qcow2/options.js';
import type { DiskSpec } from '../scenario.js';
import type { BitmapGroup, DirtyTracker } from '../types.js';

/** Alike bitmaps of a disk as they stand when the guest stops. */
export interface DiskBitmap extends StoredBitmap {
  /** The image has a copy of it from before. */
  readonly stored: boolean;
}

interface ClusterCounts {
  readonly dirty: number;
  readonly full: number;
}

/** Names as products give them: short, alike, one a bitmap; the group's number in the list and what follows it. */
export function groupName(group: number): string {
  return `b${group}-`;
}

/** All bitmaps of a disk as they are now, in order of their creation; alike ones together. */
export function bitmapsNow(tracker: DirtyTracker, disk: DiskSpec): readonly DiskBitmap[] {
  return bitmapsOf(disk, (g) => clusterCounts(tracker.groups[g]!, disk.clusterBytes));
}

/** All bitmaps of a disk, each with this share of its clusters dirty. */
export function bitmapsWithShare(disk: DiskSpec, dirtyShare: number): readonly DiskBitmap[] {
  const { sizeBytes, clusterBytes } = disk;
  return bitmapsOf(disk, (g) => {
    const { tableEntries } = bitmapGeometry(sizeBytes, disk.bitmaps[g]!.granularityBytes, clusterBytes);
    return { dirty: Math.round(dirtyShare * tableEntries), full: 0 };
  });
}

function bitmapsOf(disk: DiskSpec, countsOf: (group: number) => ClusterCounts): readonly DiskBitmap[] {
  return disk.bitmaps.map(({ granularityBytes, count, recording, stored }, g) => {
    const { dirty, full } = countsOf(g);
    return {
      name: groupName(g),
      count,
      granularityBytes,
      dirtyClusters: dirty,
      fullClusters: full,
      // Nothing can have changed a frozen bitmap since it was loaded from the image.
      unchanged: !recording && stored,
      stored,
    };
  });
}

/** Clusters of one bitmap with a set bit, and those with every bit set. Chunks must not be larger than clusters. */
function clusterCounts(group: BitmapGroup, clusterBytes: number): ClusterCounts {
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
