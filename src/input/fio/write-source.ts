/**
 * The writes of fio jobs as fio makes them: what a validation against a run of fio has to replay. Differs from the
 * model's own patterns where fio does: its zipf and pareto are approximations over a multiplicative hash.
 */
import { namedStream } from '../../kernel/rng.js';
import { createArrivals } from '../../sim/guest/arrivals.js';
import { createPattern, type Pattern } from '../../sim/guest/patterns.js';
import { Permutation } from '../../sim/guest/permutation.js';
import { WordSource } from '../../sim/guest/word-source.js';
import { BLOCK_WRITES, newBlock, type WriteBlock, type WriteSource } from '../../sim/guest/write-source.js';
import type { Extent } from '../../sim/parameters/value-types.js';
import type { FioJob } from './jobs.js';

/** fio sums the normaliser of its zipf over at most so many ranks (lib/zipf.c). */
const ZETA_RANKS = 10_000_000;
/** Multiplier of fio's hash (hash.h). */
const HASH_64 = 0x61c8864680b583ebn;

/** fio's scatter: a rank times a constant, plus an offset of the run, modulo the blocks. */
function scatter(blocks: number, source: WordSource): (rank: number) => number {
  const offset = BigInt(source.uint32());
  const count = BigInt(blocks);
  return (rank) => Number((BigInt.asUintN(64, BigInt(rank) * HASH_64) + offset) % count);
}

const zetaCache = new Map<string, number>();

function zeta(ranks: number, theta: number): number {
  const key = `${ranks}/${theta}`;
  let sum = zetaCache.get(key) ?? 0;
  if (sum === 0) for (let k = 1; k <= ranks; k++) sum += k ** -theta;
  zetaCache.set(key, sum);
  return sum;
}

/** fio's zipf: the closed form of J. Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (1994). */
function fioZipf(blocks: number, theta: number, source: WordSource): Pattern {
  const place = scatter(blocks, source);
  const total = zeta(Math.min(blocks, ZETA_RANKS), theta);
  const second = 1 + 0.5 ** theta;
  const eta = (1 - (2 / blocks) ** (1 - theta)) / (1 - second / total);
  const rank = (): number => {
    const u = source.uint32() / 0xffffffff;
    if (u * total < 1) return 0;
    if (u * total < second) return 1;
    return Math.floor(blocks * (eta * u - eta + 1) ** (1 / (1 - theta)));
  };
  return each(() => place(rank()));
}

function fioPareto(blocks: number, h: number, source: WordSource): Pattern {
  const place = scatter(blocks, source);
  const power = Math.log(h) / Math.log(1 - h);
  return each(() => place(Math.floor((blocks - 1) * (source.uint32() / 0xffffffff) ** power)));
}

/** Every block once in random order, then again: what fio's random map comes to. */
function withoutRepeats(blocks: number, source: WordSource): Pattern {
  let places = new Permutation(blocks, source);
  let k = 0;
  return each(() => {
    if (k === blocks) {
      places = new Permutation(blocks, source);
      k = 0;
    }
    return places.at(k++);
  });
}

function each(next: () => number): Pattern {
  return {
    fill(slots, count) {
      for (let i = 0; i < count; i++) slots[i] = next();
    },
  };
}

function patternOf(job: FioJob, blocks: number, source: WordSource): Pattern {
  const { distribution } = job;
  if (!job.random) return createPattern({ kind: 'sequential', streams: 1 }, blocks, source);
  if (distribution.kind === 'zipf') return fioZipf(blocks, distribution.theta, source);
  if (distribution.kind === 'pareto') return fioPareto(blocks, distribution.h, source);
  if (distribution.kind === 'zoned') {
    const zones = distribution.zones.map((zone) => ({ space: zone.size, writes: zone.access }));
    return createPattern({ kind: 'zones', zones }, blocks, source);
  }
  if (job.randomMap) return withoutRepeats(blocks, source);
  return createPattern({ kind: 'uniform' }, blocks, source);
}

function bytesOf(extent: Extent, diskBytes: number): number {
  return 'bytes' in extent ? extent.bytes : Math.floor(extent.share * diskBytes);
}

