/**
 * Counts by chunk. A bitmap in the stream has tens of thousands of chunks, and each replication looks at all of them several
 * times: plain loops, since a function called for each takes longer than all else of a short run.
 */

/** Of all chunks together. */
export function totalOf(counts: Uint32Array): number {
  let sum = 0;
  for (let chunk = 0; chunk < counts.length; chunk++) sum += counts[chunk]!;
  return sum;
}

/** Chunks that have any. */
export function nonZeroIn(counts: Uint32Array): number {
  let chunks = 0;
  for (let chunk = 0; chunk < counts.length; chunk++) if (counts[chunk]! > 0) chunks++;
  return chunks;
}

/** The same in every chunk. */
export function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  for (let chunk = 0; chunk < a.length; chunk++) if (a[chunk] !== b[chunk]) return false;
  return true;
}
