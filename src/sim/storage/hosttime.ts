/**
 * QEMU's own time beside the storage: processor time of the thread that stores. Every term has a cause in the
 * code (facts A.5, A.6) and a size that was measured; models/hosts/ holds the sizes of other machines.
 */
import type { HostSpec } from '../scenario.js';

export interface HostTerm {
  readonly key: keyof HostSpec;
  readonly name: string;
  readonly meaning: string;
  /** Nanoseconds on the laboratory machine, and the range that other fits and machines gave. */
  readonly ns: number;
  readonly rangeNs: readonly [number, number];
  readonly source: string;
}

const STORES = 'fit on 90 stores at stop of QEMU 7.2.22, checked on 30 others (median error 1.2 %)';

/** Which term costs what on the machine of the measured rows (results/validation/). */
export const HOST_TERMS: readonly HostTerm[] = [
  {
    key: 'perWriteNs',
    name: 'write',
    meaning: 'one write: request set up, coroutine entered and woken, reply taken',
    ns: 15_000,
    rangeNs: [8_000, 30_000],
    source: STORES,
  },
  {
    key: 'perL1EntryNs',
    name: 'L1 entry',
    meaning: 'metadata overlap check: each write is compared with every entry of the L1 table',
    ns: 0.87,
    rangeNs: [0.5, 1.5],
    source: STORES,
  },
  {
    key: 'perBitmapMiBNs',
    name: 'MiB of bitmap',
    meaning: 'bits scanned, serialized and given back, per MiB of bitmap in memory and store',
    ns: 80_000,
    rangeNs: [40_000, 160_000],
    source: STORES,
  },
  {
    key: 'perDiskNs',
    name: 'disk',
    meaning: 'fixed part of a store, per disk',
    ns: 200_000,
    rangeNs: [0, 1_000_000],
    source: STORES,
  },
  {
    key: 'perPunchNs',
    name: 'punch',
    meaning: 'one discard of a replaced cluster',
    ns: 9_000,
    rangeNs: [0, 30_000],
    source: '68 replacements with discards on, QEMU 7.2.22',
  },
  {
    key: 'perScannedClusterNs',
    name: 'scanned cluster',
    meaning: 'one refcount looked at in the search for a free cluster',
    ns: 28,
    rangeNs: [26, 55],
    source: '18 stores into allocated images on a fast device, QEMU 7.2.22',
  },
];

/**
 * A bitmap that was loaded or received is counted anew, word by word, and only words with a set bit cost time
 * (hbitmap_deserialize_finish). Found as the difference of a full and a scattered bitmap of 8 MiB at the
 * destination: 7 ms for a million words.
 */
const NS_PER_LOADED_WORD = 7;

/** Recount of a loaded bitmap with that many 64-bit words that are not zero. */
export function recountNs(nonZeroWords: number): number {
  return NS_PER_LOADED_WORD * nonZeroWords;
}
