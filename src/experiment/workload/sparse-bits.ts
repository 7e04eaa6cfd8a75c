/**
 * A bitmap that costs memory only where bits are set, so that two thousand volumes of terabytes each stay small.
 * Pages of 1024 bits in one growing pool. Bit numbers may exceed 2^32, so pages are found by division, not by shift.
 */
const PAGE_BITS = 1024;
const PAGE_WORDS = PAGE_BITS / 32;

export class SparseBits {
  /** Bits set. */
  count = 0;
  private readonly slots = new Map<number, number>();
  private words = new Uint32Array(PAGE_WORDS * 4);
  private used = 0;
  private lastPage = -1;
  private lastWord = 0;

  /** Sets the bit; true if it was clear (a first touch). */
  add(bit: number): boolean {
    const page = Math.floor(bit / PAGE_BITS);
    if (page !== this.lastPage) {
      this.lastPage = page;
      this.lastWord = this.pageAt(page);
    }
    const within = bit - page * PAGE_BITS;
    const word = this.lastWord + (within >>> 5);
    const mask = 1 << (within & 31);
    const before = this.words[word]!;
    if (before & mask) return false;
    this.words[word] = before | mask;
    this.count++;
    return true;
  }

  private pageAt(page: number): number {
    const known = this.slots.get(page);
    if (known !== undefined) return known;
    const at = this.used;
    this.used += PAGE_WORDS;
    if (this.used > this.words.length) {
      const grown = new Uint32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    this.slots.set(page, at);
    return at;
  }
}
