/**
 * Requests of one kind made together. Alike bitmaps give the same few kinds again and again; the time of a stretch
 * between two flushes is the same sum in any order, so tens of thousands of them need not be timed one by one.
 */
import { LIST_MAX } from '../qcow2/oplog.js';
import type { StoreOp } from '../types.js';

type Counted = { -readonly [Field in keyof StoreOp]: StoreOp[Field] };

/** The list as it is, or, where it is long, with requests of one kind between two flushes joined. */
export function gathered(ops: readonly StoreOp[]): readonly StoreOp[] {
  if (ops.length <= LIST_MAX) return ops;
  const out: Counted[] = [];
  /** Those since the last flush: a handful of kinds. */
  let kinds: Counted[] = [];
  for (const op of ops) {
    if (op.op === 'flush') {
      kinds = [];
      out.push({ ...op });
      continue;
    }
    const same = kinds.find(
      (other) => other.op === op.op && other.bytes === op.bytes && other.purpose === op.purpose,
    );
    if (same === undefined) {
      const first = { ...op };
      kinds.push(first);
      out.push(first);
      continue;
    }
    same.count += op.count;
    const scannedClusters = (same.scannedClusters ?? 0) + (op.scannedClusters ?? 0);
    if (scannedClusters > 0) same.scannedClusters = scannedClusters;
  }
  return out;
}
