/** Flat bit arrays as words: ranges, random bits, counts. Bit i is bit i mod 32 of word i / 32. */
import { exponential } from './exponential.js';
import type { WordSource } from './word-source.js';

/** Below this probability it is quicker to draw the gaps between set bits than the bits. */
const SPARSE = 1 / 64;
const PROBABILITY_BITS = 53;

/** Set bits of a 32-bit word. */
function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Word of a bit, also where its index passes 2^31. */
const wordOf = (bit: number): number => Math.floor(bit / 32);

/** True where the bit is set; words of 32 bits. */
export function hasBit(words: Uint32Array, bit: number): boolean {
  return (words[wordOf(bit)]! & (1 << (bit % 32))) !== 0;
}

/** Sets the bit; words of 32 bits. */
export function setBit(words: Uint32Array, bit: number): void {
  const word = wordOf(bit);
  words[word] = words[word]! | (1 << (bit % 32));
}

/** Ones of the bits from `from % 32` on, and of the bits before `to % 32` (all where that is 0). */
const maskFrom = (from: number): number => -1 << (from % 32);
const maskBefore = (to: number): number => (to % 32 === 0 ? -1 : ~(-1 << (to % 32)));

/** Sets the bits from..to-1. */
export function setRange(words: Uint32Array, from: number, to: number): void {
  if (from >= to) return;
  const first = wordOf(from);
  const last = wordOf(to - 1);
  if (first === last) {
    words[first] = words[first]! | (maskFrom(from) & maskBefore(to));
    return;
  }
  words[first] = words[first]! | maskFrom(from);
  words.fill(0xffffffff, first + 1, last);
  words[last] = words[last]! | maskBefore(to);
}

/** Sets each of the bits from..to-1 with probability p, independently, and leaves set bits set. Exact to 2^-53. */
export function setBernoulli(
  words: Uint32Array,
  from: number,
  to: number,
  p: number,
  source: WordSource,
): void {
  if (!(p > 0) || from >= to) return;
  if (p >= 1) {
    setRange(words, from, to);
    return;
  }
  if (p < SPARSE) {
    eachBernoulli(from, to, p, source, (bit) => setBit(words, bit));
    return;
  }
  const digits = Uint8Array.from({ length: PROBABILITY_BITS }, (_, k) => Math.floor(p * 2 ** (k + 1)) % 2);
  // After the last one of p, what is still undecided is not below it.
  const steps = digits.lastIndexOf(1) + 1;
  const first = wordOf(from);
  const last = wordOf(to - 1);
  for (let word = first; word <= last; word++) {
    // 32 comparisons u < p at once, digit by digit from the top, until each is decided: about 7 words.
    let undecided = -1;
    if (word === first) undecided &= maskFrom(from);
    if (word === last) undecided &= maskBefore(to);
    let below = 0;
    for (let k = 0; k < steps && undecided !== 0; k++) {
      const u = source.uint32();
      if (digits[k] === 1) {
        below |= undecided & ~u;
        undecided &= u;
      } else undecided &= ~u;
    }
    words[word] = words[word]! | below;
  }
}

/** Calls `hit` for each of the numbers from..to-1 with probability p, independently, ascending; cost per hit. */
export function eachBernoulli(
  from: number,
  to: number,
  p: number,
  source: WordSource,
  hit: (index: number) => void,
): void {
  if (!(p > 0)) return;
  const scale = p < 1 ? -1 / Math.log1p(-p) : 0;
  for (let at = from; ; at++) {
    if (scale > 0) at += Math.floor(exponential(source) * scale);
    if (at >= to) return;
    hit(at);
  }
}

/** Sets exactly `count` of the first `bits` bits of an empty array, every such set equally likely. */
export function setExactly(words: Uint32Array, bits: number, count: number, source: WordSource): void {
  if (count > bits / 2) {
    setExactly(words, bits, bits - count, source);
    for (let w = 0; w < words.length; w++) words[w] = ~words[w]!;
    if (bits % 32 !== 0) words[wordOf(bits)] = words[wordOf(bits)]! & maskBefore(bits);
    return;
  }
  let have = 0;
  if (count >= bits * SPARSE) {
    // Given its size, a Bernoulli set is uniform, and stays so when random members are added or removed.
    setBernoulli(words, 0, bits, count / bits, source);
    for (let w = 0; w < words.length; w++) have += popcount(words[w]!);
  }
  while (have !== count) {
    const bit = source.below(bits);
    const wasSet = hasBit(words, bit);
    if (wasSet === have < count) continue;
    words[wordOf(bit)] = words[wordOf(bit)]! ^ (1 << (bit % 32));
    have += wasSet ? -1 : 1;
  }
}

/** Adds to `counts` how many bits each chunk of `chunkBits` (a multiple of 32) holds. */
export function countChunks(words: Uint32Array, chunkBits: number, counts: Uint32Array): void {
  const wordsPerChunk = chunkBits / 32;
  for (let chunk = 0; chunk < counts.length; chunk++) {
    const end = Math.min(words.length, (chunk + 1) * wordsPerChunk);
    let sum = 0;
    for (let w = chunk * wordsPerChunk; w < end; w++) sum += popcount(words[w]!);
    counts[chunk] = counts[chunk]! + sum;
  }
}
