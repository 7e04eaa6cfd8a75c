/**
 * Requests to the image in order, run-length coded, with QEMU's rule which flushes reach the storage.
 */
import type { StoreOp } from '../types.js';

/**
 * `sent`: every flush QEMU asks for reaches the storage (NBD: its driver flushes without a look at what was
 * written). `skipped`: nothing written since the last flush, nothing sent (files, block devices: the write
 * generation check of bdrv_co_flush).
 */
export type IdleFlushes = 'sent' | 'skipped';

/** A shorter list is left in its order, which traces of a run show; of a longer one requests of a kind are joined. */
export const LIST_MAX = 2_000;

/** A request that is still being counted. */
type Counted = { -readonly [Field in keyof StoreOp]: StoreOp[Field] };

/** The list under construction; a flush enters it by the rule above. */
export class OpLog {
  private ops: Counted[] = [];
  private scanned = 0;
  private dirty = false;
  readonly idleFlushes: IdleFlushes;

  constructor(idleFlushes: IdleFlushes) {
    this.idleFlushes = idleFlushes;
  }

  push(op: StoreOp['op'], bytes: number, count: number, purpose: StoreOp['purpose']): void {
    if (count <= 0) return;
    if (op === 'write' || op === 'smallWrite' || op === 'punch') this.dirty = true;
    const last = this.ops.at(-1);
    const scannedClusters = this.scanned;
    this.scanned = 0;
    if (last && last.op === op && last.bytes === bytes && last.purpose === purpose) {
      // Nobody else has seen it yet.
      last.count += count;
      const merged = scannedClusters + (last.scannedClusters ?? 0);
      if (merged > 0) last.scannedClusters = merged;
    } else if (scannedClusters > 0) this.ops.push({ op, bytes, count, purpose, scannedClusters });
    else this.ops.push({ op, bytes, count, purpose });
  }

  /**
   * The same requests again and again. In a list that is longer than LIST_MAX anyway, the order within what is left of
   * them does not matter; where it is shorter in spite of so many, they are all of one kind.
   */
  repeated(times: number, requests: () => void): void {
    let left = times;
    while (left > 0 && times - left <= LIST_MAX && this.ops.length <= LIST_MAX) {
      requests();
      left--;
    }
    if (left === 0) return;
    const before = this.ops;
    this.ops = [];
    requests();
    const once = this.ops;
    this.ops = before;
    for (const { op, bytes, count, purpose, scannedClusters = 0 } of once) {
      this.scanned += left * scannedClusters;
      this.push(op, bytes, left * count, purpose);
    }
  }

  /** Something was written by others; the next flush is not idle. */
  noteWritten(): void {
    this.dirty = true;
  }

  flush(): void {
    if (this.idleFlushes === 'skipped' && !this.dirty) return;
    this.dirty = false;
    this.push('flush', 0, 1, 'flush');
  }

  /** Refcounts looked at by the walk for free clusters: CPU time, booked on the next request. */
  scan(clusters: number): void {
    this.scanned += clusters;
  }

  /** Hands the list over and starts a new one; what was written since the last flush stays known. */
  take(): readonly StoreOp[] {
    const taken = this.ops;
    this.ops = [];
    this.scanned = 0;
    return taken;
  }
}

const LETTER = { write: 'W', smallWrite: 'W', read: 'R', punch: 'T', flush: 'F' } as const;

/** Words in order, equal neighbours joined: `W65536x32 W256 F`. */
export function runLengthText(words: Iterable<readonly [word: string, count: number]>): string {
  const runs: { word: string; count: number }[] = [];
  for (const [word, count] of words) {
    const last = runs.at(-1);
    if (last?.word === word) last.count += count;
    else runs.push({ word, count });
  }
  return runs.map(({ word, count }) => (count > 1 ? `${word}x${count}` : word)).join(' ');
}

/** The list as measured rows write it. */
export function formatSequence(ops: readonly StoreOp[]): string {
  return runLengthText(
    ops.map(({ op, bytes, count }) => [op === 'flush' ? LETTER.flush : `${LETTER[op]}${bytes}`, count]),
  );
}
