/** Per-window counts that grow with the trace, and the marks that make a chunk count once a window. */
import { InputError } from '../../base/errors.js';

/** More windows than anybody reads; 31 days of seconds are 2.7 million. */
const WINDOWS_MAX = 20_000_000;

/** One number a window. */
export class WindowCounts {
  private values = new Float64Array(1024);

  add(window: number, amount: number): void {
    if (window >= this.values.length) {
      if (window >= WINDOWS_MAX)
        throw new InputError(
          `--window: the trace has more than ${WINDOWS_MAX} windows of this length; give a longer one`,
        );
      const grown = new Float64Array(Math.max(window + 1, this.values.length * 2));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[window] = this.values[window]! + amount;
  }

  /** The first `count` windows. */
  take(count: number): Float64Array {
    const taken = new Float64Array(count);
    taken.set(this.values.subarray(0, Math.min(count, this.values.length)));
    return taken;
  }
}

/** Counts, for one chunk size, the distinct chunks with a first touch in each window. */
export class ChunkCounts {
  readonly chunkBytes: number;
  readonly counts = new WindowCounts();
  private readonly granulesPerChunk: number;
  /** Window of the latest first touch, by chunk, by device. */
  private readonly latest: Map<number, number>[] = [];
  private device = -1;
  private chunk = -1;
  private window = -1;

  constructor(chunkBytes: number) {
    this.chunkBytes = chunkBytes;
    this.granulesPerChunk = chunkBytes * 8;
  }

  firstTouch(device: number, granule: number, window: number): void {
    const chunk = Math.floor(granule / this.granulesPerChunk);
    if (chunk === this.chunk && window === this.window && device === this.device) return;
    this.chunk = chunk;
    this.window = window;
    this.device = device;
    const latest = (this.latest[device] ??= new Map());
    if (latest.get(chunk) === window) return;
    latest.set(chunk, window);
    this.counts.add(window, 1);
  }
}
