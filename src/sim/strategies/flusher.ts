/**
 * The background flusher of pre-flush: while the guest runs, one chunk at a time, it clears the mark, copies the
 * chunk and writes the copy. Mark before copy, so that a bit set meanwhile makes the chunk stale again.
 *
 *   idle ──chunk stale, settled, rate allows──► writing ──done──► idle      stop: the write in flight ends first
 *
 * A chunk of a group of alike bitmaps is a chunk of the image for each of them, written one after another. If it becomes
 * stale again meanwhile, all of them are, and wait for their turn together. Of many alike bitmaps some are written in one
 * go, which costs one event; the stop cuts it after the bitmap that is under way.
 */
import { assert } from '../../base/assert.js';
import type { EventHandle, Kernel, TimeNs } from '../../kernel/kernel.js';
import { Signal } from '../../kernel/signal.js';
import type { DirtyTracker, MemberChunk, MemberRun } from '../types.js';

/** More alike bitmaps than this are written several in one go. */
const GOES_MAX = 64;

/** Ends a go after the bitmap that is under way; returns how many are written then. */
export type CutShort = () => number;

/** Writes the chunk of some bitmaps to the image and calls `done` at the end. The storage model stands behind it. */
export type WriteChunk = (run: MemberRun, done: () => void) => CutShort;

/** A device of its own with a service time for each chunk. */
export function fixedService(kernel: Kernel, serviceNs: (chunk: MemberChunk) => TimeNs): WriteChunk {
  return (run, done) => {
    const fromNs = kernel.nowNs;
    const bitmaps = run.to - run.member;
    const eachNs = serviceNs(run);
    const end = kernel.schedule(bitmaps * eachNs, done);
    return () => {
      const written = Math.min(bitmaps, Math.floor((kernel.nowNs - fromNs) / eachNs) + 1);
      kernel.cancel(end);
      kernel.schedule(fromNs + written * eachNs - kernel.nowNs, done);
      return written;
    };
  };
}

/** What the flusher did until the stop was asked for. */
export interface FlusherReport {
  /** Chunk writes completed, and their bytes. */
  readonly writes: number;
  readonly bytes: number;
  /** Exact time average of the chunks stale or taken but not begun, and the most that were marked at once. */
  readonly staleMean: number;
  readonly staleMax: number;
  /** Share of the time with a write in flight. */
  readonly busyShare: number;
  readonly staleAtStop: number;
  readonly busyAtStop: boolean;
}

export interface FlusherOptions {
  /** Bitmap bytes that may be written in a second; Infinity: no limit. */
  readonly bytesPerS: number;
  /** How long a chunk must have been stale. */
  readonly settleNs: TimeNs;
  readonly order: Parameters<DirtyTracker['takeStale']>[0];
  /** False: the image is taken to hold all bits set so far. */
  readonly initialPass: boolean;
  /** From a chunk becoming stale to a sleeping flusher beginning its write; default 0. */
  readonly wakeNs?: TimeNs;
}

/** The flusher of one disk; starts with its construction, ends with `stop()` and `quiet`. */
export class Flusher {
  /** Fires when the stop was asked for and no write is in flight. */
  readonly quiet = new Signal();
  private readonly kernel: Kernel;
  private readonly tracker: DirtyTracker;
  private readonly options: FlusherOptions;
  private readonly writeChunk: WriteChunk;
  private readonly startedNs: TimeNs;
  private readonly areaBeforeNs: number;
  private wakeUp: EventHandle | undefined;
  private busy = false;
  private stopped: FlusherReport | undefined;
  private nextStartNs: TimeNs = 0;
  private busySinceNs: TimeNs = 0;
  private busyNs = 0;
  private writes = 0;
  private bytes = 0;
  private inFlight: MemberRun | undefined;
  private cutShort: CutShort | undefined;
  /** The chunk that was taken, and its next bitmap; undefined: all of them are written. */
  private next: MemberChunk | undefined;
  private nextSinceNs: TimeNs = 0;
  private nextAreaNs = 0;

  /** Starts at once. */
  constructor(kernel: Kernel, tracker: DirtyTracker, options: FlusherOptions, writeChunk: WriteChunk) {
    this.kernel = kernel;
    this.tracker = tracker;
    this.options = options;
    this.writeChunk = writeChunk;
    this.startedNs = kernel.nowNs;
    tracker.advance(kernel.nowNs);
    this.areaBeforeNs = tracker.staleAreaNs;
    if (options.initialPass) tracker.markAllStale();
    else tracker.markAllStored();
    this.look();
  }

