/** Importance sampling of a queue of stale chunks: weights are those of a likelihood ratio, and both ways find as many. */
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../src/kernel/kernel.js';
import { namedStream } from '../../../src/kernel/rng.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import { Tilt, twistFor } from '../../../src/sim/guest/tilt.js';
import { Flusher, fixedService } from '../../../src/sim/strategies/flusher.js';

const SERVICE_NS = 1e6;
const WRITES_PER_S = 700;
const STOP_NS = 150e6;
const CHUNKS = 6;
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
} as const;

const guest = {
  kind: 'synthetic',
  name: 'test',
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
} as const;

/** Stale chunks at the stop. */
function staleAtStop(replication: number, bent?: Tilt): number {
  const draws = { seed: 3, replication, ...(bent && { bent }) };
  const tracker = createTracker({ disk, index: 0, disks: 1, guest, chunkBytes: 65536, draws }, 'first-touch');
  const kernel = new Kernel();
  const options = {
    bytesPerS: Number.POSITIVE_INFINITY,
    settleNs: 0,
    order: 'fifo',
    initialPass: false,
  } as const;
  new Flusher(
    kernel,
    tracker,
    options,
    fixedService(kernel, () => SERVICE_NS),
  );
  kernel.run({ untilNs: STOP_NS, eventsMax: 1e6 });
  tracker.advance(STOP_NS);
  return tracker.staleCount;
}

describe('a bent run', () => {
  const twist = twistFor(WRITES_PER_S, 1e9 / SERVICE_NS, CHUNKS)!;
  const runs = Array.from({ length: 500 }, (_, replication) => {
    const bent = new Tilt(twist, STOP_NS, namedStream(3, replication, 'rare/length').uniform());
    return { stale: staleAtStop(replication, bent), weight: bent.weight };
  });
  const estimate = (values: readonly number[]): { mean: number; error: number } => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, error: Math.sqrt(square / values.length) };
  };

  it('is bent as the queue fills by itself where it does', () => {
    expect(WRITES_PER_S * (twist.factor - 1)).toBeCloseTo(1000 * Math.log(twist.factor), 3);
    expect(twistFor(1100, 1000, CHUNKS)).toBeNull();
  });

  it('weighs 1 in the mean, and never more than the share left alone allows', () => {
    const { mean, error } = estimate(runs.map(({ weight }) => weight));
    expect(Math.abs(mean - 1)).toBeLessThan(4 * error);
    expect(Math.max(...runs.map(({ weight }) => weight))).toBeLessThanOrEqual(10);
  });

  it('finds the tail that plain runs find, more narrowly', () => {
    const rare = estimate(runs.map(({ stale, weight }) => (stale >= CHUNKS ? weight : 0)));
    const plain = estimate(Array.from({ length: 500 }, (_, r) => (staleAtStop(1000 + r) >= CHUNKS ? 1 : 0)));
    expect(Math.abs(rare.mean - plain.mean)).toBeLessThan(4 * Math.hypot(rare.error, plain.error, 1e-3));
    // Half of what as many plain runs would give, at most.
    expect(rare.error).toBeLessThan(Math.sqrt(rare.mean / runs.length) / 2);
  });
});
