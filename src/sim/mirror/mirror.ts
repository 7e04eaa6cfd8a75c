/**
 * The mirrors of a migration with copied disks (block/mirror.c, 7.2), in the mean.
 *
 *   before the migration   the copy is made to read as zeroes; everything that is allocated is copied, then what the guest
 *                          dirtied meanwhile, and so on; management begins the migration once every mirror is ready, with nothing left to copy
 *   while it runs          background: each time nothing is left the mirror sleeps for 100 ms, in which chunks become dirty;
 *                          write-blocking: every write of the guest waits for the copy, so that nothing is left
 *   in the stop            what is dirty is copied, management ends the mirrors, which flush the copies
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { MirrorSpec, Scenario, StorageSpec } from '../scenario.js';
import { costsOn } from '../storage/costs.js';
import { dataStorage } from '../storage/places.js';
import { aloneNs, burstNs, type CopyPace, type CopyPath, copyNs, copyPace, LONGEST_BYTES } from './copy.js';
import { type Dirtied, dirtiedOn, type WrittenDisk } from './dirtied.js';

/** A mirror that has nothing to do looks again after this (BLOCK_JOB_SLICE_TIME). */
const SLEEP_NS = 100e6;
/** Each leaves less than the one before, however little. */
const ROUNDS_MAX = 10_000;
/** Less of a chunk than this is none, in the mean of the last round. */
const NONE = 0.5;
/** A round that leaves more than this of the one before has nothing more to gain. */
const SETTLED = 0.99;

/** One disk, and what its copies pass through. */
export interface MirroredDisk extends CopyPath {
  readonly diskBytes: number;
  readonly clusterBytes: number;
  readonly dataBytes: number;
  readonly dirtied: Dirtied;
  readonly chunkBytes: number;
}

/** Its mirror. */
interface Job extends MirroredDisk {
  readonly chunk: CopyPace;
  readonly bulk: CopyPace;
}

const jobOf = (disk: MirroredDisk): Job => ({
  ...disk,
  chunk: copyPace(disk, disk.chunkBytes),
  bulk: copyPace(disk, bulkBytes(disk)),
});

const bulkBytes = ({ chunkBytes }: Pick<MirroredDisk, 'chunkBytes'>): number =>
  Math.max(chunkBytes, LONGEST_BYTES);

/** How the mirrors go until all are ready. */
export interface Course {
  /** Null: never. */
  readonly readyNs: TimeNs | null;
  /** Of it, the mean wait for a moment with nothing dirty or in flight: chance, all but exponential. */
  readonly emptyNs: TimeNs;
  readonly copiedBytes: number;
  readonly reason: string | null;
}

/** What is left to copy in the stop, disk by disk. */
export interface LeftChunks {
  readonly chunks: number;
  readonly ns: TimeNs;
  readonly target: StorageSpec;
  readonly bytes: number;
}

/** Those of all disks. */
export class Mirrors {
  private readonly mirror: MirrorSpec;
  private readonly jobs: readonly Job[];

  constructor(scenario: Scenario, mirror: MirrorSpec, writtenOn: (index: number) => WrittenDisk) {
    this.mirror = mirror;
    const { disks, link, host } = scenario;
    this.jobs = disks.map((disk, index) => {
      const source = dataStorage(scenario, disk);
      const { granularityBytes: chunkBytes, bytesPerS } = mirror;
      return jobOf({
        source,
        target: mirror.target ?? source,
        ...{ link, host, bytesPerS, chunkBytes, jobs: disks.length },
        diskBytes: disk.sizeBytes,
        clusterBytes: disk.clusterBytes,
        dataBytes: disk.allocatedBytes,
        dirtied: dirtiedOn(writtenOn(index), chunkBytes),
      });
    });
  }

  /** Until every mirror is ready. */
  course(): Course {
    const each = this.jobs.map((job) => courseOf(job, this.mirror.copyMode));
    const never = each.find(({ readyNs }) => readyNs === null);
    const copiedBytes = each.reduce((sum, job) => sum + job.copiedBytes, 0);
    if (never) return { ...never, copiedBytes };
    const longest = (which: (course: Course) => number): number => Math.max(0, ...each.map(which));
    const readyNs = longest((course) => course.readyNs!);
    return { readyNs, emptyNs: longest(({ emptyNs }) => emptyNs), copiedBytes, reason: null };
  }

  /**
   * What each mirror still has to copy at a moment of which nothing is known but `share`, from 0 to 1: how far the mirror is
   * between waking up with nothing to do and doing so again.
   */
  leftAt(share: number): readonly LeftChunks[] {
    return this.jobs.map((job) => {
      const chunks = this.mirror.copyMode === 'background' ? chunksAt(job, share) : 0;
      return {
        chunks,
        ns: Math.round(burstNs(job.chunk, chunks)),
        target: job.target,
        bytes: chunks * job.chunkBytes,
      };
    });
  }

  /** What the mirrors take of the link once they are ready. */
  get linkBytesPerS(): number {
    return this.jobs.reduce(
      (sum, { dirtied, chunkBytes }) => sum + (dirtied(SLEEP_NS) * chunkBytes * 1e9) / SLEEP_NS,
      0,
    );
  }
}

