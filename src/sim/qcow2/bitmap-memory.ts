/**
 * The memory of a bitmap that the destination makes (util/hbitmap.c): it is allocated in one piece for each level, zeroed by
 * not being there (calloc of much memory is mmap), so that the first access to each page is a fault. In a stream pieces fill
 * the lowest level as they come, empty ones with zeros. When all has come, or has been read from the image, the levels above
 * are built, for which every word of the lowest one is looked at, whether or not it was filled (hbitmap_deserialize_finish).
 */
import type { HostSpec } from '../scenario.js';

const PAGE_BYTES = 4096;
const WORD_BITS = 64;
/** Of a bitmap's bytes, those of all levels above: each word has a bit in the next one, so 1/64 + 1/64^2 + ... */
const ABOVE = 1 / (WORD_BITS - 1);

/** The faults of the lowest level, of bitmaps of so many bytes. */
export function filledNs({ perPageFaultNs = 0 }: HostSpec, bytes: number): number {
  return (perPageFaultNs * bytes) / PAGE_BYTES;
}

/** Those of the levels above. */
export function builtNs(host: HostSpec, bytes: number): number {
  return ABOVE * filledNs(host, bytes);
}

/** What the destination does in memory with bitmaps that it loads: so many words with a bit are counted, and all pages are new. */
export function loadedNs(host: HostSpec, bytes: number, wordsWithBits: number): number {
  return host.perRecountedWordNs * wordsWithBits + filledNs(host, bytes) + builtNs(host, bytes);
}
