/**
 * What-if loadEarly: the destination reads bitmap clusters from the image while the guest still runs, one request at a
 * time, and in the stop reads only those that it has not, or that were written again since. QEMU has no such thing:
 * the source would have to tell the destination which clusters are done.
 */
/** Reads a cluster of the image and calls `done` at the end. */
export type ReadCluster = (done: () => void) => void;

/** More entries than a bitmap's table can have: keeps keys of different bitmaps apart. */
const ENTRIES_MAX = 2 ** 32;

/** The reader of one disk's image. Clusters are named by bitmap (by position) and entry of its table. */
export class EarlyLoad {
  private readonly readCluster: ReadCluster;
  /** In order of asking. */
  private readonly queue = new Set<number>();
  private readonly read = new Set<number>();
  private reading = false;
  /** What is being read; null: nothing, or something that was written meanwhile. */
  private inFlight: number | null = null;
  private stopped = false;

  constructor(readCluster: ReadCluster) {
    this.readCluster = readCluster;
  }

  /** The cluster is about to be written: what was read of it no longer counts. */
  forget(bitmap: number, entry: number): void {
    const key = bitmap * ENTRIES_MAX + entry;
    this.read.delete(key);
    this.queue.delete(key);
    if (this.inFlight === key) this.inFlight = null;
  }

  /** The cluster is in the image as it is now. */
  want(bitmap: number, entry: number): void {
    this.queue.add(bitmap * ENTRIES_MAX + entry);
    if (!this.reading) this.next();
  }

  /** Nothing more is read; a read in flight does not count. */
  stop(): void {
    this.stopped = true;
  }

  /** Clusters that need not be read in the stop. */
  get clusters(): number {
    return this.read.size;
  }

  private next(): void {
    const [key] = this.queue;
    if (key === undefined || this.stopped) return;
    this.queue.delete(key);
    this.inFlight = key;
    this.reading = true;
    this.readCluster(() => {
      this.reading = false;
      if (this.stopped) return;
      if (this.inFlight === key) this.read.add(key);
      this.inFlight = null;
      this.next();
    });
  }
}
