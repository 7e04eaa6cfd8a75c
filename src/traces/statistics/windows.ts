/** Per-window counts that grow with the trace, and the marks that make a chunk count once a window. */
import { InputError } from '../../base/errors.js';
import { PairTable } from './pair-table.js';
import { PAGE_BITS } from './sparse-bits.js';

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
class ChunkCounts {
  readonly counts = new WindowCounts();
  private readonly granules: number;
  /** Chunks in a page of the bitmap; below 1 where a chunk spans several. */
  private readonly perPage: number;
  /** Window of the latest first touch, plus 1, by cell. */
  private latest = new Uint32Array(1024);
  /** Cells of chunks of several pages, and the cell of each page. */
  private readonly wide = new PairTable(0);
  private cells = new Uint32Array(1024);
  private pages = 0;

  constructor(chunkBytes: number) {
    this.granules = chunkBytes * 8;
    this.perPage = PAGE_BITS / this.granules;
  }

  /** False if the chunk was touched in this window before. */
  touch(page: number, device: number, granule: number, window: number): boolean {
    const cell =
      this.perPage >= 1
        ? page * this.perPage + Math.floor((granule % PAGE_BITS) / this.granules)
        : this.cellOf(page, device, granule);
    if (cell >= this.latest.length) this.latest = enlarged(this.latest, cell);
    if (this.latest[cell] === window + 1) return false;
    this.latest[cell] = window + 1;
    this.counts.add(window, 1);
    return true;
  }

  private cellOf(page: number, device: number, granule: number): number {
    if (page < this.pages) return this.cells[page]!;
    // Pages are numbered in the order of their first touch, so this one is new.
    if (page >= this.cells.length) this.cells = enlarged(this.cells, page);
    const cell = this.wide.numberOf(device, Math.floor(granule / this.granules));
    this.cells[page] = cell;
    this.pages = page + 1;
    return cell;
  }
}

function enlarged(words: Uint32Array, index: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(index + 1, 2 * words.length));
  grown.set(words);
  return grown;
}

/** As `ChunkCounts`, for several sizes in one pass. */
export class StaleChunks {
  /** Smallest first. */
  private readonly sizes: readonly ChunkCounts[];
  private readonly byOrder: readonly ChunkCounts[];

  constructor(chunksBytes: readonly number[]) {
    this.byOrder = chunksBytes.map((bytes) => new ChunkCounts(bytes));
    const order = chunksBytes.map((_, i) => i).sort((a, b) => chunksBytes[a]! - chunksBytes[b]!);
    this.sizes = order.map((i) => this.byOrder[i]!);
  }

  /** `page`: the page of the granule in the bitmaps that told the first touch. */
  firstTouch(page: number, device: number, granule: number, window: number): void {
    // Sizes are powers of two: where the smaller chunk was touched, so was the larger one around it.
    for (const size of this.sizes) if (!size.touch(page, device, granule, window)) return;
  }

  /** One column a size, in the order asked for. */
  take(windowCount: number): Float64Array[] {
    return this.byOrder.map((size) => size.counts.take(windowCount));
  }
}
