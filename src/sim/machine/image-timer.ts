/** Times of requests to one disk's image, in whole nanoseconds, drawn from one random stream. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Rng } from '../../kernel/rng.js';
import { bitmapGeometry } from '../qcow2/geometry.js';
import { l1Entries } from '../qcow2/layout.js';
import type { DiskSpec, Scenario } from '../scenario.js';
import { DeviceCosts } from '../storage/costs.js';
import { OpTimer } from '../storage/timer.js';
import type { StoreOp } from '../types.js';

export class ImageTimer {
  private readonly disk: DiskSpec;
  private readonly rng: Rng;
  private readonly ops: OpTimer;
  private readonly flushNsPerByte: number;

  constructor(scenario: Scenario, disk: DiskSpec, rng: Rng) {
    this.disk = disk;
    this.rng = rng;
    this.flushNsPerByte = new DeviceCosts(scenario.storage).flushNsPerByte;
    this.ops = new OpTimer(scenario.storage, scenario.host, {
      l1Entries: l1Entries(disk.sizeBytes, disk.clusterBytes, false),
      queueDepth: scenario.whatIf.queueDepth,
    });
  }

  /** One draw of the run of requests, one after another. */
  durationNs(op: StoreOp): TimeNs {
    return Math.round(this.ops.draw(op, this.rng));
  }

  /** The expected time of a list; draws nothing. */
  meanNs(ops: readonly StoreOp[]): number {
    return this.ops.expect(ops).meanNs;
  }

  /** What a flush of its own would cost for the bytes of these writes, beyond its base: a background flusher pays at once. */
  flushShareNs(op: StoreOp): TimeNs {
    return op.count * op.bytes * this.flushNsPerByte;
  }

  /** QEMU's own time for a store, beside its requests: all bitmaps of the disk are scanned and serialized. */
  storeFixedNs(): TimeNs {
    const { sizeBytes, clusterBytes, bitmaps } = this.disk;
    const bytes = bitmaps.reduce(
      (sum, bitmap) =>
        sum + bitmap.count * bitmapGeometry(sizeBytes, bitmap.granularityBytes, clusterBytes).bytes,
      0,
    );
    return Math.round(this.ops.fixedNs(bytes));
  }
}
