/**
 * Blocks of 16-bit words in sizes of powers of two, cut from slabs of one size each. A slab whose blocks were all given
 * back serves another size: pages that grow in step leave nothing behind.
 */

/** 1 MiB. */
const SLAB_WORDS = 2 ** 19;
const SLAB_BITS = 19;

interface Slab {
  readonly words: Uint16Array;
  /** log2 of its blocks' words. */
  size: number;
  /** Blocks given back, by their first word in the slab. */
  readonly free: number[];
  /** Words never given out begin here. */
  fresh: number;
  live: number;
}

export class BlockPool {
  private readonly slabs: Slab[] = [];
  private readonly empty: number[] = [];
  /** Slabs with room, by log2 of the block's words. */
  private readonly open: number[][] = [];

  /** A block of 2^size words, all 0: where it is. */
  take(size: number): number {
    const list = (this.open[size] ??= []);
    let at = list.at(-1);
    if (at === undefined) list.push((at = this.slab(size)));
    const slab = this.slabs[at]!;
    let from = slab.free.pop();
    if (from === undefined) {
      from = slab.fresh;
      slab.fresh += 2 ** size;
    }
    slab.words.fill(0, from, from + 2 ** size);
    slab.live++;
    if (slab.free.length === 0 && slab.fresh === SLAB_WORDS) list.pop();
    return at * SLAB_WORDS + from;
  }

  give(block: number): void {
    const at = block >>> SLAB_BITS;
    const slab = this.slabs[at]!;
    const list = this.open[slab.size]!;
    const wasFull = slab.free.length === 0 && slab.fresh === SLAB_WORDS;
    slab.live--;
    if (slab.live === 0) {
      if (!wasFull) list.splice(list.indexOf(at), 1);
      slab.free.length = 0;
      this.empty.push(at);
      return;
    }
    slab.free.push(block & (SLAB_WORDS - 1));
    if (wasFull) list.push(at);
  }

  /** The words of the slab that holds the block; the block begins at `block & WITHIN`. */
  wordsOf(block: number): Uint16Array {
    return this.slabs[block >>> SLAB_BITS]!.words;
  }

  private slab(size: number): number {
    const at = this.empty.pop() ?? this.slabs.length;
    if (at === 2 ** (32 - SLAB_BITS)) throw new RangeError('bitmaps take more than 8 GiB');
    this.slabs[at] = {
      words: this.slabs[at]?.words ?? new Uint16Array(SLAB_WORDS),
      size,
      free: [],
      fresh: 0,
      live: 0,
    };
    return at;
  }
}

/** Mask of the place of a block in its slab's words. */
export const WITHIN = SLAB_WORDS - 1;
