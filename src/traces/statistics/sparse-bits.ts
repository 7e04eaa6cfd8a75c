/**
 * The bitmaps of all disks of a trace, in memory that follows what is set: a thousand volumes of a terabyte take a few
 * bytes for each bit. A page stands for 32768 bits. While few of them are set it is a hash set of their numbers, later
 * the bits themselves. Bit numbers may exceed 2^32, so pages are found by division, not by shift.
 */
import { BlockPool, WITHIN } from './block-pool.js';
import { PairTable } from './pair-table.js';

export const PAGE_BITS = 32_768;
/** log2 of the words of a page: first as a set, and as bits. */
const FIRST = 2;
const AS_BITS = 11;

/** Words of a page's record after its disk and number: its block, and log2 of the block's words times 2^16 + bits set. */
const BLOCK = 2;
const SIZE_COUNT = 3;
const NO_SIZE = 0;

const hash = (bit: number, size: number): number => (Math.imul(bit, 0x9e3779b1) >>> (32 - size)) | 0;

export class SparseBits {
  /** Bits set, on all disks. */
  count = 0;
  /** Number of the page of the bit last added; pages are numbered as they are first used. */
  page = -1;
  private readonly table = new PairTable(2);
  private readonly pool = new BlockPool();
  private device = -1;
  private pageOfDevice = -1;

  /** Sets the bit; true if it was clear (a first touch). */
  add(device: number, bit: number): boolean {
    const page = Math.floor(bit / PAGE_BITS);
    if (page !== this.pageOfDevice || device !== this.device) {
      this.device = device;
      this.pageOfDevice = page;
      this.page = this.table.numberOf(device, page);
    }
    if (!this.set(bit - page * PAGE_BITS)) return false;
    this.count++;
    return true;
  }

  private set(within: number): boolean {
    const { records, stride } = this.table;
    const record = this.page * stride;
    const sizeCount = records[record + SIZE_COUNT]!;
    const size = sizeCount >>> 16;
    const block = records[record + BLOCK]!;
    if (size === AS_BITS) {
      const words = this.pool.wordsOf(block);
      const word = (block & WITHIN) + (within >>> 4);
      const mask = 1 << (within & 15);
      if (words[word]! & mask) return false;
      words[word] = words[word]! | mask;
      return true;
    }
    if (size === NO_SIZE) {
      records[record + BLOCK] = this.pool.take(FIRST);
      records[record + SIZE_COUNT] = (FIRST << 16) | 1;
      return this.enter(records[record + BLOCK]!, FIRST, within);
    }
    if (!this.enter(block, size, within)) return false;
    records[record + SIZE_COUNT] = sizeCount + 1;
    // At most three quarters full.
    if (4 * ((sizeCount & 0xffff) + 1) > 3 << size) this.grow(record, block, size);
    return true;
  }

  /** Puts a bit's number into a page that is a set; 0 is an empty place. False if it was there. */
  private enter(block: number, size: number, within: number): boolean {
    const words = this.pool.wordsOf(block);
    const first = block & WITHIN;
    const mask = (1 << size) - 1;
    let slot = hash(within, size);
    for (let held = words[first + slot]!; held !== 0; held = words[first + slot]!) {
      if (held === within + 1) return false;
      slot = (slot + 1) & mask;
    }
    words[first + slot] = within + 1;
    return true;
  }

  /** Twice the room; a set that would be as large as the bits becomes the bits. */
  private grow(record: number, block: number, size: number): void {
    const grown = this.pool.take(size + 1);
    const from = this.pool.wordsOf(block);
    const first = block & WITHIN;
    const to = this.pool.wordsOf(grown);
    const base = grown & WITHIN;
    for (let i = first; i < first + 2 ** size; i++) {
      const held = from[i]!;
      if (held === 0) continue;
      const within = held - 1;
      if (size + 1 < AS_BITS) this.enter(grown, size + 1, within);
      else to[base + (within >>> 4)] = to[base + (within >>> 4)]! | (1 << (within & 15));
    }
    this.pool.give(block);
    const { records } = this.table;
    records[record + BLOCK] = grown;
    records[record + SIZE_COUNT] = ((size + 1) << 16) | (records[record + SIZE_COUNT]! & 0xffff);
  }
}