/** One job on one disk. */
class JobSource implements WriteSource {
  readonly fixedBytes = 0;
  private readonly arrivals;
  private readonly pattern: Pattern;
  private readonly startBytes: number;
  private readonly alignBytes: number;
  private readonly sizes: FioJob['sizes'];
  private readonly sizeSource: WordSource;

  constructor(job: FioJob, diskBytes: number, stream: (name: string) => WordSource) {
    this.sizes = job.sizes;
    this.alignBytes = Math.min(...job.sizes.map((size) => size.bytes));
    this.startBytes = bytesOf(job.offset, diskBytes);
    const room = diskBytes - this.startBytes;
    const length = job.size === undefined ? room : Math.min(room, bytesOf(job.size, diskBytes));
    const blocks = Math.max(1, Math.floor(length / this.alignBytes));
    this.arrivals = createArrivals(
      { kind: job.poisson ? 'poisson' : 'deterministic' },
      job.writesPerS,
      stream('arrivals'),
      stream('arrivals/rare'),
    );
    this.pattern = patternOf(job, blocks, stream('address'));
    this.sizeSource = stream('size');
  }

  staysInGranule(granularityBytes: number): boolean {
    const largest = Math.max(...this.sizes.map((size) => size.bytes));
    const aligned = this.startBytes % this.alignBytes === 0 && granularityBytes % this.alignBytes === 0;
    return largest === this.alignBytes && aligned;
  }

  fill(block: WriteBlock): void {
    this.arrivals.fill(block.timesNs, BLOCK_WRITES);
    this.pattern.fill(block.offsetsBytes, BLOCK_WRITES);
    for (let i = 0; i < BLOCK_WRITES; i++) {
      block.offsetsBytes[i] = this.startBytes + block.offsetsBytes[i]! * this.alignBytes;
      block.lengthsBytes[i] = this.length();
    }
  }

  private length(): number {
    if (this.sizes.length === 1) return this.sizes[0]!.bytes;
    let left = this.sizeSource.uniform() * this.sizes.reduce((sum, size) => sum + size.weight, 0);
    for (const size of this.sizes) {
      if (left < size.weight) return size.bytes;
      left -= size.weight;
    }
    return this.sizes.at(-1)!.bytes;
  }
}

/** Several sources in order of time. */
class Merged implements WriteSource {
  readonly fixedBytes = 0;
  private readonly sources: readonly WriteSource[];
  private readonly blocks: readonly WriteBlock[];
  private readonly at: number[];

  constructor(sources: readonly WriteSource[]) {
    this.sources = sources;
    this.blocks = sources.map(newBlock);
    this.at = sources.map(() => BLOCK_WRITES);
  }

  staysInGranule(granularityBytes: number): boolean {
    return this.sources.every((source) => source.staysInGranule(granularityBytes));
  }

  fill(block: WriteBlock): void {
    for (let i = 0; i < BLOCK_WRITES; i++) {
      let first = 0;
      for (let s = 0; s < this.sources.length; s++) {
        if (this.at[s] === BLOCK_WRITES) {
          this.sources[s]!.fill(this.blocks[s]!);
          this.at[s] = 0;
        }
        if (this.timeOf(s) < this.timeOf(first)) first = s;
      }
      const from = this.blocks[first]!;
      const k = this.at[first]!++;
      block.timesNs[i] = from.timesNs[k]!;
      block.offsetsBytes[i] = from.offsetsBytes[k]!;
      block.lengthsBytes[i] = from.lengthsBytes[k]!;
    }
  }

  private timeOf(s: number): number {
    return this.blocks[s]!.timesNs[this.at[s]!]!;
  }
}

/** All jobs on one disk, `numjobs` of each, their rates multiplied by `speed` (achieved over asked for). */
export function fioSource(
  jobs: readonly FioJob[],
  diskBytes: number,
  speed: number,
  seed: number,
  replication: number,
): WriteSource {
  const sources = jobs.flatMap((job, j) =>
    Array.from({ length: job.numjobs }, (_, copy) => {
      const stream = (name: string): WordSource =>
        new WordSource(namedStream(seed, replication, `fio/${j}/${copy}/${name}`));
      return new JobSource({ ...job, writesPerS: job.writesPerS * speed }, diskBytes, stream);
    }),
  );
  return sources.length === 1 ? sources[0]! : new Merged(sources);
}
