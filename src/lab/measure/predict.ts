/** The model's answer to what is measured here: the same stops on a simulated image, request by request. */
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import { Qcow2Image, type StoredBitmap } from '../../sim/qcow2/image.js';
import { countOps, type OpCounts } from '../../sim/qcow2/op-counts.js';
import { PIECE_BITS, streamed, streamNs } from '../../sim/qcow2/stream.js';
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { OpTimer } from '../../sim/storage/timer.js';
import type { StoreOp } from '../../sim/types.js';
import { clustersTouched } from '../qemu/content.js';
import { bitmapName } from '../qemu/image.js';
import { minusCounts } from '../qemu/requests.js';
import { type Situation, STORE_PHASES, type StorePhase, situationRuns } from '../qemu/store.js';

/** Requests of one stop of one disk, in order, from STOP to completed. */
export interface PredictedStop {
  readonly repeat: number;
  readonly phase: StorePhase;
  readonly ops: readonly StoreOp[];
}

/** What measureStore does, done to a simulated image; disks are alike, so one stands for all. */
export function predictStops(situation: Situation): PredictedStop[] {
  const image = simulatedImage(situation);
  const bitmaps = simulatedBitmaps(situation);
  const stops: PredictedStop[] = [];
  for (let repeat = 0; repeat < situation.repeats; repeat++) {
    if (repeat > 0) {
      for (const { name } of bitmaps) image.remove(name);
      image.stop();
      image.store([]);
      image.activate({ sourceTakesBack: true });
    }
    for (const phase of STORE_PHASES) {
      const ops = [...image.stop(), ...image.store(phase === 'baseline' ? [] : bitmaps)];
      stops.push({ repeat, phase, ops });
      image.activate({ sourceTakesBack: true });
    }
  }
  return stops;
}

function simulatedImage(situation: Situation): Qcow2Image {
  return new Qcow2Image({
    sizeBytes: situation.diskBytes,
    clusterBytes: situation.clusterBytes,
    allocatedBytes: situation.preallocated ? situation.diskBytes : 0,
    discard: situation.discard,
    idleFlushes: situation.storage.kind === 'nbdkit' ? 'sent' : 'skipped',
  });
}

function simulatedBitmaps(situation: Situation): StoredBitmap[] {
  const dirtyClusters = clustersTouched(situationRuns(situation), 8 * situation.clusterBytes);
  return Array.from({ length: situation.bitmaps }, (_, i) => ({
    name: bitmapName(i),
    granularityBytes: situation.granularityBytes,
    dirtyClusters,
  }));
}

/** The bitmaps' part of a stop: how long, what it is made of, and the requests. */
export interface Prediction {
  readonly bitmapMs: number;
  /** By purpose of the requests, and `other` for QEMU's own time that belongs to none. Sums to bitmapMs. */
  readonly partsMs: Readonly<Record<string, number>>;
  readonly requests: OpCounts;
}

/** What a phase adds to the stop without bitmaps, over all disks (one after another). */
export function predictStore(
  situation: Situation,
  phase: StorePhase,
  storage: StorageSpec,
  host: HostSpec,
  repeat = 0,
): Prediction {
  const stops = predictStops({ ...situation, repeats: repeat + 1 });
  const of = (wanted: StorePhase): readonly StoreOp[] =>
    stops.find((stop) => stop.repeat === repeat && stop.phase === wanted)!.ops;
  return difference(situation, of(phase), of('baseline'), storage, host);
}

/** What the destination adds between the source's last byte and RESUME: the copies are read back and marked in use. */
export function predictLoad(situation: Situation, storage: StorageSpec, host: HostSpec): Prediction {
  const image = simulatedImage(situation);
  const bare = image.activate();
  image.store(simulatedBitmaps(situation));
  return difference(situation, image.activate(), bare, storage, host);
}

/** Bitmaps in the stream over a unix socket: bound by the sender's processor. */
export function predictStream(situation: Situation, host: HostSpec): number {
  const bits = bitmapBits(situation.diskBytes, situation.granularityBytes);
  const full = clustersTouched(situationRuns(situation), PIECE_BITS);
  const count = situation.bitmaps * situation.disks;
  return streamNs(streamed(bits, full, count), host, UNIX_SOCKET) / 1e6;
}

const UNIX_SOCKET = { name: 'unix', bytesPerS: Number.POSITIVE_INFINITY, roundTripNs: 0, stopDelayNs: 0 };

function difference(
  situation: Situation,
  ops: readonly StoreOp[],
  bare: readonly StoreOp[],
  storage: StorageSpec,
  host: HostSpec,
): Prediction {
  const { disks } = situation;
  const options = { l1Entries: simulatedImage(situation).l1Entries };
  const timer = new OpTimer(storage, host, options);
  const withBitmaps = timer.expect(ops).byPurpose;
  const without = new OpTimer(storage, host, options).expect(bare).byPurpose;
  const partsMs: Record<string, number> = {};
  for (const purpose of Object.keys(withBitmaps) as StoreOp['purpose'][])
    partsMs[purpose] = (disks * (withBitmaps[purpose]! - (without[purpose] ?? 0))) / 1e6;
  const bitmapBytes = situation.bitmaps * (bitmapBits(situation.diskBytes, situation.granularityBytes) / 8);
  partsMs.other = (disks * timer.fixedNs(bitmapBytes)) / 1e6;
  return {
    bitmapMs: Object.values(partsMs).reduce((sum, ms) => sum + ms, 0),
    partsMs,
    requests: minusCounts(countOps(ops, disks), countOps(bare, disks)),
  };
}
