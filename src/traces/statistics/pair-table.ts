/** Numbers pairs of whole numbers below 2^32 in the order of their first use, with a few words of room for each. */
const EMPTY = -1;
const START = 1024;

/** Odd factors mix the low bits upwards; the slot is taken from the top. */
const hash = (a: number, b: number): number => {
  const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
};

/** Open addressing with linear probing: it costs 8 bytes a pair besides the record; a Map of keys costs about 40. */
export class PairTable {
  /** Pairs known. */
  size = 0;
  /** Words of each pair's record: the pair itself, then those of the user. */
  readonly stride: number;
  /** Records by number; replaced as the table grows, so read it anew after `numberOf`. */
  records: Uint32Array;
  private slots = new Int32Array(START * 2).fill(EMPTY);
  private shift = 32 - Math.log2(START * 2);

  constructor(userWords: number) {
    this.stride = 2 + userWords;
    this.records = new Uint32Array(START * this.stride);
  }

  /** The pair's number; a new pair gets the next one. */
  numberOf(a: number, b: number): number {
    const { slots, records, stride } = this;
    const mask = slots.length - 1;
    let slot = hash(a, b) >>> this.shift;
    for (let known = slots[slot]!; known !== EMPTY; known = slots[slot]!) {
      if (records[known * stride] === a && records[known * stride + 1] === b) return known;
      slot = (slot + 1) & mask;
    }
    if (this.size * stride === records.length) {
      this.grow();
      return this.numberOf(a, b);
    }
    const number = this.size++;
    slots[slot] = number;
    records[number * stride] = a;
    records[number * stride + 1] = b;
    return number;
  }

  /** Half of the slots stay empty, so that probes stay short. */
  private grow(): void {
    const records = new Uint32Array(2 * this.records.length);
    records.set(this.records);
    this.records = records;
    this.shift--;
    this.slots = new Int32Array(2 * this.slots.length).fill(EMPTY);
    const mask = this.slots.length - 1;
    for (let i = 0; i < this.size; i++) {
      let slot = hash(records[i * this.stride]!, records[i * this.stride + 1]!) >>> this.shift;
      while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.slots[slot] = i;
    }
  }
}
