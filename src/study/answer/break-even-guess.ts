/**
 * About how large, how many, how fast: where the expected stop of store-at-stop meets the budget, all else as asked.
 * Requests to the images take their mean times, with the share of dirty clusters that the runs had; the rest of the stop
 * (RAM, devices, hand-over) is that of the runs. It needs no replications, and is where the search for the root begins.
 */

import { allocatedBytes } from '../../input/disks.js';
import { overrideStorage } from '../../input/models/storage.js';
import type { Resolved } from '../../input/resolve.js';
import { bitmapGeometry, LIMITS } from '../../sim/qcow2/geometry.js';
import type { DiskSpec, Scenario, StorageSpec } from '../../sim/scenario.js';
import { bitmapsWithShare } from '../../sim/stop/bitmaps.js';
import { DiskStops, imageOptions } from '../../sim/stop/requests.js';
import { expectedTime } from '../../sim/stop/time.js';
import { imageStorage, withStorages } from '../../sim/storage/places.js';
import { TokenBucket } from '../../sim/storage/token-bucket.js';
import type { StrategyAnswer } from './summary.js';

/** How many times the bitmaps asked for are timed, to tell what one more takes. */
const MORE = 9;
const MANY_BITMAPS = 1000;

/** Smallest step of a disk: what one GiB adds is below any budget's resolution. */
export const DISK_STEP_BYTES: number = 2 ** 30;

/** Each in base units; null: no value fits, or all of them do. */
export interface Guess {
  readonly diskBytes: number | null;
  readonly bitmaps: number | null;
  readonly latencyNs: number | null;
  readonly bytesPerS: number | null;
}

const NO_GUESS: Guess = { diskBytes: null, bitmaps: null, latencyNs: null, bytesPerS: null };

/** The situation with all disks changed. */
export function withDisks(scenario: Scenario, change: (disk: DiskSpec) => DiskSpec): Scenario {
  return { ...scenario, disks: scenario.disks.map(change) };
}

/** The situation with every request taking this long, or every byte. */
export function withStorage(scenario: Scenario, latencyNs?: number, bytesPerS?: number): Scenario {
  return withStorages(scenario, (storage) => overrideStorage(storage, latencyNs, bytesPerS));
}

/** The same with every request taking this long, as `--flush-latency` has it: bytes at a bandwidth that was given come on top. */
export function withLatency(
  { scenario, question }: Pick<Resolved, 'scenario' | 'question'>,
  ns: number,
): Scenario {
  const given = question.flush_bandwidth_bytes_per_s;
  return withStorage(scenario, ns, typeof given === 'number' ? given : undefined);
}

/** The finest granularity and the smallest cluster of the disks. */
export function finest({ disks }: Scenario): {
  readonly granularityBytes: number;
  readonly clusterBytes: number;
} {
  const granularities = disks.flatMap(({ bitmaps }) => bitmaps.map((spec) => spec.granularityBytes));
  return {
    granularityBytes: Math.min(...granularities),
    clusterBytes: Math.min(...disks.map((spec) => spec.clusterBytes)),
  };
}

/** The largest disk that qcow2 can address and whose bitmaps QEMU stores. */
export function diskMaxBytes(scenario: Scenario): number {
  const { granularityBytes, clusterBytes } = finest(scenario);
  return Math.min(LIMITS.physicalBytes * 8 * granularityBytes, (LIMITS.l1Entries * clusterBytes ** 2) / 8);
}

/**
 * Expected time of all requests to one disk's image in the stop: flushed, stored by the source, opened by the
 * destination. Dirty share null: an image without bitmaps.
 */
function diskNs(scenario: Scenario, disk: DiskSpec, dirtyShare: number | null, tokensOn: TokensOn): number {
  const storage = imageStorage(scenario, disk);
  const bitmaps = dirtyShare === null ? [] : bitmapsWithShare(disk, dirtyShare);
  const stops = new DiskStops(
    imageOptions(disk, { storage, qemu: scenario.qemu }),
    bitmaps.filter(({ stored }) => stored),
  );
  const source = stops.source(bitmaps, scenario.whatIf);
  const { host, whatIf } = scenario;
  const { queueDepth } = whatIf;
  const load = stops.load();
  const place = { storage, host, queueDepth, tokens: tokensOn(storage) };
  // One list, since a flush of the one pays for writes of the other.
  const work = { ...source, ops: [...source.ops, ...load.ops] };
  return expectedTime(work, place).meanNs + expectedTime({ ...load, ops: [] }, place).fixedNs;
}

/** The operations of a storage, which all disks on it share. */
type TokensOn = (storage: StorageSpec) => TokenBucket;

/** The same for all disks of the scenario, which share the device's operations. */
function expectedNs(scenario: Scenario, dirtyShare: number | null): number {
  const buckets = new Map<string, TokenBucket>();
  const tokensOn: TokensOn = ({ name, opsPerS, burstOps }) => {
    const tokens = buckets.get(name) ?? new TokenBucket(opsPerS, burstOps);
    buckets.set(name, tokens);
    return tokens;
  };
  return scenario.disks.reduce((sum, disk) => sum + diskNs(scenario, disk, dirtyShare, tokensOn), 0);
}

