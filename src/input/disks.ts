import { InputError } from '../base/errors.js';
import { formatSize } from '../base/units.js';
import { GRANULARITY_LIMITS } from '../sim/parameters/limits.js';
import type { Spec } from '../sim/parameters/row.js';
import { bitmapBits, bitmapBytes, LIMITS, smallestGranularity } from '../sim/qcow2/geometry.js';
import type { BitmapSpec, ContentSpec, DiskSpec } from '../sim/scenario.js';
import type { SITUATION } from './parameters/situation.js';
import type { Where } from './scenario-input.js';

export type Situation = Spec<typeof SITUATION>;

/** The disks of a scenario, what to report of them, and what to tell the user. */
export interface Geometry {
  readonly disks: readonly DiskSpec[];
  readonly question: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

/** Refuses what QEMU cannot store, and says the finest granularity that it can. */
export function checkBitmap(diskBytes: number, granularityBytes: number, where: string): void {
  if (bitmapBytes(diskBytes, granularityBytes) <= LIMITS.physicalBytes) return;
  const bits = bitmapBits(diskBytes, granularityBytes);
  const fits = smallestGranularity(diskBytes);
  const way =
    fits <= GRANULARITY_LIMITS.max
      ? `; use a granularity of ${formatSize(fits)} or more, or a smaller disk`
      : '; use a smaller disk';
  throw new InputError(
    `${where}: a disk of ${formatSize(diskBytes)} has ${bits} bits at ${formatSize(granularityBytes)}, ` +
      `and QEMU stores at most ${8 * LIMITS.physicalBytes} (512 MiB) per bitmap${way}`,
  );
}

/** Refuses disks that qcow2 cannot address with that cluster size: one L1 entry covers cluster^2 / 8 bytes. */
export function checkDiskSize(diskBytes: number, clusterBytes: number, where: string): void {
  const entryBytes = (clusterBytes * clusterBytes) / 8;
  if (Math.ceil(diskBytes / entryBytes) <= LIMITS.l1Entries) return;
  throw new InputError(
    `${where}: with clusters of ${formatSize(clusterBytes)} a qcow2 disk has at most ${formatSize(entryBytes * LIMITS.l1Entries)}`,
  );
}

/** What a bitmap holds at the start, from `bitmaps.dirty`, `bitmaps.age` and `bitmaps.layout`. */
export function contentFrom({ dirtyShare, ageNs, layout }: Situation): ContentSpec {
  if (dirtyShare === 'auto') return { kind: 'age', ageNs };
  return { kind: 'fraction', fraction: dirtyShare, layout };
}

/** Bytes of whole clusters that a share of the disk is. */
export function allocatedBytes(share: number, diskBytes: number, clusterBytes: number): number {
  return Math.min(diskBytes, Math.round((share * diskBytes) / clusterBytes) * clusterBytes);
}

/** The bitmaps of one disk, alike but for those that are frozen. */
export function bitmapsFrom(situation: Situation, where: Where): readonly BitmapSpec[] {
  const { bitmapCount, frozenCount, granularityBytes, history } = situation;
  if (frozenCount > bitmapCount)
    throw new InputError(
      `${where('bitmaps.frozen')}: '${frozenCount}' is more than the number of bitmaps, ${bitmapCount}`,
    );
  const alike = { granularityBytes, content: contentFrom(situation), stored: history === 'stored' };
  return [
    { ...alike, count: bitmapCount - frozenCount, recording: true },
    { ...alike, count: frozenCount, recording: false },
  ].filter((bitmap) => bitmap.count > 0);
}

/** One disk as the parameters say. `groups`: its bitmaps, where they are not alike. */
export function diskFrom(situation: Situation, where: Where, groups?: readonly BitmapSpec[]): DiskSpec {
  const { diskBytes: sizeBytes, clusterBytes, granularityBytes, allocatedShare, discard } = situation;
  if (!groups) checkBitmap(sizeBytes, granularityBytes, where('disk.granularity', 'disk.size'));
  checkDiskSize(sizeBytes, clusterBytes, where('disk.cluster', 'disk.size'));
  return {
    sizeBytes,
    clusterBytes,
    bitmaps: groups ?? bitmapsFrom(situation, where),
    allocatedBytes: allocatedBytes(allocatedShare, sizeBytes, clusterBytes),
    discard,
  };
}

/** 1 TiB of bitmaps in clusters of 64 KiB: half a minute and a gigabyte for each replication. */
const CLUSTERS_MAX = 2 ** 24;

/** The disk that a question speaks of for all: the largest with a bitmap of its own, or else in an image below it. */
export function largestWithBitmap(disks: readonly DiskSpec[]): DiskSpec {
  const own = disks.filter(({ bitmaps }) => bitmaps.length > 0);
  const below = disks.filter(({ backing }) => backing?.some(({ bitmaps }) => bitmaps.length > 0));
  const some = [own, below, disks].find((each) => each.length > 0)!;
  return some.reduce((largest, disk) => (disk.sizeBytes > largest.sizeBytes ? disk : largest));
}

/** Granularity of the first bitmap of a disk, or of the first in an image below it; 0: there is none. */
export function granularityOf({ bitmaps, backing = [] }: DiskSpec): number {
  const [first] = [...bitmaps, ...backing.flatMap((image) => image.bitmaps)];
  return first?.granularityBytes ?? 0;
}

/** The disks with what they come to: size of one bitmap, of all, and the clusters it takes. */
export function geometry(disks: readonly DiskSpec[], notes: readonly string[] = []): Geometry {
  const first = largestWithBitmap(disks);
  const one = first.bitmaps[0];
  const granularityBytes = one?.granularityBytes ?? 0;
  const all = disks.flatMap((disk) =>
    disk.bitmaps.map((bitmap) => bitmap.count * bitmapBytes(disk.sizeBytes, bitmap.granularityBytes)),
  );
  const clusters = disks.reduce(
    (sum, { sizeBytes, clusterBytes, bitmaps }) =>
      bitmaps.reduce(
        (inner, { count, granularityBytes: bytes }) =>
          inner + count * Math.ceil(bitmapBytes(sizeBytes, bytes) / clusterBytes),
        sum,
      ),
    0,
  );
  if (clusters > CLUSTERS_MAX)
    throw new InputError(
      `bitmaps: ${clusters} clusters of bitmap data in all, the limit is ${CLUSTERS_MAX} (each is followed on its own)`,
    );
  return {
    disks,
    notes,
    question: {
      bitmap_bits: one ? bitmapBits(first.sizeBytes, granularityBytes) : 0,
      bitmap_bytes: one ? bitmapBytes(first.sizeBytes, granularityBytes) : 0,
      bitmap_clusters: one
        ? Math.ceil(bitmapBytes(first.sizeBytes, granularityBytes) / first.clusterBytes)
        : 0,
      all_bitmaps_bytes: all.reduce((sum, bytes) => sum + bytes, 0),
    },
  };
}
