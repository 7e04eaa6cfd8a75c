/** A binary heap of chunks by time, on flat arrays; every chunk at most once, and any can be taken out. */
const ABSENT = -1;

export class ChunkHeap {
  private readonly chunks: Int32Array;
  private readonly timesNs: Float64Array;
  /** Where each chunk stands in the heap. */
  private readonly place: Int32Array;
  private size = 0;

  constructor(chunks: number) {
    this.chunks = new Int32Array(chunks);
    this.timesNs = new Float64Array(chunks);
    this.place = new Int32Array(chunks).fill(ABSENT);
  }

  /** The earliest time; Infinity where the heap is empty. */
  get firstNs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.timesNs[0]!;
  }

  get firstChunk(): number {
    return this.chunks[0]!;
  }

  /** Adds a chunk that is not in the heap. */
  push(chunk: number, atNs: number): void {
    this.up(this.size++, chunk, atNs);
  }

  /** Takes a chunk out, if it is in. */
  remove(chunk: number): void {
    const at = this.place[chunk]!;
    if (at === ABSENT) return;
    this.place[chunk] = ABSENT;
    const last = --this.size;
    if (at === last) return;
    const moved = this.chunks[last]!;
    const movedNs = this.timesNs[last]!;
    if (at > 0 && movedNs < this.timesNs[(at - 1) >> 1]!) this.up(at, moved, movedNs);
    else this.down(at, moved, movedNs);
  }

  private up(from: number, chunk: number, atNs: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.timesNs[parent]! <= atNs) break;
      this.put(at, this.chunks[parent]!, this.timesNs[parent]!);
      at = parent;
    }
    this.put(at, chunk, atNs);
  }

  private down(from: number, chunk: number, atNs: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.timesNs[child + 1]! < this.timesNs[child]!) child++;
      if (this.timesNs[child]! >= atNs) break;
      this.put(at, this.chunks[child]!, this.timesNs[child]!);
      at = child;
    }
    this.put(at, chunk, atNs);
  }

  private put(at: number, chunk: number, atNs: number): void {
    this.chunks[at] = chunk;
    this.timesNs[at] = atNs;
    this.place[chunk] = at;
  }
}
