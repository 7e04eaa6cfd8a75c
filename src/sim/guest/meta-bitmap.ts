/**
 * The meta-bitmap: which chunks changed since they were last written to the image, in order of becoming stale and in
 * ascending order. Flat arrays; marks, unmarks and both kinds of take are O(1) or nearly so.
 *
 * One-sided contract, as QEMU's old `hbitmap_create_meta` had it: a changed bit always shows; a mark without a
 * change is allowed (nothing here makes one but `markAllStale`).
 */
import type { TimeNs } from '../../kernel/kernel.js';

const NONE = -1;

export class MetaBitmap {
  /** 1 where the chunk is stale; no entries before the first mark. */
  stale = new Uint8Array(0);
  /** Marks, and the chunks of single bitmaps that they stand for. */
  count = 0;
  bitmapChunks = 0;
  /** The most `bitmapChunks` at once so far. */
  max = 0;
  private readonly chunks: number;
  private readonly bitmapsOf: (chunk: number) => number;
  /** When each stale chunk became so. */
  private sinceNs = new Float64Array(0);
  // A doubly linked list in order of becoming stale: chunks may leave from the middle (ascending order).
  private next = new Int32Array(0);
  private previous = new Int32Array(0);
  private head = NONE;
  private tail = NONE;
  // Ascending order goes round like a lift, from the chunk after the last one taken.
  private cursor = 0;
  private words = new Uint32Array(0);
  private summary = new Uint32Array(0);
  private areaNs = 0;
  private areaUntilNs = 0;

  /** `bitmapsOf`: how many alike bitmaps a chunk stands for. */
  constructor(chunks: number, bitmapsOf: (chunk: number) => number = () => 1) {
    this.chunks = chunks;
    this.bitmapsOf = bitmapsOf;
  }

  /** Room for all chunks, where any is ever stale: most strategies look at no mark. */
  private unfold(): void {
    const { chunks } = this;
    this.stale = new Uint8Array(chunks);
    this.sinceNs = new Float64Array(chunks);
    this.next = new Int32Array(chunks).fill(NONE);
    this.previous = new Int32Array(chunks).fill(NONE);
    this.words = new Uint32Array(Math.ceil(chunks / 32));
    this.summary = new Uint32Array(Math.ceil(this.words.length / 32));
  }

  /** Sum over time of `bitmapChunks`, up to `nowNs`, in chunk-nanoseconds. */
  staleAreaNs(nowNs: TimeNs): number {
    return this.areaNs + this.bitmapChunks * (nowNs - this.areaUntilNs);
  }

  /** The chunk becomes stale; nothing where it is so already. */
  mark(chunk: number, nowNs: TimeNs): void {
    if (this.stale[chunk] === 1) return;
    if (this.stale.length === 0) this.unfold();
    this.account(nowNs);
    this.stale[chunk] = 1;
    this.sinceNs[chunk] = nowNs;
    this.previous[chunk] = this.tail;
    this.next[chunk] = NONE;
    if (this.tail === NONE) this.head = chunk;
    else this.next[this.tail] = chunk;
    this.tail = chunk;
    const word = chunk >>> 5;
    this.words[word] = this.words[word]! | (1 << (chunk & 31));
    this.summary[word >>> 5] = this.summary[word >>> 5]! | (1 << (word & 31));
    this.count++;
    this.bitmapChunks += this.bitmapsOf(chunk);
    if (this.bitmapChunks > this.max) this.max = this.bitmapChunks;
  }

  clear(chunk: number, nowNs: TimeNs): void {
    if (this.stale[chunk] !== 1) return;
    this.account(nowNs);
    this.stale[chunk] = 0;
    this.count--;
    this.bitmapChunks -= this.bitmapsOf(chunk);
    const before = this.previous[chunk]!;
    const after = this.next[chunk]!;
    if (before === NONE) this.head = after;
    else this.next[before] = after;
    if (after === NONE) this.tail = before;
    else this.previous[after] = before;
    const word = chunk >>> 5;
    this.words[word] = this.words[word]! & ~(1 << (chunk & 31));
    if (this.words[word] === 0) this.summary[word >>> 5] = this.summary[word >>> 5]! & ~(1 << (word & 31));
  }

  /** When the chunk that has been stale longest became so; Infinity where none is stale. */
  oldestNs(): number {
    return this.head === NONE ? Number.POSITIVE_INFINITY : this.sinceNs[this.head]!;
  }

  /** The next chunk in order that has been stale for `settleNs`, unmarked; -1 where there is none. */
  take(order: 'fifo' | 'ascending', settleNs: TimeNs, nowNs: TimeNs): number {
    if (this.head === NONE || this.oldestNs() + settleNs > nowNs) return NONE;
    const chunk = order === 'fifo' ? this.head : this.nextSettled(settleNs, nowNs);
    this.cursor = chunk + 1;
    this.clear(chunk, nowNs);
    return chunk;
  }

  /** The stale chunk at or after `from`; -1 where there is none. */
  firstFrom(from: number): number {
    let word = from >>> 5;
    if (word >= this.words.length) return NONE;
    const first = this.words[word]! & (-1 << (from & 31));
    if (first !== 0) return (word << 5) + lowest(first);
    word++;
    let top = word >>> 5;
    if (top >= this.summary.length) return NONE;
    let found = this.summary[top]! & (-1 << (word & 31));
    while (found === 0) {
      if (++top === this.summary.length) return NONE;
      found = this.summary[top]!;
    }
    const at = (top << 5) + lowest(found);
    return (at << 5) + lowest(this.words[at]!);
  }

  /** Only called while the oldest has settled, so it ends. */
  private nextSettled(settleNs: TimeNs, nowNs: TimeNs): number {
    let chunk = this.firstFrom(this.cursor);
    for (;;) {
      if (chunk === NONE) chunk = this.firstFrom(0);
      if (this.sinceNs[chunk]! + settleNs <= nowNs) return chunk;
      chunk = this.firstFrom(chunk + 1);
    }
  }

  private account(nowNs: TimeNs): void {
    this.areaNs += this.bitmapChunks * (nowNs - this.areaUntilNs);
    this.areaUntilNs = nowNs;
  }
}

/** Index of the lowest one bit of a word that is not 0. */
function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}
