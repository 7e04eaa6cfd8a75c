import { InputError } from '../base/errors.js';
import { formatSize } from '../base/units.js';
import { bitmapBits, bitmapBytes, LIMITS, smallestGranularity } from '../sim/qcow2/geometry.js';
import type { BitmapSpec, ContentSpec, DiskSpec } from '../sim/scenario.js';
import type { Values } from './values/fields.js';

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
    fits <= LIMITS.granularityMaxBytes
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
export function contentFrom(values: Values): ContentSpec {
  const dirty = values.get<number | 'auto'>('bitmaps.dirty');
  if (dirty === 'auto') return { kind: 'age', ageNs: values.number('bitmaps.age') };
  return {
    kind: 'fraction',
    fraction: dirty,
    layout: values.get<'uniform' | 'prefix' | 'clustered'>('bitmaps.layout'),
  };
}

/** Bytes of whole clusters that a share of the disk is. */
export function allocatedBytes(share: number, diskBytes: number, clusterBytes: number): number {
  return Math.min(diskBytes, Math.round((share * diskBytes) / clusterBytes) * clusterBytes);
}

function bitmapsFrom(values: Values, where: (path: string) => string): readonly BitmapSpec[] {
  const count = values.number('bitmaps.count');
  const frozen = values.number('bitmaps.frozen');
  if (frozen > count)
    throw new InputError(
      `${where('bitmaps.frozen')}: '${frozen}' is more than the number of bitmaps, ${count}`,
    );
  const alike = {
    granularityBytes: values.number('disk.granularity'),
    content: contentFrom(values),
    stored: values.text('bitmaps.history') === 'stored',
  };
  return [
    { ...alike, count: count - frozen, recording: true },
    { ...alike, count: frozen, recording: false },
  ].filter((bitmap) => bitmap.count > 0);
}

/** Disks as the parameters say: `disk.count` of them, all alike. `where` names the first of the parameters that was given. */
export function disksFrom(values: Values, where: (...paths: string[]) => string): readonly DiskSpec[] {
  const sizeBytes = values.number('disk.size');
  const clusterBytes = values.number('disk.cluster');
  checkBitmap(sizeBytes, values.number('disk.granularity'), where('disk.granularity', 'disk.size'));
  checkDiskSize(sizeBytes, clusterBytes, where('disk.cluster', 'disk.size'));
  const disk: DiskSpec = {
    sizeBytes,
    clusterBytes,
    bitmaps: bitmapsFrom(values, where),
    allocatedBytes: allocatedBytes(values.number('disk.allocated'), sizeBytes, clusterBytes),
    discard: values.get<boolean>('disk.discard'),
  };
  return Array.from({ length: values.number('disk.count') }, () => disk);
}

/** 1 TiB of bitmaps in clusters of 64 KiB: half a minute and a gigabyte for each replication. */
const CLUSTERS_MAX = 2 ** 24;

/** The disks with what they come to: size of one bitmap, of all, and the clusters it takes. */
export function geometry(disks: readonly DiskSpec[], notes: readonly string[] = []): Geometry {
  const first = disks.reduce((largest, disk) => (disk.sizeBytes > largest.sizeBytes ? disk : largest));
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
