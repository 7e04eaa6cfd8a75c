import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import { bitmap, disk, GI, guest, KI, part, SECOND_NS, TI } from './scenarios.js';

const make = (d: ReturnType<typeof disk>, g: ReturnType<typeof guest>, chunk = 4 * KI) =>
  createTracker(
    { disk: d, index: 0, disks: 1, guest: g, chunkBytes: chunk, draws: { seed: 1, replication: 0 } },
    'per-write',
  );

describe('per-write engine', () => {
  it('does not depend on how often somebody looks', () => {
    const once = make(disk(64 * GI), guest(5000));
    const often = make(disk(64 * GI), guest(5000));
    once.advance(2 * SECOND_NS);
    for (let t = 0; t <= 2 * SECOND_NS; t += 1_234_567) {
      often.nextStaleNs();
      often.advance(t);
    }
    often.advance(2 * SECOND_NS);
    expect(often.writes).toBe(once.writes);
    expect(often.groups[0]!.setCount).toEqual(once.groups[0]!.setCount);
    expect(often.staleAreaNs).toBeCloseTo(once.staleAreaNs, 3);
  });

  it('leaves frozen groups alone and makes only recording ones stale', () => {
    const tracker = make(
      disk(64 * GI, { content: { kind: 'count', bits: 1000 }, recording: false }, {}),
      guest(5000),
    );
    tracker.advance(SECOND_NS);
    expect(tracker.groups[0]!.setCount.reduce((a, b) => a + b)).toBe(1000);
    expect(tracker.staleChunks(0)).toEqual([]);
    expect(tracker.staleChunks(1).length).toBeGreaterThan(0);
  });

  it('walks sequentially: a stream of 64 KiB writes sets neighbouring granules in one chunk', () => {
    const tracker = make(
      disk(TI),
      guest(1600, [part({ kind: 'sequential', streams: 1 }, { sizes: [{ bytes: 64 * KI, weight: 1 }] })], {
        kind: 'deterministic',
      }),
      64 * KI,
    );
    tracker.advance(SECOND_NS);
    expect(tracker.firstTouches).toBe(1600);
    expect(tracker.staleChunks(0)).toEqual([0]);
  });

  it('refuses what does not fit into memory, and names a way out', () => {
    const huge = disk(1024 * TI, bitmap({ granularityBytes: 4 * KI }));
    expect(() => make(huge, guest(1))).toThrow(InputError);
    expect(() => make(huge, guest(1))).toThrow(/coarser granularity/);
  });
});
