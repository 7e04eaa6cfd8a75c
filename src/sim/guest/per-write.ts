/**
 * The per-write engine: every guest write is applied to real bit arrays, in batches when somebody looks. One array
 * for each recording group, whatever its number of bitmaps; frozen groups need their counts only.
 */
import { assert } from '../../base/assert.js';
import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import type { TimeNs } from '../../kernel/kernel.js';
import { namedStream } from '../../kernel/rng.js';
import type { BitmapSpec, DiskSpec } from '../scenario.js';
import { countChunks, hasBit } from './bits.js';
import { Group } from './group.js';
import type { GuestDisk } from './guest-disk.js';
import { TrackerBase } from './tracker-base.js';
import { WordSource } from './word-source.js';
import { BLOCK_WRITES, newBlock, type WriteSource } from './write-source.js';

/** All bit arrays of a run. What it needs besides is small. */
const MEMORY_MAX_BYTES = 2 ** 30;
/** Smaller bitmaps are in the cache anyway. */
const FETCH_WORDS_MIN = 2 ** 17;
/** Granule numbers are 32-bit in the loops. */
const BITS_MAX = 2 ** 32;
const FULL_WORD = 0xffffffff;

/** Fills the empty bit array of a group with what it holds when the run begins. */
export type Filler = (words: Uint32Array, group: Group, spec: BitmapSpec, source: WordSource) => void;

/** A group with its real bits. */
export class PerWriteGroup extends Group {
  /** The bits of each of the `count` bitmaps; empty for a frozen group. */
  words: Uint32Array = new Uint32Array(0);
  /** The granule of each write of the block, where no write touches two; else empty. */
  granules = new Uint32Array(0);

  /** For tests: the bit of a granule. */
  has(granule: number): boolean {
    return hasBit(this.words, granule);
  }
}

/** Bytes of bits that a run needs: recording groups of all disks, and one frozen group while it is drawn. */
function neededBytes(disk: DiskSpec, disks: number): number {
  const bytes = (recording: boolean): number[] =>
    disk.bitmaps
      .filter((spec) => spec.recording === recording)
      .map((spec) => Math.ceil(disk.sizeBytes / spec.granularityBytes / 8));
  return disks * bytes(true).reduce((a, b) => a + b, 0) + Math.max(0, ...bytes(false));
}

/** Whether the bits of all disks, alike, can be kept. */
export function fitsMemory(disk: DiskSpec, disks: number): boolean {
  const finest = Math.min(...disk.bitmaps.map((spec) => spec.granularityBytes));
  return neededBytes(disk, disks) <= MEMORY_MAX_BYTES && disk.sizeBytes / finest <= BITS_MAX;
}

function refuseMemory(disk: DiskSpec, disks: number): never {
  const granularities = disk.bitmaps.map((b) => formatSize(b.granularityBytes)).join(', ');
  throw new InputError(
    `engine per-write: ${formatSize(neededBytes(disk, disks))} of bits for ${disks} disk(s) of ${formatSize(disk.sizeBytes)}` +
      ` at granularity ${granularities} is more than ${formatSize(MEMORY_MAX_BYTES)} in all or ${formatSize(BITS_MAX / 8)} in one;` +
      ' take a coarser granularity, or engine first-touch where the workload allows it',
  );
}

/** The groups of a disk with their first contents. */
export function perWriteGroups(recorded: Omit<GuestDisk, 'guest'>, fill: Filler): PerWriteGroup[] {
  const { disk, index, disks, chunkBytes, draws } = recorded;
  let firstChunk = 0;
  const groups = disk.bitmaps.map((spec) => {
    const group = new PerWriteGroup(disk, spec, chunkBytes, firstChunk);
    firstChunk += group.chunkCount;
    return group;
  });
  if (!fitsMemory(disk, disks)) refuseMemory(disk, disks);
  for (const [i, group] of groups.entries()) {
    const words = new Uint32Array(Math.ceil(group.bits / 32));
    const source = new WordSource(namedStream(draws.seed, draws.replication, `content/${index}/${i}`));
    fill(words, group, disk.bitmaps[i]!, source);
    countChunks(words, group.chunkBits, group.setCount);
    if (group.recording) group.words = words;
  }
  return groups;
}

/** The per-write engine: every write is applied to the bits, in batches, when somebody looks. */
export class PerWriteTracker extends TrackerBase<PerWriteGroup> {
  readonly engine = 'per-write';
  writes = 0;
  writtenBytes = 0;
  firstTouches = 0;
  private readonly source: WriteSource;
  private readonly recording: readonly PerWriteGroup[];
  private readonly block = newBlock();
  /** Keeps the fetching reads from being left out as unused. */
  protected fetched = 0;
  private readonly hits = new Uint16Array(BLOCK_WRITES);
  /** Writes of the block before `at` are applied; those before `seen` would change nothing. */
  private at = 0;
  private seen = 0;

  constructor(groups: readonly PerWriteGroup[], source: WriteSource) {
    super(groups);
    this.source = source;
    this.recording = groups.filter((group) => group.recording);
    for (const group of this.recording)
      if (source.staysInGranule(group.granularityBytes)) group.granules = new Uint32Array(BLOCK_WRITES);
    this.nextBlock(0);
  }

