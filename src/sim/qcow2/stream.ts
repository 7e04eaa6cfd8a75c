/**
 * Bitmaps in the migration stream (migration/block-dirty-bitmap.c, QEMU 7.2): 1 KiB of bitmap a
 * piece, a piece without a set bit is a header only, and each such piece forces the stream out. The destination takes the pieces
 * as they come, each into fresh memory; when it has all it builds the bitmap's upper levels and counts it.
 */
import type { HostSpec, LinkSpec } from '../scenario.js';
import { builtNs, filledNs } from './bitmap-memory.js';

/** Bits of one piece. */
export const PIECE_BITS = 8_192;
/** Flags, start, length in sectors; and with data its length and 1 KiB. */
const EMPTY_PIECE_BYTES = 1 + 8 + 4;
const FULL_PIECE_BYTES = EMPTY_PIECE_BYTES + 8 + 1_024;

export interface StreamedBitmaps {
  readonly pieces: number;
  readonly nonZeroPieces: number;
  readonly bytes: number;
}

/** Pieces of a bitmap of that many bits. */
function pieceCount(bits: number): number {
  return Math.ceil(bits / PIECE_BITS);
}

/** What `count` alike bitmaps of `bits` bits put on the wire. */
export function streamed(bits: number, nonZeroPieces: number, count = 1): StreamedBitmaps {
  const pieces = pieceCount(bits);
  return {
    pieces: count * pieces,
    nonZeroPieces: count * nonZeroPieces,
    bytes: count * (EMPTY_PIECE_BYTES * (pieces - nonZeroPieces) + FULL_PIECE_BYTES * nonZeroPieces),
  };
}

/** Their bytes in memory. */
const memoryBytes = ({ pieces }: StreamedBitmaps): number => pieces * (PIECE_BITS / 8);

/**
 * Time to send it: the wire, the processors or the destination's new memory, whichever is slowest (what a socket holds is
 * little), and the transport's fixed delay.
 */
export function sendNs(stream: StreamedBitmaps, host: HostSpec, link: LinkSpec): number {
  const empty = stream.pieces - stream.nonZeroPieces;
  const processorNs = host.perStreamPieceNs * stream.nonZeroPieces + host.perZeroPieceNs * empty;
  const wireNs = Number.isFinite(link.bytesPerS) ? (stream.bytes / link.bytesPerS) * 1e9 : 0;
  const filling = filledNs(host, memoryBytes(stream));
  return Math.max(processorNs, wireNs, filling) + (stream.pieces > 0 ? link.stopDelayNs : 0);
}

/** What the destination still does when the last piece has come. */
export function receiveNs(stream: StreamedBitmaps, wordsWithBits: number, host: HostSpec): number {
  const bytes = memoryBytes(stream);
  const mebibytes = bytes / 2 ** 20;
  return host.perReceivedMiBNs * mebibytes + host.perRecountedWordNs * wordsWithBits + builtNs(host, bytes);
}

/**
 * What the source reports as pending and compares with bytes: one for each granule not yet sent, set or not,
 * so it never falls while the guest runs. Exact for QEMU 7.2 to 10.1.
 */
export function pendingBits(bits: number, count = 1): number {
  return count * bits;
}
