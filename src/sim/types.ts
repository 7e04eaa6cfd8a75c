/**
 * The seams of the model. Two engines implement DirtyTracker; the store, the strategies and the controller
 * see nothing else of a guest.
 */
import type { TimeNs } from '../kernel/kernel.js';
import type { OpClass } from './scenario.js';

/** A chunk of a bitmap group: what one meta-bitmap bit stands for. */
export interface ChunkRef {
  readonly group: number;
  readonly chunk: number;
}

/** The chunk of one bitmap of a group of alike ones, counted from 0. */
export interface MemberChunk extends ChunkRef {
  readonly member: number;
}

/** The chunk of the bitmaps member..to-1 of a group. */
export interface MemberRun extends MemberChunk {
  readonly to: number;
}

/** The alike bitmaps of one disk (one BitmapSpec), as the engines keep them: one content for all `count`. */
export interface BitmapGroup {
  readonly granularityBytes: number;
  readonly count: number;
  readonly recording: boolean;
  /** Bits of one bitmap, and its serialized bytes: 8 * ceil(bits / 64) (qcow2). */
  readonly bits: number;
  readonly bytes: number;
  readonly chunkBytes: number;
  readonly chunkCount: number;
  /** Bits set per chunk, by chunk index. Only ever grows during a run. True after `sync()`, and for a chunk just taken. */
  readonly setCount: Uint32Array;
  /** Bits of the chunk that the image holds: what setCount was when the chunk was last copied. */
  readonly storedCount: Uint32Array;
}

/**
 * The guest's writes on one disk, applied to the bitmaps when somebody looks (lazily, in batches).
 *
 * Contract
 * - `advance(t)` applies every write with arrival time <= t; time never goes back.
 * - A chunk becomes stale only when one of its bits goes 0 -> 1; a changed bit always makes its chunk stale.
 * - `takeStale` clears the mark *before* the caller copies the chunk, so that a racing set is never lost.
 * - Bits only go 0 -> 1 during a run, so a copy is a subset of the truth, and equal counts mean equal bits.
 */
export interface DirtyTracker {
  readonly engine: 'per-write' | 'first-touch';
  readonly groups: readonly BitmapGroup[];
  readonly nowNs: TimeNs;
  /** Guest writes that arrived so far, and their bytes. */
  readonly writes: number;
  /** Writes up to a moment, where they are not drawn but told by their expected number. */
  writesBy?(atNs: TimeNs): number;
  readonly writtenBytes: number;
  /** Bits set by the guest so far over the groups, each group counted once (first touches). */
  readonly firstTouches: number;
  /** Chunks marked stale now, over all groups; those of alike bitmaps count each. */
  readonly staleCount: number;
  /** The most of them at once so far. */
  readonly staleCountMax: number;
  /** Sum of the stale count over time up to nowNs, in chunk-nanoseconds: differences give exact time averages. */
  readonly staleAreaNs: number;
  advance(untilNs: TimeNs): void;
  /**
   * When to look again: now where a chunk is stale; otherwise a time not after the next moment one becomes stale
   * (mostly that very moment), and after now. Applies nothing. Infinity: nothing will ever come.
   */
  nextStaleNs(): TimeNs;
  /** Brings the counts of all groups and `firstTouches` up to nowNs; `advance` alone may leave them behind. */
  sync(): void;
  /** The next stale chunk in the order given, unmarked; undefined where none is stale (or none has settled by now). */
  takeStale(order: 'fifo' | 'ascending', settleNs: TimeNs): ChunkRef | undefined;
  isStale(group: number, chunk: number): boolean;
  /** When the oldest stale chunk will have settled; Infinity where none is stale. */
  nextSettledNs(settleNs: TimeNs): TimeNs;
  /** All stale chunks of one group in ascending order, marks kept (for the last pass). */
  staleChunks(group: number): readonly number[];
  /** Notes that the image now holds the chunk as it is (call it when the copy is made: at the start of the write). */
  markStored(group: number, chunk: number): void;
  /** Marks chunks with bits that the image does not hold yet (start of a pre-flush); `all`: every chunk. */
  markAllStale(all?: boolean): void;
  /** Takes for granted that the image holds all bits set so far (no initial pass needed). */
  markAllStored(): void;
}

/** One kind of request to the image, `count` times in a row: the store's op list is a list of these, in order. */
export interface StoreOp {
  readonly op: OpClass;
  readonly bytes: number;
  readonly count: number;
  /** What it is for; the phases of the stop and the explanation are built from this. */
  readonly purpose:
    | 'scan'
    | 'data'
    | 'table'
    | 'directory'
    | 'refcount'
    | 'header'
    | 'old-directory'
    | 'old-table'
    | 'punch'
    | 'flush'
    | 'load'
    | 'mark-in-use';
  /** Refcounts the search for free clusters looked at since the op before this run: CPU time of the host. */
  readonly scannedClusters?: number;
}
