/**
 * What-if loadEarly: the destination reads bitmap clusters from the image while the guest still runs, one request at a
 * time, and in the stop reads only those that it has not, or that were written again since. QEMU has no such thing:
 * the source would have to tell the destination which clusters are done (qemu-facts H.3).
 */
/** Reads so many clusters of the image, one after another, and calls `done` at the end. */
export type ReadClusters = (clusters: number, done: () => void) => void;

interface Wanted {
  readonly key: number;
  readonly clusters: number;
}

/** More entries than a bitmap's table can have: keeps keys of different bitmaps apart. */
const ENTRIES_MAX = 2 ** 32;

/** The reader of one disk's image. Clusters are named by bitmap group and entry of its table; alike bitmaps are read together. */
export class EarlyLoad {
  private readonly readClusters: ReadClusters;
  private readonly queue = new Map<number, Wanted>();
  private readonly read = new Map<number, number>();
  private reading = false;
  /** What is being read; null: nothing, or something that was written meanwhile. */
  private inFlight: number | null = null;
  private stopped = false;

  constructor(readClusters: ReadClusters) {
    this.readClusters = readClusters;
  }

  /** The cluster is about to be written: what was read of it no longer counts. */
  forget(group: number, entry: number): void {
    const key = group * ENTRIES_MAX + entry;
    this.read.delete(key);
    this.queue.delete(key);
    if (this.inFlight === key) this.inFlight = null;
  }

  /** The cluster is in the image as it is now, once for each of `clusters` alike bitmaps. */
  want(group: number, entry: number, clusters: number): void {
    const key = group * ENTRIES_MAX + entry;
    this.queue.set(key, { key, clusters });
    if (!this.reading) this.next();
  }

  /** Nothing more is read; a read in flight does not count. */
  stop(): void {
    this.stopped = true;
  }

  /** Clusters that need not be read in the stop. */
  get clusters(): number {
    return [...this.read.values()].reduce((sum, clusters) => sum + clusters, 0);
  }

  private next(): void {
    const [wanted] = this.queue.values();
    if (!wanted || this.stopped) return;
    this.queue.delete(wanted.key);
    this.inFlight = wanted.key;
    this.reading = true;
    this.readClusters(wanted.clusters, () => {
      this.reading = false;
      if (this.stopped) return;
      if (this.inFlight === wanted.key) this.read.set(wanted.key, wanted.clusters);
      this.inFlight = null;
      this.next();
    });
  }
}
