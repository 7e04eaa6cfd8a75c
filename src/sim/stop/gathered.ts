/**
 * Requests of one kind made together. Alike bitmaps give the same few kinds again and again; the time of a stretch
 * between two flushes is the same sum in any order, so tens of thousands of them need not be timed one by one.
 */
import type { StoreOp } from '../types.js';

/** A shorter list is left in its order, which traces of a run show. */
const LIST_MAX = 2_000;

/** The list as it is, or, where it is long, with requests of one kind between two flushes joined. */
export function gathered(ops: readonly StoreOp[]): readonly StoreOp[] {
  if (ops.length <= LIST_MAX) return ops;
  const out: StoreOp[] = [];
  let kinds = new Map<string, number>();
  for (const op of ops) {
    const kind = `${op.op} ${op.bytes} ${op.purpose}`;
    const at = kinds.get(kind);
    if (op.op === 'flush') kinds = new Map();
    if (at === undefined || op.op === 'flush') {
      if (op.op !== 'flush') kinds.set(kind, out.length);
      out.push(op);
      continue;
    }
    const same = out[at]!;
    const scannedClusters = (same.scannedClusters ?? 0) + (op.scannedClusters ?? 0);
    out[at] = { ...same, count: same.count + op.count, ...(scannedClusters > 0 && { scannedClusters }) };
  }
  return out;
}
