/**
 * How much work a measured file may ask for. Every cell can be within its range (limits.ts) and all of them together
 * still be days of replaying: a thousand repeats of a thousand bitmaps of a million clusters. So what is replayed is
 * counted before, and a file that asks for more than half a minute of it is refused with the row.
 */
import { InputError } from '../../base/errors.js';
import { checkDiskSize } from '../../input/disks.js';
import type { FioJob } from '../../input/fio/jobs.js';
import { bitmapBits, bitmapGeometry } from '../../sim/qcow2/geometry.js';
import type { ImageOptions } from '../../sim/qcow2/options.js';
import type { MeasuredRow } from './rows.js';

/** Clusters of bitmap data, each followed on its own, over all stops of a file; the largest known has 420,000. */
const CLUSTERS_MAX = 2 ** 23;
/** Granules that writes fall on, over all runs and replications of a file; the largest known has 19 million. */
const GRANULES_MAX = 5e7;

/** To find the next write of so many jobs takes as long as to apply one to a granule. */
const COPIES = 10;
/** Bits of bitmaps that are made anew, over all runs and replications; the largest known has 28e9, 0.4 ns each. */
const BITS_MAX = 2 ** 35;

/** Jobs of fio on one disk with a bitmap. */
export interface WrittenRun {
  readonly diskBytes: number;
  readonly granularityBytes: number;
  readonly jobs: readonly FioJob[];
  /** Achieved over asked-for writes per second. */
  readonly speed: number;
  readonly durationNs: number;
}

/** Counts the work of one file, and refuses the row with which it becomes too much. */
export class Work {
  private clusters = 0;
  private granules = 0;
  private bits = 0;

  /** One stop of so many bitmaps, each with so many clusters to store. */
  stop(row: MeasuredRow, bitmaps: number, clusters: number): void {
    this.clusters += bitmaps * (1 + clusters);
    if (this.clusters > CLUSTERS_MAX)
      throw new InputError(
        `${row.where}: with this row more than ${CLUSTERS_MAX} clusters of bitmaps are to be replayed in all`,
      );
  }

  /** So many replications of one run. */
  run(where: string, run: WrittenRun, replications: number): void {
    const { diskBytes, granularityBytes, jobs, speed, durationNs } = run;
    this.bits += replications * bitmapBits(diskBytes, granularityBytes);
    if (this.bits > BITS_MAX)
      throw new InputError(
        `${where}: with this run bitmaps of more than ${BITS_MAX} bits are to be followed in all; take a coarser granularity`,
      );
    const copies = jobs.reduce((sum, { numjobs }) => sum + numjobs, 0);
    for (const { writesPerS, numjobs, sizes } of jobs) {
      const largest = Math.max(...sizes.map(({ bytes }) => bytes));
      const writes = writesPerS * numjobs * speed * (durationNs / 1e9);
      this.granules +=
        replications * writes * Math.max(Math.ceil(largest / granularityBytes), copies / COPIES);
    }
    if (!(this.granules <= GRANULES_MAX))
      throw new InputError(
        `${where}: with this run more than ${GRANULES_MAX} granules are to be written in all; take a shorter or slower one`,
      );
  }
}

/** Refuses an image that qcow2 does not have, by the row that asks for it. */
export function checkImage(
  row: MeasuredRow,
  {
    sizeBytes,
    clusterBytes,
    allocatedBytes = 0,
  }: Pick<ImageOptions, 'sizeBytes' | 'clusterBytes' | 'allocatedBytes'>,
  granularityBytes: number,
): void {
  row.inIt(() => {
    bitmapGeometry(sizeBytes, granularityBytes, clusterBytes);
    checkDiskSize(sizeBytes, clusterBytes, 'disk');
    if (allocatedBytes > sizeBytes)
      throw new InputError(`allocated: ${allocatedBytes} bytes of a disk of ${sizeBytes}`);
  });
}
