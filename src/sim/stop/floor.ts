/**
 * The floor: the least that bitmaps can add to the downtime if a durable copy of them is left, whatever the strategy.
 * All data and tables are in the image before the stop and read by the destination in time, nothing is searched for,
 * punched or freed, and QEMU takes no time of its own for the bitmaps. What remains on each disk is the change of
 * owner, which cannot be made ahead of the stop and must be durable before the guest runs:
 *
 *   source        directory without IN_USE, flush; header that vouches for it, flush
 *   destination   header that no longer does, flush; directory with IN_USE; header twice, a flush each (the marking in
 *                 use as QEMU does it: a guest that runs makes the copy old)
 */
import { remembered } from '../../base/remembered.js';
import type { DiskSpec, Scenario } from '../scenario.js';
import { imageStorage } from '../storage/places.js';
import type { StoreOp } from '../types.js';
import { bitmapsWithShare } from './bitmaps.js';
import { DiskStops, imageOptions } from './requests.js';
import { expectedTime } from './time.js';

const NEEDED: ReadonlySet<StoreOp['purpose']> = new Set(['directory', 'header', 'mark-in-use']);

/** The writes that no durable copy can do without, and the flush that makes each of them last. */
function needed(ops: readonly StoreOp[]): readonly StoreOp[] {
  const kept: StoreOp[] = [];
  let unflushed = false;
  for (const op of ops) {
    if (NEEDED.has(op.purpose)) {
      kept.push({ op: op.op, bytes: op.bytes, count: op.count, purpose: op.purpose });
      unflushed = true;
    } else if (op.op === 'flush' && unflushed) {
      kept.push({ ...op, count: 1 });
      unflushed = false;
    }
  }
  return kept;
}

/** The expected time of these requests to one disk's image. */
function diskFloorNs(disk: DiskSpec, scenario: Scenario): number {
  const { host, qemu } = scenario;
  const storage = imageStorage(scenario, disk);
  const bitmaps = bitmapsWithShare(disk, 0).map((bitmap) => ({ ...bitmap, unchanged: true }));
  if (bitmaps.length === 0) return 0;
  const stops = new DiskStops(imageOptions(disk, { storage, qemu }), bitmaps);
  const { ops, l1Entries } = stops.source(bitmaps, { skipUnchanged: true });
  const least = [...needed(ops), ...needed(stops.load().ops)];
  return expectedTime({ ops: least, bitmapBytes: 0, l1Entries }, { storage, host }).meanNs;
}

/** Asked for in every replication, and the same in all. */
const known = new WeakMap<Scenario, number>();

/** The floor of a scenario, in whole nanoseconds: its disks change owner one after another. */
export function floorNs(scenario: Scenario): number {
  return remembered(known, scenario, () =>
    Math.round(scenario.disks.reduce((total, disk) => total + diskFloorNs(disk, scenario), 0)),
  );
}
