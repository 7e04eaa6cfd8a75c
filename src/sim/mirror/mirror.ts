/**
 * The mirrors of a migration with copied disks (block/mirror.c, 7.2), in the mean.
 *
 *   before the migration   everything that is allocated is copied, then what the guest dirtied meanwhile, and so on;
 *                          management begins the migration once every mirror is ready, with nothing left to copy
 *   while it runs          background: each time nothing is left the mirror sleeps for 100 ms, in which chunks become dirty;
 *                          write-blocking: every write of the guest waits for the copy, so that nothing is left
 *   in the stop            what is dirty is copied, management ends the mirrors, which flush the copies
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { MirrorSpec, Scenario, StorageSpec } from '../scenario.js';
import { dataStorage } from '../storage/places.js';
import { burstNs, type CopyPace, type CopyPath, copyNs, copyPace, LONGEST_BYTES } from './copy.js';
import { type Dirtied, dirtiedOn, type WrittenDisk } from './dirtied.js';

/** A mirror that has nothing to do looks again after this (BLOCK_JOB_SLICE_TIME). */
const SLEEP_NS = 100e6;
/** Each leaves less than the one before, however little. */
const ROUNDS_MAX = 10_000;
/** Less of a chunk than this is none, in the mean of the last round. */
const NONE = 0.5;
/** A round that leaves more than this of the one before has nothing more to gain. */
const SETTLED = 0.99;

/** One disk's mirror. */
interface Job {
  readonly target: StorageSpec;
  readonly dataBytes: number;
  readonly dirtied: Dirtied;
  readonly chunkBytes: number;
  readonly chunk: CopyPace;
  readonly bulk: CopyPace;
}

/** How the mirrors go until all are ready. */
export interface Course {
  /** Null: never. */
  readonly readyNs: TimeNs | null;
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

export class Mirrors {
  private readonly mirror: MirrorSpec;
  private readonly jobs: readonly Job[];

  constructor(scenario: Scenario, mirror: MirrorSpec, writtenOn: (index: number) => WrittenDisk) {
    this.mirror = mirror;
    const { disks, link, host } = scenario;
    this.jobs = disks.map((disk, index) => {
      const source = dataStorage(scenario, disk);
      const target = mirror.target ?? source;
      const { granularityBytes: chunkBytes, bytesPerS } = mirror;
      const path: CopyPath = { source, target, link, host, bytesPerS, jobs: disks.length };
      return {
        target,
        dataBytes: disk.allocatedBytes,
        dirtied: dirtiedOn(writtenOn(index), chunkBytes),
        chunkBytes,
        chunk: copyPace(path, chunkBytes),
        bulk: copyPace(path, Math.max(chunkBytes, LONGEST_BYTES)),
      };
    });
  }

  /** Until every mirror is ready. */
  course(): Course {
    const each = this.jobs.map((job) => this.courseOf(job));
    const never = each.find(({ readyNs }) => readyNs === null);
    const copiedBytes = each.reduce((sum, job) => sum + job.copiedBytes, 0);
    if (never) return { ...never, copiedBytes };
    return { readyNs: Math.max(0, ...each.map(({ readyNs }) => readyNs!)), copiedBytes, reason: null };
  }

  private courseOf(job: Job): Course {
    const { dataBytes, dirtied, chunkBytes, bulk } = job;
    const requestBytes = Math.max(chunkBytes, LONGEST_BYTES);
    const bulkNs = copyNs(bulk, Math.ceil(dataBytes / requestBytes));
    if (this.mirror.copyMode === 'write-blocking')
      return { readyNs: Math.round(bulkNs), copiedBytes: dataBytes, reason: null };
    if (!keepsUp(job)) return { readyNs: null, copiedBytes: dataBytes, reason: neverReady(job) };
    // What was written ahead of the first pass it copies anyway.
    const { ns, chunks } = catchingUp(job, dirtied(bulkNs) / 2);
    const copiedBytes = dataBytes + chunks * chunkBytes;
    return { readyNs: Math.round(bulkNs + ns + untilEmptyNs(job)), copiedBytes, reason: null };
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
    const roundNs = copyNs(chunk, chunks);
    ns += roundNs;
    copied += chunks;
    const next = dirtied(roundNs);
    if (next >= chunks * SETTLED) break;
    chunks = next;
  }
  return { ns, chunks: copied };
}

/**
 * Once it has caught up a mirror has to wait until nothing is in flight or dirty at one moment: the busy period of a queue
 * with a server for each chunk (M/G/oo: (e^rho - 1) / lambda, Takacs 1962).
 */
function untilEmptyNs(job: Job): TimeNs {
  const rate = perNs(job);
  return rate > 0 ? Math.expm1(underway(job)) / rate : 0;
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
