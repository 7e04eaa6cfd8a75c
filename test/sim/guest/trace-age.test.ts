/** Bits that a recorded guest has set before the replay begins. */
import { describe, expect, it } from 'vitest';
import { createTracker } from '../../../src/sim/guest/engine.js';
import type { DiskSpec, TraceGuestSpec } from '../../../src/sim/scenario.js';

const G = 65536;
const MIB = 2 ** 20;

/** Ten seconds, one write a second at 0.5, 1.5, …, each to a granule of its own; the last one spans two. */
const guest = (over: Partial<TraceGuestSpec>): TraceGuestSpec => ({
  kind: 'trace',
  name: 'invented',
  timesNs: Float64Array.from({ length: 10 }, (_, i) => (i + 0.5) * 1e9),
  offsetsBytes: Float64Array.from({ length: 10 }, (_, i) => i * G),
  lengthsBytes: Float64Array.from({ length: 10 }, (_, i) => (i === 9 ? G + 1 : 4096)),
  disks: new Uint16Array(10),
  durationNs: 10e9,
  startNs: 0,
  loop: true,
  rate: 1,
  stretch: 1,
  ...over,
});

function bitsSet(ageNs: number, over: Partial<TraceGuestSpec> = {}): number {
  const disk: DiskSpec = {
    sizeBytes: 16 * MIB,
    clusterBytes: G,
    bitmaps: [
      { granularityBytes: G, count: 1, recording: true, content: { kind: 'age', ageNs }, stored: false },
    ],
    allocatedBytes: 0,
    discard: false,
  };
  const tracker = createTracker(
    { disk, index: 0, disks: 1, guest: guest(over), chunkBytes: G, draws: { seed: 1, replication: 0 } },
    'auto',
  );
  return tracker.groups[0]!.setCount.reduce((sum, count) => sum + count, 0);
}

describe('age of a bitmap under a trace', () => {
  it('is what precedes the start, around the loop', () => {
    expect(bitsSet(0)).toBe(0);
    expect(bitsSet(1e9)).toBe(2);
    expect(bitsSet(3e9)).toBe(4);
    expect(bitsSet(10e9)).toBe(11);
    expect(bitsSet(86_400e9)).toBe(11);
    expect(bitsSet(2e9, { startNs: 5e9 })).toBe(2);
    expect(bitsSet(6e9, { startNs: 5e9 })).toBe(5 + 2);
  });

  it('has no past where it does not loop', () => {
    expect(bitsSet(86_400e9, { loop: false })).toBe(0);
    expect(bitsSet(86_400e9, { loop: false, startNs: 5e9 })).toBe(5);
  });

  it('runs at the rate of the replay', () => {
    expect(bitsSet(1e9, { rate: 3 })).toBe(4);
  });
});
