/**
 * A stream of writes in blocks. What is in a block depends on seed, replication and disk alone, never on who looks
 * when: the engine generates a block, then applies as much of it as has arrived.
 */
import { type Draws, namedStream } from '../../kernel/rng.js';
import type { SyntheticGuestSpec, WritePartSpec } from '../scenario.js';
import { type Arrivals, createArrivals } from './arrivals.js';
import { type Region, regionOf, staysInGranule } from './layout.js';
import { createPattern, type Pattern } from './patterns.js';
import { WordSource } from './word-source.js';

export const BLOCK_WRITES = 1024;

export interface WriteBlock {
  /** Arrival, in ns, ascending; Infinity: never. */
  readonly timesNs: Float64Array;
  readonly offsetsBytes: Float64Array;
  readonly lengthsBytes: Float64Array;
}

export interface WriteSource {
  /** Length of every write where they are all alike; else 0. */
  readonly fixedBytes: number;
  /** The next BLOCK_WRITES writes. */
  fill(block: WriteBlock): void;
  /** True where no write can touch two granules of this size. */
  staysInGranule(granularityBytes: number): boolean;
}

/** Room for one block of writes. */
export function newBlock(): WriteBlock {
  return {
    timesNs: new Float64Array(BLOCK_WRITES),
    offsetsBytes: new Float64Array(BLOCK_WRITES),
    lengthsBytes: new Float64Array(BLOCK_WRITES),
  };
}

/** Index drawn in proportion to weights, by their cumulative sums. */
class Choice {
  private readonly cumulative: Float64Array;

  constructor(weights: readonly number[]) {
    const sum = weights.reduce((a, b) => a + b, 0);
    let running = 0;
    this.cumulative = Float64Array.from(weights, (w) => (running += w / sum));
  }

