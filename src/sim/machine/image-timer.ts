/** Times of requests to one disk's image, in whole nanoseconds, drawn from one random stream. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { type Draws, namedStream, type Rng } from '../../kernel/rng.js';
import { bitmapBytes } from '../qcow2/geometry.js';
import { l1Entries } from '../qcow2/layout.js';
import type { ImageSpec, Scenario, StorageSpec } from '../scenario.js';
import { costsOn } from '../storage/costs.js';
import type { SharedStorage } from '../storage/shared-storage.js';
import {
  type DeviceWork,
  OpTimer,
  type RandomSource,
  type TimeEstimate,
  type TimerOptions,
} from '../storage/timer.js';
import type { StoreOp } from '../types.js';

/** What a timer shares: tokens, spells and clock with the rest of its machine, the storage with other machines. */
export interface SharedDeviceParts extends Pick<TimerOptions, 'tokens' | 'spells' | 'now'> {
  readonly others?: SharedStorage | undefined;
}

export class ImageTimer {
  private readonly disk: ImageSpec;
  private readonly stream: string;
  private draws: Draws;
  private made: Rng | undefined;
  private readonly ops: OpTimer;
  private readonly flushNsPerByte: number;
  private readonly others: SharedStorage | undefined;
  private split: RandomSource | undefined;
  /** Told of each draw of a duration. */
  heard: ((op: StoreOp, ns: TimeNs) => void) | undefined;

  constructor(
    { host, whatIf }: Scenario,
    storage: StorageSpec,
    disk: ImageSpec,
    stream: string,
    draws: Draws,
    { others, ...shared }: SharedDeviceParts = {},
  ) {
    this.disk = disk;
    this.stream = stream;
    this.draws = draws;
    this.others = others;
    this.flushNsPerByte = costsOn(storage).flushNsPerByte;
    this.ops = new OpTimer(storage, host, {
      l1Entries: l1Entries(disk.sizeBytes, disk.clusterBytes, false),
      queueDepth: whatIf.queueDepth,
      ...shared,
    });
  }

  /** Its stream, made when something is drawn. */
  get rng(): Rng {
    const { seed, replication } = this.draws;
    this.made ??= namedStream(seed, replication, this.stream);
    return this.made;
  }

  /** For another replication: its stream, and its device. */
  beginAnew(draws: Draws, shared: Pick<TimerOptions, 'tokens' | 'spells'>): void {
    this.draws = draws;
    this.made = undefined;
    this.ops.beginAnew(shared);
  }

  /** One draw of the run of requests, one after another. */
  durationNs(op: StoreOp): TimeNs {
    const ns = Math.round(this.ops.drawFrom(op, this));
    this.heard?.(op, ns);
    return ns;
  }

  /** Makes the run of requests, beside other machines where there are any. */
  *perform(op: StoreOp): Process {
    if (this.others === undefined) {
      yield this.durationNs(op);
      return;
    }
    const { seed, replication } = this.draws;
    this.split ??= { rng: namedStream(seed, replication, `${this.stream}/split`) };
    yield* this.others.make(this.ops.drawAlone(op, this, this.split));
  }

  /** The expected time of a list, and its variance; draws nothing. */
  expect(ops: readonly StoreOp[]): TimeEstimate {
    return this.ops.expect(ops);
  }

  /**
   * One draw of what requests beside the guest ask of the device, one after another. Written bytes pay at once what a
   * flush would pay for them in the stop.
   */
  backgroundWork(ops: readonly StoreOp[]): DeviceWork {
    const sum = { requests: 0, deviceNs: 0, transferNs: 0, hostNs: 0, writes: false };
    for (const op of ops) {
      const work = this.ops.drawWork(op, this.rng);
      const writes = op.op === 'write' || op.op === 'smallWrite';
      const flushNs = writes ? op.count * op.bytes * this.flushNsPerByte : 0;
      sum.requests += work.requests;
      sum.deviceNs += work.deviceNs + flushNs;
      sum.transferNs += work.transferNs + flushNs;
      sum.hostNs += work.hostNs;
      sum.writes ||= work.writes;
    }
    return sum;
  }

  /** QEMU's own time for all bitmaps of the disk, beside its requests: once when they are stored, once when loaded. */
  bitmapsNs(): TimeNs {
    const { sizeBytes, bitmaps } = this.disk;
    if (bitmaps.length === 0) return 0;
    const bytes = bitmaps.reduce(
      (sum, bitmap) => sum + bitmap.count * bitmapBytes(sizeBytes, bitmap.granularityBytes),
      0,
    );
    return Math.round(this.ops.fixedNs(bytes));
  }
}
