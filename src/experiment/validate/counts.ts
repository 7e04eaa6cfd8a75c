/** Requests by kind, as the storage's log counts them, against the columns of a measured row. */
import type { StoreOp } from '../../sim/types.js';
import type { MeasuredRow } from './rows.js';

export interface RequestCounts {
  readonly writes: number;
  readonly write_bytes: number;
  readonly flushes: number;
  readonly reads: number;
  readonly read_bytes: number;
  readonly trims: number;
}

/** Counts over `disks` alike disks. */
export function countRequests(ops: readonly StoreOp[], disks = 1): RequestCounts {
  const counts = { writes: 0, write_bytes: 0, flushes: 0, reads: 0, read_bytes: 0, trims: 0 };
  for (const { op, bytes, count } of ops) {
    const requests = disks * count;
    switch (op) {
      case 'write':
      case 'smallWrite':
        counts.writes += requests;
        counts.write_bytes += requests * bytes;
        break;
      case 'read':
        counts.reads += requests;
        counts.read_bytes += requests * bytes;
        break;
      case 'punch':
        counts.trims += requests;
        break;
      case 'flush':
        counts.flushes += requests;
        break;
    }
  }
  return counts;
}

/** How many of the measured counts differ; empty cells were not measured. */
export function countMismatches(row: MeasuredRow, predicted: Partial<Record<string, number>>): number {
  return Object.entries(predicted).filter(([column, value]) => {
    const measured = row.optional(column);
    return measured !== undefined && measured !== value;
  }).length;
}