  draw(source: WordSource): number {
    const u = source.uniform();
    let low = 0;
    for (let high = this.cumulative.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (u < this.cumulative[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** One ingredient: slots to offsets, and sizes. */
class Part {
  readonly region: Region;
  private readonly pattern: Pattern;
  private readonly sizeChoice: Choice;
  private readonly sizeSource: WordSource;
  private readonly sizes: readonly number[];
  private readonly diskBytes: number;

  constructor(
    spec: WritePartSpec,
    diskBytes: number,
    skipped: number,
    stream: (name: string) => WordSource,
    index: number,
  ) {
    this.region = regionOf(spec, diskBytes);
    this.diskBytes = diskBytes;
    this.pattern = createPattern(spec.pattern, this.region.slots, stream(`address/${index}`), skipped);
    this.sizes = spec.sizes.map((size) => size.bytes);
    this.sizeChoice = new Choice(spec.sizes.map((size) => size.weight));
    this.sizeSource = stream(`size/${index}`);
  }

  get fixedBytes(): number {
    return this.sizes.length === 1 ? this.sizes[0]! : 0;
  }

  fillOffsets(offsets: Float64Array, n: number): void {
    const { startBytes, alignBytes } = this.region;
    this.pattern.fill(offsets, n);
    for (let i = 0; i < n; i++) offsets[i] = startBytes + offsets[i]! * alignBytes;
  }

  /** `offsets`: of the same writes, filled before. */
  fillLengths(offsets: Float64Array, lengths: Float64Array, n: number): void {
    if (this.sizes.length === 1) {
      lengths.fill(this.sizes[0]!, 0, n);
      return;
    }
    for (let i = 0; i < n; i++)
      lengths[i] = Math.min(this.sizes[this.sizeChoice.draw(this.sizeSource)]!, this.diskBytes - offsets[i]!);
  }
}

/** Name of a stream of the guest of one disk. */
export const guestStream = (diskIndex: number, name: string): string => `guest/${diskIndex}/${name}`;

/** Writes that each part has made on one disk after `ageNs`, in the mean: where sequential streams stand. */
export function writesBefore(guest: SyntheticGuestSpec, disks: number, part: number, ageNs: number): number {
  const weights = guest.parts.reduce((sum, p) => sum + p.weight, 0);
  return Math.round(((guest.writesPerS / disks) * (ageNs / 1e9) * guest.parts[part]!.weight) / weights);
}

/** The disk that is written to: one of `disks` alike ones. */
interface WriteTarget {
  readonly diskBytes: number;
  readonly index: number;
  readonly disks: number;
  readonly draws: Draws;
}

/** A mixture of parts on one disk; the disks share the rate evenly, each with its own arrivals. */
export class SyntheticSource implements WriteSource {
  private readonly arrivals: Arrivals;
  private readonly parts: readonly Part[];
  private readonly partChoice: Choice;
  private readonly partSource: WordSource;
  private readonly chosen = new Uint16Array(BLOCK_WRITES);
  private readonly sorted = new Uint16Array(BLOCK_WRITES);
  private readonly ends: Uint32Array;
  readonly fixedBytes: number;
  /** The block whose lengths are filled for good, where they are all alike. */
  private filled: WriteBlock | undefined;
  private readonly scratch = [new Float64Array(BLOCK_WRITES), new Float64Array(BLOCK_WRITES)] as const;

  /** `ageNs`: for how long sequential parts have run before. */
  constructor(guest: SyntheticGuestSpec, target: WriteTarget, ageNs = 0) {
    const { diskBytes, index, disks, draws } = target;
    const stream = (name: string): WordSource =>
      new WordSource(namedStream(draws.seed, draws.replication, guestStream(index, name)));
    this.arrivals = createArrivals(
      guest.arrivals,
      guest.writesPerS / disks,
      stream('arrivals'),
      stream('arrivals/rare'),
    );
    this.parts = guest.parts.map(
      (part, i) => new Part(part, diskBytes, writesBefore(guest, disks, i, ageNs), stream, i),
    );
    this.partChoice = new Choice(guest.parts.map((part) => part.weight));
    this.partSource = stream('part');
    this.ends = new Uint32Array(this.parts.length);
    this.fixedBytes = this.parts.length === 1 ? this.parts[0]!.fixedBytes : 0;
  }

  staysInGranule(granularityBytes: number): boolean {
    return this.parts.every((part) => staysInGranule(part.region, granularityBytes));
  }

  fill(block: WriteBlock): void {
    this.arrivals.fill(block.timesNs, BLOCK_WRITES);
    const [only, second] = this.parts;
    if (second !== undefined) {
      this.mix(block);
      return;
    }
    only!.fillOffsets(block.offsetsBytes, BLOCK_WRITES);
    if (this.fixedBytes > 0 && this.filled === block) return;
    only!.fillLengths(block.offsetsBytes, block.lengthsBytes, BLOCK_WRITES);
    this.filled = block;
  }

  /** Chooses the part of each write, then lets each part fill its writes in one go: sorted by part, in their order. */
  private mix(block: WriteBlock): void {
    const { chosen, sorted, ends } = this;
    ends.fill(0);
    for (let i = 0; i < BLOCK_WRITES; i++) {
      const part = this.partChoice.draw(this.partSource);
      chosen[i] = part;
      ends[part] = ends[part]! + 1;
    }
    for (let part = 1; part < ends.length; part++) ends[part] = ends[part]! + ends[part - 1]!;
    for (let i = BLOCK_WRITES - 1; i >= 0; i--) {
      const part = chosen[i]!;
      const at = ends[part]! - 1;
      ends[part] = at;
      sorted[at] = i;
    }
    const [offsets, lengths] = this.scratch;
    for (let from = 0, to = 0; from < BLOCK_WRITES; from = to) {
      const index = chosen[sorted[from]!]!;
      // What were ends are now beginnings.
      to = ends[index + 1] ?? BLOCK_WRITES;
      const count = to - from;
      const part = this.parts[index]!;
      part.fillOffsets(offsets, count);
      part.fillLengths(offsets, lengths, count);
      for (let k = 0; k < count; k++) {
        const i = sorted[from + k]!;
        block.offsetsBytes[i] = offsets[k]!;
        block.lengthsBytes[i] = lengths[k]!;
      }
    }
  }
}
