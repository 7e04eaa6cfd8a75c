/**
 * How large, how many, how fast: the value of each quantity at which the mean stop of store-at-stop just meets the
 * budget, all else as asked. Requests to the images take their mean times, with the share of dirty clusters that the
 * runs had; the rest of the stop (RAM, devices, hand-over) is that of the runs. So it needs no replications.
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

/** Null: no value fits (the stop exceeds the budget whatever it is), or every allowed value does. */
export interface BreakEven {
  readonly bitmap_bytes: number | null;
  readonly disk_bytes: number | null;
  readonly bitmaps: number | null;
  readonly flush_bandwidth_bytes_per_s: number | null;
  readonly flush_latency_ms: number | null;
}

const NONE: BreakEven = {
  bitmap_bytes: null,
  disk_bytes: null,
  bitmaps: null,
  flush_bandwidth_bytes_per_s: null,
  flush_latency_ms: null,
};

/** How many times the bitmaps asked for are timed, to tell what one more takes. */
const MORE = 9;
const MANY_BITMAPS = 1000;

/** Smallest step of a disk: what one GiB adds is below any budget's resolution. */
const DISK_STEP_BYTES = 2 ** 30;

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

/** Break-even of each quantity; `store` is the summary of store-at-stop in the same situation. */
export function breakEven(resolved: Resolved, store: StrategyAnswer | undefined): BreakEven {
  if (store === undefined || store.state !== 'completed') return NONE;
  const { scenario } = resolved;
  const share = dirtyShare(scenario, store);
  const bareNs = expectedNs(scenario, null);
  const restNs = (store.downtime_ms.mean - store.bitmap_downtime_ms.mean) * 1e6 - bareNs;
  const roomNs = resolved.budgetNs - restNs;
  if (roomNs <= 0) return NONE;
  const withDisks = (change: (disk: DiskSpec) => DiskSpec): Scenario => ({
    ...scenario,
    disks: scenario.disks.map(change),
  });
  const withStorage = (latencyNs?: number, bytesPerS?: number): Scenario =>
    withStorages(scenario, (storage) => overrideStorage(storage, latencyNs, bytesPerS));
  const fits = (situation: Scenario): boolean => expectedNs(situation, share) <= roomNs;

  const granularities = scenario.disks.flatMap(({ bitmaps }) => bitmaps.map((spec) => spec.granularityBytes));
  const granularityBytes = Math.min(...granularities);
  const clusterBytes = Math.min(...scenario.disks.map((spec) => spec.clusterBytes));
  const diskMaxBytes = Math.min(
    LIMITS.physicalBytes * 8 * granularityBytes,
    (LIMITS.l1Entries * clusterBytes ** 2) / 8,
  );
  const whole = (bytes: number): number => Math.floor(bytes / DISK_STEP_BYTES) * DISK_STEP_BYTES;
  const disk = largest(DISK_STEP_BYTES, diskMaxBytes, (sizeBytes) =>
    fits(withDisks((spec) => resized(spec, Math.max(DISK_STEP_BYTES, whole(sizeBytes))))),
  );
  const leastBandwidth = largest(1e-12, 1e-3, (secondsPerByte) =>
    fits(withStorage(undefined, 1 / secondsPerByte)),
  );
  const latencyNs = largest(1e3, 100e9, (ns) => fits(withStorage(Math.round(ns))));
  return {
    bitmap_bytes: disk === null ? null : bitmapGeometry(whole(disk), granularityBytes, clusterBytes).bytes,
    disk_bytes: disk === null ? null : whole(disk),
    bitmaps: mostBitmaps(scenario, share, resolved.budgetNs - store.downtime_ms.mean * 1e6),
    flush_bandwidth_bytes_per_s: leastBandwidth === null ? null : Math.ceil(1 / leastBandwidth),
    flush_latency_ms: latencyNs === null ? null : Number((latencyNs / 1e6).toPrecision(6)),
  };
}

/** The disk at another size: as much of it is allocated. */
function resized(disk: DiskSpec, sizeBytes: number): DiskSpec {
  const allocated = allocatedBytes(disk.allocatedBytes / disk.sizeBytes, sizeBytes, disk.clusterBytes);
  return { ...disk, sizeBytes, allocatedBytes: allocated };
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
  return Math.min(1, store.clusters_written / entries);
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
  const perDisk = Math.floor((bitmaps + more) / scenario.disks.length);
  return perDisk > LIMITS.bitmaps ? null : Math.max(0, perDisk);
}
