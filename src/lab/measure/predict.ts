/** The model's answer to what is measured here: the same stops on a simulated image, request by request. */
import { loadedNs } from '../../sim/qcow2/bitmap-memory.js';
import { bitmapBits, bitmapBytes } from '../../sim/qcow2/geometry.js';
import { countOps, type OpCounts } from '../../sim/qcow2/op-counts.js';
import type { ImageOptions, StoredBitmap } from '../../sim/qcow2/options.js';
import { PIECE_BITS, receiveNs, sendNs, streamed } from '../../sim/qcow2/stream.js';
import { type QemuSpec, qemuSpec } from '../../sim/qemu/releases.js';
import type { HostSpec } from '../../sim/scenario.js';
import { hostShare } from '../../sim/stop/host-share.js';
import { FILE_SPREAD, SPREAD, stopSdMs } from '../../sim/stop/interval.js';
import { alikeBitmaps, DiskStops, type StopWork } from '../../sim/stop/requests.js';
import { expectedTime, type StopPlace } from '../../sim/stop/time.js';
import type { StoreOp } from '../../sim/types.js';
import { clustersTouched } from '../qemu/content.js';
import { minusCounts } from '../qemu/requests.js';
import { type Situation, STORE_PHASES, type StorePhase, situationRuns } from '../qemu/store.js';
import { bitmapName } from '../qemu/test-image.js';

const ANY_QEMU = qemuSpec('7.2');

/** One stop of one disk, from STOP to completed. */
export interface PredictedStop {
  readonly repeat: number;
  readonly phase: StorePhase;
  readonly work: StopWork;
}

/**
 * What measureStore does, done to a simulated image; disks are alike, so one stands for all. The release shows only in
 * whole stops: the difference of two is the same in all.
 */
export function predictStops(situation: Situation, { stopFlushes }: QemuSpec = ANY_QEMU): PredictedStop[] {
  const disk = new DiskStops({ ...imageOf(situation), stopFlushes });
  const bitmaps = bitmapsOf(situation);
  const stops: PredictedStop[] = [];
  for (let repeat = 0; repeat < situation.repeats; repeat++) {
    if (repeat > 0) disk.removeAll();
    for (const phase of STORE_PHASES) {
      stops.push({ repeat, phase, work: disk.source(phase === 'baseline' ? [] : bitmaps) });
      disk.takeBack();
    }
  }
  return stops;
}

function imageOf(situation: Situation): ImageOptions {
  return {
    sizeBytes: situation.diskBytes,
    clusterBytes: situation.clusterBytes,
    allocatedBytes: situation.preallocated ? situation.diskBytes : 0,
    discard: situation.discard,
    idleFlushes: situation.storage.kind === 'nbdkit' ? 'sent' : 'skipped',
    ...(situation.dataFile && { dataFile: {} }),
  };
}

function bitmapsOf(situation: Situation): readonly StoredBitmap[] {
  const { granularityBytes } = situation;
  const dirtyClusters = clustersTouched(situationRuns(situation), 8 * situation.clusterBytes);
  return alikeBitmaps(situation.bitmaps, { granularityBytes, dirtyClusters }, bitmapName);
}

/** The bitmaps' part of a stop: how long, what it is made of, and the requests. */
export interface Prediction {
  readonly bitmapMs: number;
  /** Standard deviation of a single stop around it, that of the host's figures with it. */
  readonly sdMs: number;
  /** By purpose of the requests, and `other` for QEMU's own time that belongs to none. Sums to bitmapMs. */
  readonly partsMs: Readonly<Record<string, number>>;
  readonly requests: OpCounts;
}

/** What a phase adds to the stop without bitmaps, over all disks (one after another). */
export function predictStore(
  situation: Situation,
  phase: StorePhase,
  place: StopPlace,
  repeat = 0,
): Prediction {
  const stops = predictStops({ ...situation, repeats: repeat + 1 });
  const of = (wanted: StorePhase): StopWork =>
    stops.find((stop) => stop.repeat === repeat && stop.phase === wanted)!.work;
  return difference(situation, of(phase), of('baseline'), place);
}

