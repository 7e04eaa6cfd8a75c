/**
 * A bijection of [0, n) that scatters neighbours, without a table: a Feistel network over the bits of n - 1 (four
 * rounds, halves of unequal width where the number of bits is odd), repeated until the result lies below n
 * (cycle walking: fewer than two rounds on average). J. Black and P. Rogaway, "Ciphers with Arbitrary Finite Domains".
 */
import { assert } from '../../base/assert.js';
import type { WordSource } from './word-source.js';

const ROUNDS = 4;

function mix(x: number, key: number): number {
  let h = Math.imul(x ^ key, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export class Permutation {
  readonly size: number;
  private readonly lowSpan: number;
  private readonly lowMask: number;
  private readonly highMask: number;
  private readonly keys: Int32Array;

  constructor(size: number, source: WordSource) {
    assert(size >= 1 && size <= 2 ** 53, 'a permutation needs 1 to 2^53 elements');
    this.size = size;
    let bits = 2;
    while (2 ** bits < size) bits++;
    const lowBits = Math.ceil(bits / 2);
    this.lowSpan = 2 ** lowBits;
    this.lowMask = this.lowSpan - 1;
    this.highMask = 2 ** (bits - lowBits) - 1;
    this.keys = Int32Array.from({ length: ROUNDS }, () => source.uint32() | 0);
  }

  /** The place of element `index`. */
  at(index: number): number {
    const { size, lowSpan, lowMask, highMask, keys } = this;
    let place = index;
    do {
      let high = Math.floor(place / lowSpan);
      let low = place - high * lowSpan;
      for (let r = 0; r < ROUNDS; r += 2) {
        high ^= mix(low, keys[r]!) & highMask;
        low ^= mix(high, keys[r + 1]!) & lowMask;
      }
      place = high * lowSpan + low;
    } while (place >= size);
    return place;
  }
}
