/** The flusher on writes that are known one by one: 1 ms for a chunk, chunks of 8 bytes (64 granules of 64 KiB). */
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../src/kernel/kernel.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import type { BitmapSpec, TraceGuestSpec } from '../../../src/sim/scenario.js';
import {
  Flusher,
  type FlusherOptions,
  type FlusherReport,
  fixedService,
} from '../../../src/sim/strategies/flusher.js';
import { disk, GI, guest, KI, TI } from '../guest/scenarios.js';

const MS = 1e6;
const CHUNK = 8;
const CHUNK_GUEST_BYTES = CHUNK * 8 * 64 * KI;

/** Writes of one granule: [ms, chunk, granule within]. */
function writes(list: readonly (readonly [number, number, number])[]): TraceGuestSpec {
  return {
    kind: 'trace',
    name: 'writes',
    timesNs: Float64Array.from(list, ([ms]) => ms * MS),
    offsetsBytes: Float64Array.from(list, ([, chunk, at]) => chunk * CHUNK_GUEST_BYTES + at * 64 * KI),
    lengthsBytes: Float64Array.from(list, () => 4 * KI),
    disks: new Uint16Array(list.length),
    durationNs: 1e9,
    startNs: 0,
    loop: false,
    rate: 1,
    stretch: 1,
  };
}

interface Run {
  readonly report: FlusherReport;
  /** `chunk@ms` of each begin of a write. */
  readonly begins: readonly string[];
  readonly quietMs: number;
  /** Whether every chunk that is not stale is stored as it is. */
  readonly stored: boolean;
}

function run(
  list: readonly (readonly [number, number, number])[],
  stopMs: number,
  over: Partial<FlusherOptions> = {},
  bitmap: Partial<BitmapSpec> = {},
): Run {
  const kernel = new Kernel();
  const tracker = createTracker(
    {
      disk: disk(GI, bitmap),
      index: 0,
      disks: 1,
      guest: writes(list),
      chunkBytes: CHUNK,
      draws: { seed: 1, replication: 0 },
    },
    'per-write',
  );
  const options = {
    bytesPerS: Number.POSITIVE_INFINITY,
    settleNs: 0,
    order: 'fifo',
    initialPass: true,
    ...over,
  } as const;
  const begins: string[] = [];
  const service = fixedService(kernel, () => MS);
  const flusher = new Flusher(kernel, tracker, options, (chunk, done) => {
    begins.push(`${chunk.chunk}@${kernel.nowNs / MS}`);
    return service(chunk, done);
  });
  let report: FlusherReport | undefined;
  let quietMs = Number.NaN;
  flusher.quiet.onFire(() => {
    quietMs = kernel.nowNs / MS;
  });
  kernel.schedule(stopMs * MS, () => {
    report = flusher.stop();
  });
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e5 });
  const group = tracker.groups[0]!;
  const stale = new Set(tracker.staleChunks(0));
  const stored = group.setCount.every((set, chunk) => stale.has(chunk) || set === group.storedCount[chunk]);
  return { report: report!, begins, quietMs, stored };
}

