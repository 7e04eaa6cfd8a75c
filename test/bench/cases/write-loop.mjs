// The per-write engine: Poisson writes of 4 KiB, uniform over 16 TiB at 64 KiB granularity (a bitmap of 32 MiB, so that
// nearly every write misses the cache), with counts and stale marks per chunk of 64 KiB of bitmap. The C peer does the
// same draws, bits, counts and marks in one loop as one would write it, and must count the same first touches.
import { namedStream } from '../../../dist/kernel/rng.js';
import { createTracker } from '../../../dist/sim/guest/engine.js';

const WRITES_PER_S = 1_000_000;
const SIZE = 16 * 2 ** 40;
const disk = {
  sizeBytes: SIZE,
  clusterBytes: 65536,
  allocatedBytes: 0,
  discard: false,
  bitmaps: [
    {
      granularityBytes: 65536,
      count: 1,
      recording: true,
      content: { kind: 'fraction', fraction: 0, layout: 'uniform' },
      stored: false,
    },
  ],
};
const guest = {
  kind: 'synthetic',
  name: 'bench',
  writesPerS: WRITES_PER_S,
  arrivals: { kind: 'poisson' },
  parts: [
    {
      weight: 1,
      pattern: { kind: 'uniform' },
      sizes: [{ bytes: 4096, weight: 1 }],
      offsetShare: 0,
      footprintBytes: SIZE,
    },
  ],
};

/** The state that the engine's stream of this name starts with (src/sim/guest/word-source.ts). */
function state(name) {
  const rng = namedStream(1, 0, `guest/0/${name}`);
  return [rng.uint32(), rng.uint32(), rng.uint32(), (rng.uint32() | 1) >>> 0];
}

export const benchmark = {
  name: 'write-loop',
  unit: 'writes',
  work: { full: 20_000_000, quick: 200_000 },
  prepare(writes) {
    const tracker = createTracker(
      { disk, index: 0, disks: 1, guest, chunkBytes: 65536, draws: { seed: 1, replication: 0 } },
      'per-write',
    );
    return () => {
      tracker.advance((writes / WRITES_PER_S) * 1e9);
      return tracker.firstTouches;
    };
  },
  peers: [
    {
      name: 'c',
      source: 'write-loop.c',
      args: [...state('arrivals'), ...state('arrivals/rare'), ...state('address/0')],
      sameResult: true,
    },
  ],
};