  advance(untilNs: TimeNs): void {
    assert(untilNs >= this.nowNs && untilNs < Number.POSITIVE_INFINITY, 'time goes back, or on for ever');
    const times = this.block.timesNs;
    while (times[this.at]! <= untilNs) {
      const end = this.arrivedBefore(untilNs);
      // Several groups take turns at each write, so that chunks become stale in order of time.
      const step = this.recording.length === 1 ? end - this.at : 1;
      for (let from = this.at; from < end; from += step) {
        for (const group of this.recording) {
          if (group.granules.length > 0) this.applySingle(group, from, from + step);
          else this.applyRange(group, from, from + step);
        }
      }
      this.countWrites(end);
      if (end === BLOCK_WRITES) this.nextBlock(untilNs);
    }
    this.nowNs = untilNs;
  }

  sync(): void {
    // Counts are always true here.
  }

  nextStaleNs(): TimeNs {
    if (this.meta.count > 0) return this.nowNs;
    for (let i = Math.max(this.at, this.seen); i < BLOCK_WRITES; i++) {
      if (this.changes(i)) {
        this.seen = i;
        return Math.max(this.nowNs, Math.ceil(this.block.timesNs[i]!));
      }
    }
    this.seen = BLOCK_WRITES;
    return Math.max(this.nowNs + 1, Math.ceil(this.block.timesNs[BLOCK_WRITES - 1]!));
  }

  protected taken(): void {
    // Counts are always true here.
  }

  /** Index of the first write of the block that has not arrived by then. */
  private arrivedBefore(untilNs: TimeNs): number {
    const times = this.block.timesNs;
    if (times[BLOCK_WRITES - 1]! <= untilNs) return BLOCK_WRITES;
    let end = this.at + 1;
    while (times[end]! <= untilNs) end++;
    return end;
  }

  private countWrites(end: number): void {
    const { lengthsBytes } = this.block;
    const { fixedBytes } = this.source;
    if (fixedBytes > 0) this.writtenBytes += fixedBytes * (end - this.at);
    else for (let i = this.at; i < end; i++) this.writtenBytes += lengthsBytes[i]!;
    this.writes += end - this.at;
    this.at = end;
  }

  private nextBlock(untilNs: TimeNs): void {
    const { block } = this;
    this.source.fill(block);
    this.at = 0;
    this.seen = 0;
    // Where the block will be applied a few writes at a time, its words are better fetched now, all at once: reads
    // that do not wait for each other.
    const soon = block.timesNs[BLOCK_WRITES - 1]! > untilNs;
    for (const group of this.recording) {
      const { granules, words } = group;
      if (granules.length === 0) continue;
      const perByte = 1 / group.granularityBytes;
      for (let i = 0; i < BLOCK_WRITES; i++) granules[i] = block.offsetsBytes[i]! * perByte;
      if (!soon || words.length < FETCH_WORDS_MIN) continue;
      let all = 0;
      for (let i = 0; i < BLOCK_WRITES; i++) all ^= words[granules[i]! >>> 5]!;
      this.fetched = all;
    }
  }

  /**
   * The usual case: one granule a write. Short passes, so that the random reads do not wait for what they cause.
   */
  private applySingle(group: PerWriteGroup, from: number, to: number): void {
    const { hits } = this;
    const { words, granules } = group;
    let n = 0;
    for (let i = from; i < to; i++) {
      const granule = granules[i]!;
      const word = words[granule >>> 5]!;
      const bit = 1 << (granule & 31);
      if ((word & bit) === 0) {
        words[granule >>> 5] = word | bit;
        hits[n++] = i;
      }
    }
    for (let k = 0; k < n; k++) {
      const i = hits[k]!;
      this.touched(group, granules[i]!, i);
    }
    this.firstTouches += n;
  }

  private applyRange(group: PerWriteGroup, from: number, to: number): void {
    const { words } = group;
    const { offsetsBytes, lengthsBytes } = this.block;
    const perByte = 1 / group.granularityBytes;
    for (let i = from; i < to; i++) {
      const length = lengthsBytes[i]!;
      if (length <= 0) continue;
      const first = (offsetsBytes[i]! * perByte) >>> 0;
      const last = ((offsetsBytes[i]! + length - 1) * perByte) >>> 0;
      for (let granule = first; granule <= last; granule++) {
        const word = words[granule >>> 5]!;
        // A long write mostly meets words that are full: on to the next.
        if (word === FULL_WORD) {
          granule += 31 - (granule & 31);
          continue;
        }
        const bit = 1 << (granule & 31);
        if ((word & bit) === 0) {
          words[granule >>> 5] = word | bit;
          this.touched(group, granule, i);
          this.firstTouches++;
        }
      }
    }
  }

  /** The bit of this granule went 0 to 1 with write i of the block. */
  private touched(group: PerWriteGroup, granule: number, i: number): void {
    const chunk =
      group.chunkShift >= 0 ? granule >>> group.chunkShift : Math.floor(granule / group.chunkBits);
    group.setCount[chunk] = group.setCount[chunk]! + 1;
    const marked = group.firstChunk + chunk;
    if (this.meta.stale[marked] !== 1) this.meta.mark(marked, Math.ceil(this.block.timesNs[i]!));
  }

  /** Would write i of the block set a bit? */
  private changes(i: number): boolean {
    const offset = this.block.offsetsBytes[i]!;
    const length = this.block.lengthsBytes[i]!;
    for (const group of this.recording) {
      const last = Math.floor((offset + length - 1) / group.granularityBytes);
      for (let g = Math.floor(offset / group.granularityBytes); g <= last; g++)
        if (!hasBit(group.words, g)) return true;
    }
    return false;
  }
}