describe('flusher', () => {
  it('takes a chunk when it becomes stale, and again what changed while it was written', () => {
    const { report, begins, stored } = run(
      [
        [1, 3, 0],
        [1.5, 3, 1],
        [1.7, 3, 0],
        [5, 3, 1],
      ],
      10,
    );
    // The write at 1.7 and the one at 5 set nothing new.
    expect(begins).toEqual(['3@1', '3@2']);
    expect(report).toMatchObject({ writes: 2, bytes: 16, staleAtStop: 0, busyAtStop: false, staleMax: 1 });
    // Stale from 1.5 to 2 ms, busy from 1 to 3, of 10.
    expect(report.staleMean).toBeCloseTo(0.05, 9);
    expect(report.busyShare).toBeCloseTo(0.2, 9);
    expect(stored).toBe(true);
  });

  it('lets the write in flight end before it is quiet, and leaves the rest', () => {
    const { report, quietMs, stored } = run(
      [
        [1, 0, 0],
        [1.1, 1, 0],
        [1.2, 2, 0],
      ],
      1.5,
    );
    expect(report).toMatchObject({ writes: 0, staleAtStop: 2, busyAtStop: true });
    expect(quietMs).toBe(2);
    expect(stored).toBe(true);
  });

  it('goes in order of becoming stale, or ascending like a lift', () => {
    const list = [
      [1, 5, 0],
      [1.1, 9, 0],
      [1.2, 2, 0],
      [1.3, 7, 0],
    ] as const;
    expect(run(list, 20).begins).toEqual(['5@1', '9@2', '2@3', '7@4']);
    expect(run(list, 20, { order: 'ascending' }).begins).toEqual(['5@1', '7@2', '9@3', '2@4']);
  });

  it('waits until a chunk has settled', () => {
    const list = [
      [1, 5, 0],
      [2, 5, 1],
      [3, 6, 0],
    ] as const;
    expect(run(list, 50, { settleNs: 10 * MS }).begins).toEqual(['5@11', '6@13']);
    expect(run(list, 12.5, { settleNs: 10 * MS }).report).toMatchObject({ staleAtStop: 1, writes: 1 });
  });

  it('has to be woken where it sleeps, not where it goes on', () => {
    const list = [
      [1, 5, 0],
      [1.1, 9, 0],
      [5, 2, 0],
    ] as const;
    const { begins, report } = run(list, 10, { wakeNs: 0.25 * MS });
    expect(begins).toEqual(['5@1.25', '9@2.25', '2@5.25']);
    // Chunk 5 waits a quarter of a millisecond to be taken, 9 from 1.1 to 2.25, 2 a quarter again.
    expect(report.staleMean).toBeCloseTo((0.25 + 1.15 + 0.25) / 10, 9);
  });

  it('begins no write before its rate allows: 8 bytes at 1,600 bytes/s are 5 ms', () => {
    const list = [
      [1, 5, 0],
      [1, 6, 0],
      [20, 7, 0],
    ] as const;
    expect(run(list, 50, { bytesPerS: 1600 }).begins).toEqual(['5@1', '6@6', '7@20']);
    // Three bitmaps alike are three chunks to write.
    const three = run(list, 50, { bytesPerS: 1600 }, { count: 3 });
    expect(three.begins).toEqual(['5@1', '5@6', '5@11', '6@16', '6@21', '6@26', '7@31', '7@36', '7@41']);
    expect(three.report).toMatchObject({ writes: 9, bytes: 72 });
  });

  it('writes the chunk of each of three bitmaps by itself; the stop waits for one, and what is owed counts', () => {
    const three = (list: readonly (readonly [number, number, number])[], stopMs: number): Run =>
      run(list, stopMs, {}, { count: 3 });
    const one = three([[1, 5, 0]], 2.5);
    expect(one.begins).toEqual(['5@1', '5@2']);
    expect(one.quietMs).toBe(3);
    // One is written, one is being written, one waits; stale or owed for 1 ms each: none, 2, 1.
    expect(one.report).toMatchObject({ writes: 1, bytes: 8, staleAtStop: 1, busyAtStop: true });
    expect(one.report.staleMean).toBeCloseTo((1 * 2 + 0.5 * 1) / 2.5, 9);
    // A bit set after the first of them makes all three stale again.
    const again = three(
      [
        [1, 5, 0],
        [1.5, 5, 1],
      ],
      20,
    );
    expect(again.begins).toEqual(['5@1', '5@2', '5@3', '5@4']);
    expect(again).toMatchObject({ report: { writes: 4, staleAtStop: 0 }, stored: true });
  });

  it('sleeps for good where the next stale chunk is years away', () => {
    const kernel = new Kernel();
    const content = { kind: 'fraction', fraction: 1 - 2 ** -20, layout: 'uniform' } as const;
    const tracker = createTracker(
      {
        disk: disk(TI, { content }),
        index: 0,
        disks: 1,
        guest: guest(0.001),
        chunkBytes: 64 * KI,
        draws: { seed: 1, replication: 0 },
      },
      'first-touch',
    );
    const options = { bytesPerS: Number.POSITIVE_INFINITY, settleNs: 0, order: 'fifo' } as const;
    const service = fixedService(kernel, () => MS);
    const flusher = new Flusher(kernel, tracker, { ...options, initialPass: false }, service);
    expect(tracker.nextStaleNs()).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e5 })).toBe('idle');
    expect(flusher.stop()).toMatchObject({ writes: 0, staleAtStop: 0 });
  });

  it('writes in its initial pass what the image lacks, or takes it as stored', () => {
    const content = { kind: 'fraction', fraction: 0.25, layout: 'prefix' } as const;
    expect(run([], 100, {}, { content }).report.writes).toBe(64);
    const without = run([], 100, { initialPass: false }, { content });
    expect(without.report).toMatchObject({ writes: 0, staleAtStop: 0 });
    expect(without.stored).toBe(true);
  });
});
