/** What a fit needs to know of a trace, gathered while it is read: gaps, sizes, and first touches by count of writes. */

import { SparseBits } from '../statistics/sparse-bits.js';
import { Kind, type RecordBatch } from '../trace.js';
import { FitCounts } from './counts.js';
import { FitRegions } from './regions.js';
import type { TouchSample } from './touch-sample.js';

const SAMPLES_MAX = 4096;

export class FitObserver {
  writes = 0;
  bytes = 0;
  /** Sums of the gaps between writes, in seconds, and of their squares and cubes. */
  readonly gapSums: [number, number, number] = [0, 0, 0];
  endByte = 0;
  readonly counts = new FitCounts();
  readonly regions: FitRegions;
  /** Devices written to. */
  readonly devices = new Set<number>();
  samples: TouchSample[] = [];
  private stride = 1;
  private lastNs = Number.NaN;
  private readonly bits = new SparseBits();
  private readonly granularityBytes: number;
  private readonly takes: (device: number) => boolean;

  constructor(granularityBytes: number, takes: (device: number) => boolean) {
    this.granularityBytes = granularityBytes;
    this.takes = takes;
    this.regions = new FitRegions(granularityBytes);
  }

  get granules(): number {
    return this.bits.count;
  }

  take(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (batch.kinds[i] !== Kind.write || !this.takes(batch.devices[i]!)) continue;
      this.devices.add(batch.devices[i]!);
      this.write(batch.timesNs[i]!, batch.offsetsBytes[i]!, batch.lengthsBytes[i]!);
    }
  }

  private write(timeNs: number, offset: number, length: number): void {
    if (!Number.isNaN(this.lastNs)) {
      const gap = (timeNs - this.lastNs) / 1e9;
      this.gapSums[0] += gap;
      this.gapSums[1] += gap * gap;
      this.gapSums[2] += gap * gap * gap;
    }
    this.lastNs = timeNs;
    this.counts.add(timeNs);
    this.writes++;
    this.bytes += length;
    this.endByte = Math.max(this.endByte, offset + length);
    const first = Math.floor(offset / this.granularityBytes);
    const last = Math.floor((offset + length - 1) / this.granularityBytes);
    this.regions.write(first, length);
    for (let g = first; g <= last; g++) if (this.bits.add(0, g)) this.regions.fresh(g, this.writes);
    if (this.writes % this.stride === 0) this.sample();
  }

  /** Keeps every stride-th point; at the limit every other one goes and the stride doubles. */
  private sample(): void {
    this.samples.push({ writes: this.writes, granules: this.bits.count });
    if (this.samples.length < SAMPLES_MAX) return;
    this.samples = this.samples.filter((_, i) => i % 2 === 1);
    this.stride *= 2;
  }
}
