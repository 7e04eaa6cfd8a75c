/**
 * Text to 128 bits, for stream states and run ids: MurmurHash3 x86 128-bit (Austin Appleby, public domain),
 * over UTF-16 code units. Not for secrets; it needs only to scatter, and to give the same bits everywhere.
 */
export type Hash128 = readonly [number, number, number, number];

const rotl = (x: number, r: number): number => (x << r) | (x >>> (32 - r));

function fmix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const [C1, C2, C3, C4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const UNITS_PER_BLOCK = 8;

/** Two code units as one word. */
const word = (text: string, at: number): number => text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);

/** A code unit; beyond the end zero, and nothing that is asked of the text, which would make all that is asked of it slow. */
const unit = (text: string, at: number): number => (at < text.length ? text.charCodeAt(at) : 0);
const lastWord = (text: string, at: number): number => unit(text, at) | (unit(text, at + 1) << 16);

const scramble1 = (k: number): number => Math.imul(rotl(Math.imul(k, C1), 15), C2);
const scramble2 = (k: number): number => Math.imul(rotl(Math.imul(k, C2), 16), C3);
const scramble3 = (k: number): number => Math.imul(rotl(Math.imul(k, C3), 17), C4);
const scramble4 = (k: number): number => Math.imul(rotl(Math.imul(k, C4), 18), C1);

/** 128 bits of the text, as four unsigned 32-bit words. Written out, since each random stream of a run begins with one. */
export function hash128(text: string): Hash128 {
  const { length } = text;
  let [h1, h2, h3, h4] = [0, 0, 0, 0];
  let at = 0;
  for (; at + UNITS_PER_BLOCK <= length; at += UNITS_PER_BLOCK) {
    h1 = (Math.imul(rotl(h1 ^ scramble1(word(text, at)), 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 = (Math.imul(rotl(h2 ^ scramble2(word(text, at + 2)), 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 = (Math.imul(rotl(h3 ^ scramble3(word(text, at + 4)), 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 = (Math.imul(rotl(h4 ^ scramble4(word(text, at + 6)), 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  h1 ^= scramble1(lastWord(text, at)) ^ (length * 2);
  h2 ^= scramble2(lastWord(text, at + 2)) ^ (length * 2);
  h3 ^= scramble3(lastWord(text, at + 4)) ^ (length * 2);
  h4 ^= scramble4(lastWord(text, at + 6)) ^ (length * 2);
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = fmix((h2 + h1) | 0);
  h3 = fmix((h3 + h1) | 0);
  h4 = fmix((h4 + h1) | 0);
  h1 = fmix(h1);
  h1 = (h1 + h2 + h3 + h4) | 0;
  return [h1 >>> 0, (h2 + h1) >>> 0, (h3 + h1) >>> 0, (h4 + h1) >>> 0];
}

/** Of each byte its two digits: made anew for each word of each run id they would cost as much as the hash. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (word: number): string =>
  HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!;

/** 32 lower-case hex digits of the text's hash. */
export function hashHex(text: string): string {
  const [first, second, third, fourth] = hash128(text);
  return hex(first) + hex(second) + hex(third) + hex(fourth);
}
