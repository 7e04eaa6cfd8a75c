/** How many requests of each kind a list has, as the log of a storage counts them. */
import type { StoreOp } from '../types.js';

export interface OpCounts {
  readonly writes: number;
  readonly writeBytes: number;
  readonly flushes: number;
  readonly reads: number;
  readonly readBytes: number;
  readonly trims: number;
}

/** The requests of the list, `times` over (alike disks). */
export function countOps(ops: readonly StoreOp[], times = 1): OpCounts {
  const counts = { writes: 0, writeBytes: 0, flushes: 0, reads: 0, readBytes: 0, trims: 0 };
  for (const { op, bytes, count } of ops) {
    const requests = times * count;
    if (op === 'write' || op === 'smallWrite') {
      counts.writes += requests;
      counts.writeBytes += requests * bytes;
    } else if (op === 'read') {
      counts.reads += requests;
      counts.readBytes += requests * bytes;
    } else if (op === 'punch') counts.trims += requests;
    else counts.flushes += requests;
  }
  return counts;
}
