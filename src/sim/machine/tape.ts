/**
 * What a stop is made of, noted while it is simulated: in each phase the requests in their order, and the time before each that
 * nothing random has a part in. Where a strategy's stop follows from the bits alone, the next replication need not tell the
 * story again: the same requests take other times (migration/replay.ts).
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { ImageSpec, StorageSpec } from '../scenario.js';
import type { StoreOp } from '../types.js';
import type { ImageFile } from './disk.js';
import type { PhaseName } from './phases.js';

/** Who timed a request: the file it went to, where that is, and the random stream. */
export interface TapedTimer {
  readonly spec: ImageSpec;
  readonly storage: StorageSpec;
  readonly stream: string;
}

/** A run of requests, by the index of their timer, and what passed since what was noted before. */
export interface TapedRequests {
  readonly beforeNs: TimeNs;
  readonly op: StoreOp;
  readonly timer: number;
}

/** The same of the destination counting anew what it read of a disk. */
export interface TapedRecount {
  readonly beforeNs: TimeNs;
  readonly disk: number;
}

/** The destination is busy for so long from then on, while the source goes on; null: it is waited for. */
export interface TapedDestination {
  readonly beforeNs: TimeNs;
  readonly busyNs: TimeNs | null;
}

export type TapedPart = TapedRequests | TapedRecount | TapedDestination;

/** A stretch of the stop that was booked on one phase. */
export interface Stretch {
  readonly phase: PhaseName;
  readonly parts: readonly TapedPart[];
  /** From the last of them to its end. */
  readonly restNs: TimeNs;
}

export class Tape {
  readonly timers: TapedTimer[] = [];
  readonly stretches: Stretch[] = [];
  private readonly original: (storage: StorageSpec) => StorageSpec;
  private parts: TapedPart[] = [];
  /** Up to when all is noted; undefined before the stop. */
  private atNs: TimeNs | undefined;

  /** `original`: which storage one of the run stands for. */
  constructor(original: (storage: StorageSpec) => StorageSpec = (storage) => storage) {
    this.original = original;
  }

  /** The stop begins. */
  start(nowNs: TimeNs): void {
    this.atNs = nowNs;
  }

  /** Gives a timer its number. */
  timer({ spec, storage }: ImageFile, stream: string): number {
    return this.timers.push({ spec, storage: this.original(storage), stream }) - 1;
  }

  /** Requests that begin now and take so long. */
  heard(timer: number, op: StoreOp, nowNs: TimeNs, ns: TimeNs): void {
    if (this.atNs === undefined) return;
    this.parts.push({ beforeNs: nowNs - this.atNs, op, timer });
    this.atNs = nowNs + ns;
  }

  /** Counting the disk's bits begins now and takes so long. */
  recount(disk: number, nowNs: TimeNs, ns: TimeNs): void {
    this.parts.push({ beforeNs: nowNs - this.atNs!, disk });
    this.atNs = nowNs + ns;
  }

  /** The destination has something to do from now on. */
  destinationBusy(nowNs: TimeNs, busyNs: TimeNs): void {
    this.parts.push({ beforeNs: nowNs - this.atNs!, busyNs });
    this.atNs = nowNs;
  }

  /** Waiting for it begins now and takes so long. */
  awaitDestination(nowNs: TimeNs, ns: TimeNs): void {
    this.parts.push({ beforeNs: nowNs - this.atNs!, busyNs: null });
    this.atNs = nowNs + ns;
  }

  /** Whether the source waits for the destination, for longer or shorter as requests take. */
  get hasWaits(): boolean {
    return this.stretches.some(({ parts }) => parts.some((part) => 'busyNs' in part));
  }

  /** All since the last lap belongs to this phase. */
  lap(phase: PhaseName, nowNs: TimeNs): void {
    this.stretches.push({ phase, parts: this.parts, restNs: nowNs - this.atNs! });
    this.parts = [];
    this.atNs = nowNs;
  }
}