/** The largest x in [low, high] with `fits(x)`, where fits is true up to some x; null if none or all of them do. */
function largest(low: number, high: number, fits: (x: number) => boolean): number | null {
  if (!fits(low) || fits(high)) return null;
  let good = low;
  let bad = high;
  for (let round = 0; round < 60 && bad / good > 1.0005; round++) {
    const middle = Math.sqrt(good * bad);
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** The guesses. `store` is the summary of store-at-stop; `roomNs`: how much longer than in the mean its stop may be. */
export function guess(resolved: Resolved, store: StrategyAnswer, roomNs: number): Guess {
  const { scenario } = resolved;
  const share = dirtyShare(scenario, store);
  const bareNs = expectedNs(scenario, null);
  const below = belowNs(scenario, store.bitmap_work_ms * 1e6, expectedNs(scenario, share) - bareNs);
  const mostNs = bareNs + store.bitmap_downtime_ms.mean * 1e6 - below + roomNs;
  if (mostNs <= 0) return NO_GUESS;
  const fits = (situation: Scenario): boolean => expectedNs(situation, share) <= mostNs;
  const whole = (bytes: number): number => Math.max(1, Math.floor(bytes / DISK_STEP_BYTES)) * DISK_STEP_BYTES;
  const diskBytes = largest(DISK_STEP_BYTES, diskMaxBytes(scenario), (bytes) =>
    fits(withDiskSize(scenario, whole(bytes))),
  );
  const latencyNs = largest(1e3, 100e9, (ns) => fits(withLatency(resolved, Math.round(ns))));
  const secondsPerByte = largest(1e-12, 1e-3, (seconds) =>
    fits(withStorage(scenario, undefined, 1 / seconds)),
  );
  return {
    diskBytes: diskBytes === null ? null : whole(diskBytes),
    bitmaps: mostBitmaps(scenario, share, roomNs),
    latencyNs: latencyNs === null ? null : Math.round(latencyNs),
    bytesPerS: secondsPerByte === null ? null : Math.ceil(1 / secondsPerByte),
  };
}

/** The disk at another size: as much of it is allocated. */
function resized(disk: DiskSpec, sizeBytes: number): DiskSpec {
  const allocated = allocatedBytes(disk.allocatedBytes / disk.sizeBytes, sizeBytes, disk.clusterBytes);
  return { ...disk, sizeBytes, allocatedBytes: allocated };
}

/** The situation with its largest disk this large, in whole GiB; disks of several sizes stay in proportion. */
export function withDiskSize(scenario: Scenario, bytes: number): Scenario {
  const largestBytes = Math.max(...scenario.disks.map(({ sizeBytes }) => sizeBytes));
  const steps = (sizeBytes: number): number =>
    Math.round((bytes * (sizeBytes / largestBytes)) / DISK_STEP_BYTES);
  return withDisks(scenario, (disk) => resized(disk, Math.max(1, steps(disk.sizeBytes)) * DISK_STEP_BYTES));
}

/** What the destination reads of bitmaps under the disks, whatever the disks' own are: the rest of the work. */
function belowNs({ disks }: Scenario, workNs: number, ownNs: number): number {
  const some = disks.some(({ backing }) => backing?.some(({ bitmaps }) => bitmaps.length > 0));
  return some ? Math.max(0, workNs - ownNs) : 0;
}

/** Share of the clusters of all bitmaps that the runs wrote. */
function dirtyShare(scenario: Scenario, store: StrategyAnswer): number {
  const entries = scenario.disks.reduce(
    (sum, disk) =>
      sum +
      disk.bitmaps.reduce(
        (inner, { granularityBytes, count }) =>
          inner + count * bitmapGeometry(disk.sizeBytes, granularityBytes, disk.clusterBytes).tableEntries,
        0,
      ),
    0,
  );
  return entries === 0 ? 0 : Math.min(1, store.clusters_written / entries);
}

/**
 * Bitmaps per disk, mixed as they were asked for (whatever their order, and however they are listed): their time grows
 * by the same amount for each, so the stop of the runs and the time of so many more tell.
 */
function mostBitmaps(scenario: Scenario, share: number, leftNs: number): number | null {
  const bitmaps = scenario.disks.reduce(
    (sum, disk) => disk.bitmaps.reduce((inner, { count }) => inner + count, sum),
    0,
  );
  if (bitmaps === 0) return null;
  const times = (factor: number): number => {
    const disks = scenario.disks.map((disk) => ({
      ...disk,
      bitmaps: disk.bitmaps.map((spec) => ({ ...spec, count: spec.count * factor })),
    }));
    return expectedNs({ ...scenario, disks }, share);
  };
  // So many that what a store has only once is lost among them are not made more.
  const many = bitmaps > MANY_BITMAPS;
  const eachNs = many
    ? (times(1) - expectedNs(scenario, null)) / bitmaps
    : (times(MORE) - times(1)) / ((MORE - 1) * bitmaps);
  // Not more than rounding: the budget is what the stop takes.
  const more = Math.floor(leftNs / eachNs + 1e-6);
  // "So many per disk" says nothing of disks that differ in it.
  const counts = scenario.disks.map((disk) => disk.bitmaps.reduce((sum, { count }) => sum + count, 0));
  if (counts.some((count) => count !== counts[0])) return null;
  const perDisk = Math.floor((bitmaps + more) / scenario.disks.length);
  return perDisk > LIMITS.bitmaps ? null : Math.max(0, perDisk);
}