/** Until the mirror of one disk is ready. */
export function mirrorCourse(disk: MirroredDisk, copyMode: MirrorSpec['copyMode']): Course {
  return courseOf(jobOf(disk), copyMode);
}

function courseOf(job: Job, copyMode: MirrorSpec['copyMode']): Course {
  const { dataBytes, dirtied, chunkBytes, bulk } = job;
  const bulkNs = copyNs(bulk, Math.ceil(dataBytes / bulkBytes(job)));
  const firstNs = zeroingNs(job) + bulkNs;
  if (copyMode === 'write-blocking')
    return { readyNs: Math.round(firstNs), emptyNs: 0, copiedBytes: dataBytes, reason: null };
  if (!keepsUp(job)) return { readyNs: null, emptyNs: 0, copiedBytes: dataBytes, reason: neverReady(job) };
  // What was written ahead of the first pass it copies anyway.
  const { ns, chunks } = catchingUp(job, dirtied(bulkNs) / 2);
  const emptyNs = untilEmptyNs(job);
  const copiedBytes = Math.round(dataBytes + (chunks + perNs(job) * emptyNs) * chunkBytes);
  return { readyNs: Math.round(firstNs + ns + emptyNs), emptyNs, copiedBytes, reason: null };
}

const ENTRY_BYTES = 8;
/**
 * What a new table of clusters takes (requests to the copy, watched): a refcount block, the table before, the table, its entry,
 * flushes in between; and the table once more when all is flushed.
 */
const PER_TABLE = { clusters: 4, entries: 1, flushes: 3 } as const;

/**
 * First the whole copy is made to read as zeroes (`mirror_dirty_init`): as it is empty, every table of its clusters has
 * to be made, one request after another.
 */
function zeroingNs({ target, diskBytes, clusterBytes }: Job): TimeNs {
  const tables = Math.ceil(diskBytes / (clusterBytes * (clusterBytes / ENTRY_BYTES)));
  const { clusters, entries, flushes } = PER_TABLE;
  const tableNs =
    clusters * aloneNs(target, 'write', clusterBytes) +
    entries * aloneNs(target, 'smallWrite', ENTRY_BYTES) +
    flushes * aloneNs(target, 'flush', 0) +
    (clusters * clusterBytes * costsOn(target).flushNsPerByte) / (1 - target.otherLoad);
  return tables * tableNs;
}

/** Chunks that become dirty in a nanosecond, as long as hardly one of them is twice. */
const perNs = ({ dirtied, chunk }: Job): number => dirtied(chunk.oneNs) / chunk.oneNs;

/** In the mean so many are in flight, or dirty, when it has caught up. */
const underway = ({ dirtied, chunk }: Job): number => dirtied(chunk.oneNs);

const keepsUp = (job: Job): boolean => perNs(job) * job.chunk.nextNs < 1;

/** Rounds, each of which copies what became dirty in the one before, until no round leaves less. */
function catchingUp(
  { dirtied, chunk }: Job,
  first: number,
): { readonly ns: TimeNs; readonly chunks: number } {
  let ns = 0;
  let copied = 0;
  for (let chunks = first, round = 0; chunks >= NONE && round < ROUNDS_MAX; round++) {
    // It goes on from one to the next without a stop.
    const roundNs = Math.max(chunk.oneNs, chunks * chunk.nextNs);
    ns += roundNs;
    copied += chunks;
    const next = dirtied(roundNs);
    if (next >= chunks * SETTLED) break;
    chunks = next;
  }
  return { ns, chunks: copied };
}

/**
 * Once it has caught up a mirror has to wait until nothing is in flight or dirty at one moment. With nothing left to copy it
 * sleeps until a request ends (`mirror_run`), so that what has become dirty meanwhile goes out together and ends together: it
 * is empty once none became dirty during one such wave, which is the e^rho-th in the mean.
 */
function untilEmptyNs(job: Job): TimeNs {
  return job.chunk.oneNs * Math.expm1(underway(job));
}

/** Chunks dirty at a moment of the cycle: they gather while the mirror sleeps, are copied, and some are always underway. */
function chunksAt(job: Job, share: number): number {
  const { dirtied } = job;
  const gathered = dirtied(SLEEP_NS);
  const few = Math.min(gathered, underway(job));
  if (!keepsUp(job)) return Math.round(gathered);
  const copyingNs = catchingUp(job, gathered).ns;
  const atNs = share * (SLEEP_NS + copyingNs + untilEmptyNs(job));
  if (atNs < SLEEP_NS) return Math.round(dirtied(atNs));
  const copied = Math.min(1, (atNs - SLEEP_NS) / Math.max(1, copyingNs));
  return Math.round(gathered + (few - gathered) * copied);
}

function neverReady(job: Job): string {
  const mb = (bytes: number): string => `${Number((bytes / 1e6).toPrecision(3))} MB/s`;
  const { chunkBytes, chunk } = job;
  return (
    `the mirror is never ready: the guest dirties ${mb(perNs(job) * chunkBytes * 1e9)} of its disk and the mirror ` +
    `copies ${mb((chunkBytes / chunk.nextNs) * 1e9)}; with copy-mode write-blocking the guest waits for it`
  );
}
