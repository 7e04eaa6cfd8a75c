/**
 * What a measured cell may hold: far more than any machine gives, and little enough for the model to follow. A file of
 * measurements is input like any other, and one slip of a finger in it must not ask for a disk of 4e31 bytes.
 */
const GIB = 2 ** 30;
/** The largest disk that is followed: 1 PiB. */
const DISK_MAX_BYTES = 2 ** 50;

type Limit = readonly [column: RegExp, least: number, most: number];

/** The first that matches counts. */
const LIMITS: readonly Limit[] = [
  [/^disk_bytes$/, 512, DISK_MAX_BYTES],
  [/^disk_GiB$/, 512 / GIB, DISK_MAX_BYTES / GIB],
  [/^prealloc_GiB$/, 0, DISK_MAX_BYTES / GIB],
  [/_bytes$/, 0, DISK_MAX_BYTES],
  [/^(gran|cluster)$/, 512, 2 ** 31],
  [/^(n_)?bitmaps$/, 1, 65_535],
  [/^disks$/, 1, 256],
  [/clusters$|^chunks$|^new_c\d+k?$/, 0, 2 ** 24],
  // Differences of two measured times may be below zero.
  [/_ms$/, -1e7, 1e7],
  [/_us(_|$)/, 0, 1e8],
  [/^(seconds|window_s|t_start|t_end)$/, 0, 1e5],
  [/iops$/, 0, 1e7],
];
/** Of columns that nothing is known of. */
const ANY: Limit = [/^/, -1e15, 1e15];

/** The range of a column. */
export function limitsOf(column: string): readonly [least: number, most: number] {
  const [, least, most] = LIMITS.find(([pattern]) => pattern.test(column)) ?? ANY;
  return [least, most];
}
