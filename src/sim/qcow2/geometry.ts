/**
 * Sizes of a persistent dirty bitmap in a qcow2 image, and the limits beyond which QEMU refuses one.
 * Source: docs/interop/qcow2.txt ("Bitmaps extension") and block/qcow2-bitmap.c, QEMU 7.2.
 */
import { InputError } from '../../base/errors.js';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { formatSize } from '../../base/units.js';
import { CLUSTER_LIMITS, GRANULARITY_LIMITS } from '../parameters/limits.js';

export interface BitmapGeometry {
  /** One bit per granule. */
  readonly bits: number;
  /** Serialized bytes: whole 64-bit words. */
  readonly bytes: number;
  /** Clusters the data would take if no cluster were empty, which is the entries of its table. */
  readonly tableEntries: number;
  readonly tableBytes: number;
  readonly tableClusters: number;
  /** Guest bytes that one cluster of bitmap data stands for. */
  readonly coveredBytes: number;
}

export const LIMITS = {
  bitmaps: 65_535,
  tableEntries: 0x8000000,
  physicalBytes: 0x20000000,
  /** QCOW_MAX_L1_SIZE: 32 MiB of 8-byte entries. */
  l1Entries: 2 ** 22,
  nameBytes: 1023,
} as const;

/** Throws InputError where QEMU would refuse the image. */
export function checkCluster(clusterBytes: number, what = 'cluster'): void {
  if (!isPowerOfTwo(clusterBytes) || clusterBytes < CLUSTER_LIMITS.min || clusterBytes > CLUSTER_LIMITS.max)
    throw new InputError(`${what}: '${clusterBytes}' is not a power of two from 512 to 2M`);
}

/** Bits of one bitmap: one per granule, the last granule may be short. */
export function bitmapBits(diskBytes: number, granularityBytes: number): number {
  return Math.ceil(diskBytes / granularityBytes);
}

/** Serialized bytes of one bitmap: whole 64-bit words. */
export function bitmapBytes(diskBytes: number, granularityBytes: number): number {
  return 8 * Math.ceil(bitmapBits(diskBytes, granularityBytes) / 64);
}

/** The sizes of one bitmap; throws InputError where QEMU would refuse to store it. */
export function bitmapGeometry(
  diskBytes: number,
  granularityBytes: number,
  clusterBytes: number,
): BitmapGeometry {
  checkCluster(clusterBytes);
  if (
    !isPowerOfTwo(granularityBytes) ||
    granularityBytes < GRANULARITY_LIMITS.min ||
    granularityBytes > GRANULARITY_LIMITS.max
  )
    throw new InputError(`granularity: '${granularityBytes}' is not a power of two from 512 to 2G`);
  const bits = bitmapBits(diskBytes, granularityBytes);
  const bytes = bitmapBytes(diskBytes, granularityBytes);
  const tableEntries = Math.ceil(bytes / clusterBytes);
  if (bytes > LIMITS.physicalBytes)
    throw new InputError(
      `granularity: a bitmap of ${formatSize(diskBytes)} at ${formatSize(granularityBytes)} takes ${formatSize(bytes)}; qcow2 stores at most 512 MiB, so take at least ${formatSize(smallestGranularity(diskBytes))}`,
    );
  if (tableEntries > LIMITS.tableEntries)
    throw new InputError(
      `cluster: the bitmap table would have ${tableEntries} entries, at most ${LIMITS.tableEntries}`,
    );
  const tableBytes = 8 * tableEntries;
  return {
    bits,
    bytes,
    tableEntries,
    tableBytes,
    tableClusters: Math.ceil(tableBytes / clusterBytes),
    coveredBytes: 8 * clusterBytes * granularityBytes,
  };
}

/** The finest granularity whose bitmap still fits the 512 MiB of a stored bitmap. */
export function smallestGranularity(diskBytes: number): number {
  let granularityBytes: number = GRANULARITY_LIMITS.min;
  while (bitmapBytes(diskBytes, granularityBytes) > LIMITS.physicalBytes) granularityBytes *= 2;
  return granularityBytes;
}

/** One directory entry: a fixed part of 24 bytes and the name, padded to 8. */
export function directoryEntryBytes(name: string): number {
  const nameBytes = utf8Length(name);
  if (nameBytes === 0 || nameBytes > LIMITS.nameBytes)
    throw new InputError(
      `bitmap name: '${name}' has ${nameBytes} bytes, allowed are 1 to ${LIMITS.nameBytes}`,
    );
  return 8 * Math.ceil((24 + nameBytes) / 8);
}

/** Expected clusters with a set bit when `setBits` bits fall uniformly on `tableEntries` clusters. */
export function expectedDirtyClusters(tableEntries: number, setBits: number): number {
  return tableEntries <= 1
    ? Math.min(tableEntries, setBits)
    : -tableEntries * Math.expm1(setBits * Math.log1p(-1 / tableEntries));
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
