/**
 * A storage that several machines send their requests to at the same time. Each machine knows how long its requests take
 * with the device to itself (timer.ts); what the others cost it is added here:
 *
 *   operations  one bucket for all: a request ends when its token has come, in order of asking
 *   channels    so many requests at once, the others wait in order of asking (kernel/server.ts)
 *   bandwidth   one after another, for the part of a request that is bytes; it keeps its channel meanwhile
 *
 * A machine that is alone here waits for nothing, and its requests take what they take anyway.
 */
import type { Kernel, TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { Server } from '../../kernel/server.js';
import { Signal } from '../../kernel/signal.js';
import type { StorageSpec } from '../scenario.js';
import { TokenBucket } from './token-bucket.js';

/** Requests one after another, as they are on a device that has nobody else to serve. */
export interface AloneRun {
  readonly requests: number;
  /** From the begin of the first to the end of the last. */
  readonly wholeNs: TimeNs;
  /** What of it the device is at work, and the part of that which is bytes. */
  readonly deviceNs: number;
  readonly transferNs: number;
  /** The device's time for each request, up to a common factor; null: they are all alike. */
  readonly weights: ArrayLike<number> | null;
}

/** Requests that ask for a channel each; of longer runs several go together. */
export const PIECES_MAX = 1024;

export class SharedStorage {
  private readonly kernel: Kernel;
  private readonly channels: Server;
  private readonly tokens: TokenBucket;
  /** Until when bytes are on their way. */
  private busyUntilNs: TimeNs = 0;

  constructor(kernel: Kernel, { channels, opsPerS, burstOps }: StorageSpec) {
    this.kernel = kernel;
    this.channels = new Server(kernel, channels);
    this.tokens = new TokenBucket(opsPerS, burstOps);
  }

  /** Makes the requests one after another; returns at the end of the last. */
  *make(run: AloneRun): Process {
    if (run.requests === 0) {
      yield run.wholeNs;
      return;
    }
    const ended = new Signal();
    new Making(this, this.kernel, run, () => ended.fire()).next();
    yield ended;
  }

  /** Takes a channel for requests that hold it for so long; `begun` is told when it is theirs, `done` when it is free again. */
  claim(
    requests: number,
    deviceNs: number,
    transferNs: number,
    begun: () => void,
    done = (): void => {},
  ): void {
    const hold = (): TimeNs => {
      begun();
      return this.holdNs(deviceNs, transferNs);
    };
    const ask = (): void => this.channels.submit(hold, 0, done);
    const lateNs = Math.round(this.tokens.take(requests, this.kernel.nowNs, 0) - deviceNs);
    if (lateNs > 0) this.kernel.schedule(lateNs, ask);
    else ask();
  }

  /** A request that gets its channel now: bytes go first, once those of others are through. */
  private holdNs(deviceNs: number, transferNs: number): TimeNs {
    const { nowNs } = this.kernel;
    const fromNs = Math.max(nowNs, this.busyUntilNs);
    if (transferNs > 0) this.busyUntilNs = fromNs + transferNs;
    return Math.round((transferNs > 0 ? fromNs - nowNs : 0) + deviceNs);
  }
}

/** One run under way: request after request, each first in QEMU's hands and then in those of the device. */
class Making {
  private readonly storage: SharedStorage;
  private readonly kernel: Kernel;
  private readonly run: AloneRun;
  private readonly done: () => void;
  private readonly pieces: number;
  private readonly weightSum: number;
  private made = 0;
  private weightMade = 0;
  /** Of the run, what the pieces so far have taken in whole nanoseconds: they add up to the whole. */
  private passedNs: TimeNs = 0;
  private pieceDeviceNs = 0;

  constructor(storage: SharedStorage, kernel: Kernel, run: AloneRun, done: () => void) {
    this.storage = storage;
    this.kernel = kernel;
    this.run = run;
    this.done = done;
    this.pieces = Math.min(PIECES_MAX, run.requests);
    this.weightSum = run.weights === null ? this.pieces : sum(run.weights);
  }

  /** Begins the next request, or ends the run. */
  readonly next = (): void => {
    if (this.made === this.pieces) {
      this.done();
      return;
    }
    const { run, pieces } = this;
    this.weightMade += run.weights?.[this.made] ?? 1;
    this.made++;
    const isLast = this.made === pieces;
    const share = this.weightSum > 0 ? this.weightMade / this.weightSum : this.made / pieces;
    const untilNs = isLast
      ? run.wholeNs
      : Math.round(run.deviceNs * share + ((run.wholeNs - run.deviceNs) * this.made) / pieces);
    const wholeNs = untilNs - this.passedNs;
    const beforeNs = Math.min(wholeNs, Math.max(0, Math.round((run.wholeNs - run.deviceNs) / pieces)));
    this.passedNs = untilNs;
    this.pieceDeviceNs = wholeNs - beforeNs;
    if (beforeNs > 0) this.kernel.schedule(beforeNs, this.ask);
    else this.ask();
  };

  private readonly ask = (): void => {
    const { run, pieces, pieceDeviceNs } = this;
    const share = run.deviceNs > 0 ? pieceDeviceNs / run.deviceNs : 0;
    const transferNs = Math.min(pieceDeviceNs, run.transferNs * share);
    this.storage.claim(run.requests / pieces, pieceDeviceNs, transferNs, NOTHING, this.next);
  };
}

const NOTHING = (): void => {};

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
