/** Geometry and counts of one BitmapSpec: what both engines share. */
import { assert } from '../../base/assert.js';
import { InputError } from '../../base/errors.js';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { bitmapBits, bitmapBytes } from '../qcow2/geometry.js';
import type { BitmapSpec, DiskSpec } from '../scenario.js';
import type { BitmapGroup } from '../types.js';

/** qcow2 serializes bitmaps in units of 64 bits; a chunk must begin at one. */
const SERIAL_BYTES = 8;

export class Group implements BitmapGroup {
  readonly granularityBytes: number;
  readonly count: number;
  readonly recording: boolean;
  readonly bits: number;
  readonly bytes: number;
  readonly chunkBytes: number;
  readonly chunkBits: number;
  /** log2 of chunkBits where it is a power of two, as it mostly is; else -1. */
  readonly chunkShift: number;
  readonly chunkCount: number;
  readonly setCount: Uint32Array;
  readonly storedCount: Uint32Array;
  /** Number of its first chunk when the chunks of all groups of the disk are counted on. */
  readonly firstChunk: number;

  constructor(disk: DiskSpec, spec: BitmapSpec, chunkBytes: number, firstChunk: number) {
    if (chunkBytes % SERIAL_BYTES !== 0 || chunkBytes <= 0)
      throw new InputError(`chunk: ${chunkBytes} bytes is not a multiple of ${SERIAL_BYTES}`);
    assert(isPowerOfTwo(spec.granularityBytes), 'granularity must be a power of two');
    this.granularityBytes = spec.granularityBytes;
    this.count = spec.count;
    this.recording = spec.recording;
    this.bits = bitmapBits(disk.sizeBytes, spec.granularityBytes);
    this.bytes = bitmapBytes(disk.sizeBytes, spec.granularityBytes);
    this.chunkBytes = chunkBytes;
    this.chunkBits = 8 * chunkBytes;
    this.chunkShift = isPowerOfTwo(this.chunkBits) ? Math.log2(this.chunkBits) : -1;
    this.chunkCount = Math.ceil(this.bytes / chunkBytes);
    this.setCount = new Uint32Array(this.chunkCount);
    this.storedCount = new Uint32Array(this.chunkCount);
    this.firstChunk = firstChunk;
  }

  /** Bits of one chunk; the last may have fewer. */
  bitsOfChunk(chunk: number): number {
    return Math.min(this.chunkBits, this.bits - chunk * this.chunkBits);
  }
}
