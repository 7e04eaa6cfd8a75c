/** The only place where tests of the guest build disks and guests. */
import type {
  ArrivalSpec,
  BitmapSpec,
  DiskSpec,
  PatternSpec,
  SyntheticGuestSpec,
  WritePartSpec,
} from '../../../src/sim/scenario.js';

export const KI = 1024;
export const GI = KI ** 3;
export const TI = KI ** 4;
export const SECOND_NS = 1e9;
const EMPTY = { kind: 'fraction', fraction: 0, layout: 'uniform' } as const;

export function bitmap(over: Partial<BitmapSpec> = {}): BitmapSpec {
  return { granularityBytes: 64 * KI, count: 1, recording: true, content: EMPTY, stored: false, ...over };
}

export function disk(sizeBytes: number, ...bitmaps: readonly Partial<BitmapSpec>[]): DiskSpec {
  return {
    sizeBytes,
    clusterBytes: 64 * KI,
    bitmaps: bitmaps.length === 0 ? [bitmap()] : bitmaps.map(bitmap),
    allocatedBytes: 0,
    discard: false,
  };
}

export function part(pattern: PatternSpec, over: Partial<WritePartSpec> = {}): WritePartSpec {
  return {
    weight: 1,
    pattern,
    sizes: [{ bytes: 4 * KI, weight: 1 }],
    offsetShare: 0,
    footprintBytes: Number.MAX_SAFE_INTEGER,
    ...over,
  };
}

export function guest(
  writesPerS: number,
  parts: readonly WritePartSpec[] = [part({ kind: 'uniform' })],
  arrivals: ArrivalSpec = { kind: 'poisson' },
): SyntheticGuestSpec {
  return { kind: 'synthetic', name: 'test', writesPerS, arrivals, parts };
}
