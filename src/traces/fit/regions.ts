/**
 * Where on the disk a trace writes: its granules and writes by gibibyte, joined to a few regions. A fit with one
 * footprint for all would keep the bits of a scattered guest in few chunks of the bitmap.
 */
import type { TouchSample } from './touch-sample.js';

const BIN_BYTES = 2 ** 30;
const REGIONS_MAX = 24;
/** First joined pair by pair, so that joining the cheapest stays quick. */
const BINS_MAX = 512;
const SAMPLES_MAX = 256;

/** One stretch of the disk. Samples: writes of the whole trace so far, and granules set here. */
export interface Region {
  readonly firstGranule: number;
  readonly endGranule: number;
  readonly granules: number;
  /** Writes that begin here, and their sizes. */
  readonly writes: number;
  readonly sizes: ReadonlyMap<number, number>;
  readonly steps: readonly (readonly TouchSample[])[];
}

class Bin {
  firstGranule = Number.POSITIVE_INFINITY;
  endGranule = 0;
  granules = 0;
  writes = 0;
  readonly sizes = new Map<number, number>();
  steps: TouchSample[] = [];
  private stride = 1;

  fresh(granule: number, writes: number): void {
    this.granules++;
    if (granule < this.firstGranule) this.firstGranule = granule;
    if (granule >= this.endGranule) this.endGranule = granule + 1;
    if (this.granules % this.stride !== 0) return;
    this.steps.push({ writes, granules: this.granules });
    if (this.steps.length < SAMPLES_MAX) return;
    this.steps = this.steps.filter((_, i) => i % 2 === 1);
    this.stride *= 2;
  }
}

/** Gathers, while a trace is read, what was written where. */
export class FitRegions {
  private readonly bins = new Map<number, Bin>();
  private readonly granulesPerBin: number;
  private bin = new Bin();
  private place = -1;

  constructor(granularityBytes: number) {
    this.granulesPerBin = Math.max(1, BIN_BYTES / granularityBytes);
  }

  /** A write that begins in this granule; its touches follow. */
  write(granule: number, bytes: number): void {
    const bin = this.at(granule);
    bin.writes++;
    bin.sizes.set(bytes, (bin.sizes.get(bytes) ?? 0) + 1);
  }

  /** A first touch. `writes`: of the trace so far, this one included. */
  fresh(granule: number, writes: number): void {
    this.at(granule).fresh(granule, writes);
  }

  private at(granule: number): Bin {
    const place = Math.floor(granule / this.granulesPerBin);
    if (place === this.place) return this.bin;
    this.place = place;
    const known = this.bins.get(place);
    if (known === undefined) this.bins.set(place, (this.bin = new Bin()));
    else this.bin = known;
    return this.bin;
  }

  /** In order of place: neighbours are joined, those with the fewest granules first. */
  regions(): Region[] {
    let list: Region[] = [...this.bins]
      .sort((a, b) => a[0] - b[0])
      .map(([, { firstGranule, endGranule, granules, writes, sizes, steps }]) => {
        return { firstGranule, endGranule, granules, writes, sizes, steps: [steps] };
      });
    while (list.length > BINS_MAX)
      list = list.flatMap((one, i) => (i % 2 === 1 ? [] : [list[i + 1] ? joined(one, list[i + 1]!) : one]));
    while (list.length > REGIONS_MAX) {
      let least = 0;
      const sizeAt = (i: number): number => list[i]!.granules + list[i + 1]!.granules;
      for (let i = 1; i + 1 < list.length; i++) if (sizeAt(i) < sizeAt(least)) least = i;
      list.splice(least, 2, joined(list[least]!, list[least + 1]!));
    }
    return list;
  }
}

function joined(a: Region, b: Region): Region {
  const sizes = new Map(a.sizes);
  for (const [bytes, count] of b.sizes) sizes.set(bytes, (sizes.get(bytes) ?? 0) + count);
  return {
    firstGranule: a.firstGranule,
    endGranule: b.endGranule,
    granules: a.granules + b.granules,
    writes: a.writes + b.writes,
    sizes,
    steps: [...a.steps, ...b.steps],
  };
}

/** Granules set in the region after so many writes of the trace; `writes` ascending. */
export function curveOf(region: Region, writes: readonly number[]): TouchSample[] {
  const at = region.steps.map(() => -1);
  return writes.map((count, k) => {
    let granules = 0;
    for (const [s, steps] of region.steps.entries()) {
      while (at[s]! + 1 < steps.length && steps[at[s]! + 1]!.writes <= count) at[s] = at[s]! + 1;
      if (at[s]! >= 0) granules += steps[at[s]!]!.granules;
    }
    return { writes: count, granules: k === writes.length - 1 ? region.granules : granules };
  });
}