/**
 * What the destination adds between the source's last byte and RESUME: the copies are read back and marked in use, and
 * their bits counted.
 */
export function predictLoad(situation: Situation, place: StopPlace): Prediction {
  const bare = new DiskStops(imageOf(situation)).load();
  const stored = new DiskStops(imageOf(situation), bitmapsOf(situation)).load();
  const read = difference(situation, stored, bare, place);
  const inMemoryMs = (host: HostSpec): number => inMemoryNs(situation, host) / 1e6;
  return {
    ...read,
    bitmapMs: read.bitmapMs + inMemoryMs(place.host),
    sdMs: Math.hypot(read.sdMs, hostShare(inMemoryMs, place.host)),
    partsMs: { ...read.partsMs, recount: inMemoryMs(place.host) },
  };
}

/** What the destination does in memory with stored bitmaps: their pages are new, and the bits are counted. */
function inMemoryNs(situation: Situation, host: HostSpec): number {
  const { bitmaps, disks, diskBytes, granularityBytes } = situation;
  const bytes = bitmaps * disks * bitmapBytes(diskBytes, granularityBytes);
  return loadedNs(host, bytes, wordsWithBits(situation));
}

/** Words with a set bit in all bitmaps. */
function wordsWithBits(situation: Situation): number {
  return situation.bitmaps * situation.disks * clustersTouched(situationRuns(situation), WORD_BITS);
}

interface StreamTimes {
  readonly sendMs: number;
  readonly receiveMs: number;
}

/** How far a single stop with bitmaps in the stream may be from a time of it. */
export function streamSdMs(situation: Situation, host: HostSpec, of: (times: StreamTimes) => number): number {
  const times = (other: HostSpec): number => of(predictStream(situation, other));
  return Math.hypot(SPREAD.stopMs, SPREAD.stream * times(host), hostShare(times, host));
}

/** Bitmaps in the stream over a unix socket, bound by the processors: the source's part, and what the destination adds. */
export function predictStream(situation: Situation, host: HostSpec): StreamTimes {
  const bits = bitmapBits(situation.diskBytes, situation.granularityBytes);
  const full = clustersTouched(situationRuns(situation), PIECE_BITS);
  const count = situation.bitmaps * situation.disks;
  const stream = streamed(bits, full, count);
  return {
    sendMs: sendNs(stream, host, UNIX_SOCKET) / 1e6,
    receiveMs: Math.max(0, receiveNs(stream, wordsWithBits(situation), host) - host.deviceStateNs) / 1e6,
  };
}

const WORD_BITS = 64;
const UNIX_SOCKET = { name: 'unix', bytesPerS: Number.POSITIVE_INFINITY, roundTripNs: 0, stopDelayNs: 0 };

function difference(situation: Situation, work: StopWork, bare: StopWork, place: StopPlace): Prediction {
  const { disks } = situation;
  const time = expectedTime(work, place);
  const { requests, fixedNs } = time;
  const without = expectedTime(bare, place).requests.byPurpose;
  const partsMs: Record<string, number> = {};
  for (const [purpose, ns] of Object.entries(requests.byPurpose))
    partsMs[purpose] = (disks * (ns - (without[purpose as StoreOp['purpose']] ?? 0))) / 1e6;
  partsMs.other = (disks * fixedNs) / 1e6;
  const bitmapMs = Object.values(partsMs).reduce((sum, ms) => sum + ms, 0);
  const wholeMs = (host: HostSpec): number => (disks * expectedTime(work, { ...place, host }).meanNs) / 1e6;
  const ownSdMs =
    situation.storage.kind === 'directory'
      ? Math.hypot(FILE_SPREAD.stopMs, FILE_SPREAD.relative * bitmapMs)
      : stopSdMs(work.ops, time, disks);
  return {
    bitmapMs,
    sdMs: Math.hypot(ownSdMs, hostShare(wholeMs, place.host)),
    partsMs,
    requests: minusCounts(countOps(work.ops, disks), countOps(bare.ops, disks)),
  };
}