  /** Asks for the end: nothing new is begun, `quiet` fires when the write in flight has ended. */
  stop(): FlusherReport {
    assert(this.stopped === undefined, 'the flusher was stopped before');
    const nowNs = this.kernel.nowNs;
    this.tracker.advance(nowNs);
    if (this.wakeUp !== undefined) this.kernel.cancel(this.wakeUp);
    const span = nowNs - this.startedNs;
    const busyNs = this.busyNs + (this.busy ? nowNs - this.busySinceNs : 0);
    this.accountNext();
    if (this.busy) this.cutGo();
    const areaNs = this.tracker.staleAreaNs - this.areaBeforeNs + this.nextAreaNs;
    this.stopped = {
      writes: this.writes,
      bytes: this.bytes,
      staleMean: span > 0 ? areaNs / span : this.staleCount,
      staleMax: this.tracker.staleCountMax,
      busyShare: span > 0 ? busyNs / span : 0,
      staleAtStop: this.staleCount,
      busyAtStop: this.busy,
    };
    if (!this.busy) this.quiet.fire();
    return this.stopped;
  }

  /** Bitmaps of the chunk taken last that still wait for its write, from `member` on; undefined: none. */
  get owed(): MemberChunk | undefined {
    const { next, tracker } = this;
    return next === undefined || tracker.isStale(next.group, next.chunk) ? undefined : next;
  }

  /** What is being written, if anything is. */
  get writing(): MemberRun | undefined {
    return this.busy ? this.inFlight : undefined;
  }

  private get owedCount(): number {
    const { owed } = this;
    return owed === undefined ? 0 : this.tracker.groups[owed.group]!.count - owed.member;
  }

  private get staleCount(): number {
    return this.tracker.staleCount + this.owedCount;
  }

  /** Begins the next write, or sleeps until there may be one. */
  private readonly look = (): void => {
    this.wakeUp = undefined;
    const { tracker, options } = this;
    const nowNs = this.kernel.nowNs;
    if (nowNs < this.nextStartNs) {
      this.sleepUntil(this.nextStartNs);
      return;
    }
    tracker.advance(nowNs);
    const chunk = this.owed ?? this.take();
    if (chunk !== undefined) this.begin(chunk);
    else if (tracker.staleCount > 0) this.sleepUntil(tracker.nextSettledNs(options.settleNs));
    else this.sleepUntil(tracker.nextStaleNs() + (options.wakeNs ?? 0));
  };

  private take(): MemberChunk | undefined {
    const stale = this.tracker.takeStale(this.options.order, this.options.settleNs);
    // Named one by one, here and below: for each write, and a spread takes some times as long.
    return stale && { group: stale.group, chunk: stale.chunk, member: 0 };
  }

  /** What of the go under way the stop will not write waits for the last pass. */
  private cutGo(): void {
    const run = this.inFlight!;
    if (run.to - run.member === 1) return;
    const to = run.member + this.cutShort!();
    this.inFlight = { ...run, to };
    if (to < run.to) this.next = { ...run, member: to };
  }

  private begin({ group, chunk, member }: MemberChunk): void {
    const nowNs = this.kernel.nowNs;
    const { count, chunkBytes } = this.tracker.groups[group]!;
    this.accountNext();
    const to = Math.min(count, member + Math.ceil(count / GOES_MAX));
    const isLast = to === count;
    if (isLast) this.tracker.markStored(group, chunk);
    this.next = isLast ? undefined : { group, chunk, member: to };
    this.busy = true;
    this.busySinceNs = nowNs;
    this.inFlight = { group, chunk, member, to };
    const bytes = (to - member) * chunkBytes;
    this.nextStartNs = nowNs + Math.round((bytes * 1e9) / this.options.bytesPerS);
    this.cutShort = this.writeChunk(this.inFlight, this.ended);
  }

  /** Books the time that the bitmaps of the chunk taken last have waited. */
  private accountNext(): void {
    const { nowNs } = this.kernel;
    this.nextAreaNs += (nowNs - this.nextSinceNs) * this.owedCount;
    this.nextSinceNs = nowNs;
  }

  private readonly ended = (): void => {
    this.busy = false;
    this.busyNs += this.kernel.nowNs - this.busySinceNs;
    const { group, member, to } = this.inFlight!;
    this.writes += to - member;
    this.bytes += (to - member) * this.tracker.groups[group]!.chunkBytes;
    if (this.stopped !== undefined) this.quiet.fire();
    else this.look();
  };

  /** A moment beyond what the clock can tell (a nearly full bitmap under a calm guest) never comes. */
  private sleepUntil(atNs: TimeNs): void {
    if (atNs <= Number.MAX_SAFE_INTEGER)
      this.wakeUp = this.kernel.schedule(atNs - this.kernel.nowNs, this.look);
  }
}
