/** Sequential streams: each has its own part of the slots, they take turns, and come round at the end of their part. */

export interface SlotStream {
  /** Its first slot, and how many it has. */
  readonly first: number;
  readonly slots: number;
}

/** Equal parts of the slots, as many as there are streams (at most one a slot). */
export function slotStreams(slots: number, streams: number): readonly SlotStream[] {
  const count = Math.max(1, Math.min(streams, slots));
  const edge = (k: number): number => Math.floor((k * slots) / count);
  return Array.from({ length: count }, (_, k) => ({ first: edge(k), slots: edge(k + 1) - edge(k) }));
}

/** Of so many writes in turn, those of stream `k` of `count`. */
export function turnsOf(writes: number, k: number, count: number): number {
  return Math.ceil(Math.max(0, writes - k) / count);
}
