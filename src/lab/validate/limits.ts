/**
 * What a measured cell may hold: far more than any machine gives, and little enough for the model to follow. A file of
 * measurements is input like any other, and one slip of a finger in it must not ask for a disk of 4e31 bytes.
 */
import { CLUSTER_LIMITS, GRANULARITY_LIMITS } from '../../sim/parameters/limits.js';

const GIB = 2 ** 30;
/** The largest disk that is followed: 1 PiB. */
const DISK_MAX_BYTES = 2 ** 50;

export interface Limit {
  readonly least: number;
  readonly most: number;
  /** Counts of things there are, and of stops made one after the other. */
  readonly whole?: boolean;
}

/** The first that matches counts. */
const LIMITS: readonly (readonly [column: RegExp, limit: Limit])[] = [
  [/^disk_bytes$/, { least: 512, most: DISK_MAX_BYTES }],
  [/^disk_GiB$/, { least: 512 / GIB, most: DISK_MAX_BYTES / GIB }],
  [/^prealloc_GiB$/, { least: 0, most: DISK_MAX_BYTES / GIB }],
  [
    /^(gran|granularity_bytes)$/,
    { least: GRANULARITY_LIMITS.min, most: GRANULARITY_LIMITS.max, whole: true },
  ],
  [/^(cluster|(cluster|chunk)_bytes)$/, { least: CLUSTER_LIMITS.min, most: CLUSTER_LIMITS.max, whole: true }],
  [/_bytes$/, { least: 0, most: DISK_MAX_BYTES }],
  [/^(n_)?bitmaps$/, { least: 1, most: 65_535, whole: true }],
  // Every stop up to the last is replayed, those without a row too; a day of measuring is a thousand repeats.
  [/^repeat$/, { least: 0, most: 1000, whole: true }],
  [/^disks$/, { least: 1, most: 256, whole: true }],
  // The bits of the largest bitmap that QEMU stores: 512 MiB of them.
  [/_bits$|^bits_|^bits$/, { least: 0, most: 2 ** 32 }],
  [/clusters$|^chunks$|_chunks$|^new_c\d+k?$/, { least: 0, most: 2 ** 24 }],
  // Differences of two measured times may be below zero.
  [/_ms$/, { least: -1e7, most: 1e7 }],
  [/_us(_|$)/, { least: 0, most: 1e8 }],
  [/^(seconds|window_s|t_start|t_end)$/, { least: 0, most: 1e5 }],
  [/iops$/, { least: 0, most: 1e7 }],
  [/^load1$/, { least: 0, most: 1e6 }],
  [/^processors$/, { least: 1, most: 1e5, whole: true }],
];
/** Of columns that nothing is known of. */
const ANY: Limit = { least: -1e15, most: 1e15 };

/** The range of a column. */
export function limitsOf(column: string): Limit {
  return LIMITS.find(([pattern]) => pattern.test(column))?.[1] ?? ANY;
}
