import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import type { DiskSpec, GuestSpec, TraceGuestSpec } from '../../../src/sim/scenario.js';
import { disk, GI, guest, KI, part, TI } from './scenarios.js';

const trace: TraceGuestSpec = {
  kind: 'trace',
  name: 'three writes',
  timesNs: Float64Array.of(0, 1e6, 5e6),
  offsetsBytes: Float64Array.of(0, 64 * KI, GI + 5),
  lengthsBytes: Float64Array.of(4 * KI, 128 * KI, 10),
  disks: Uint16Array.of(0, 0, 1),
  durationNs: 10e6,
  startNs: 0,
  loop: false,
  rate: 1,
  stretch: 1,
};

const make = (d: DiskSpec, g: GuestSpec, engine: 'auto' | 'per-write' | 'first-touch', diskIndex = 0) =>
  createTracker(
    { disk: d, index: diskIndex, disks: 2, guest: g, chunkBytes: 4 * KI, draws: { seed: 1, replication: 0 } },
    engine,
  );

describe('choice of engine', () => {
  it.each([
    ['uniform', guest(1000), 'first-touch'],
    ['fast zipf', guest(1e6, [part({ kind: 'zipf', theta: 0.9 })]), 'first-touch'],
    ['slow zipf: writing is cheaper', guest(1000, [part({ kind: 'zipf', theta: 0.9 })]), 'per-write'],
    ['sequential', guest(1000, [part({ kind: 'sequential', streams: 1 })]), 'first-touch'],
    ['bursts', guest(1000, undefined, { kind: 'on-off', onNs: 1e8, offNs: 1e8 }), 'per-write'],
    ['a trace', trace, 'per-write'],
  ] as const)('auto takes the fastest exact one: %s', (_, g, engine) => {
    expect(make(disk(64 * GI), g, 'auto').engine).toBe(engine);
  });

  it('takes first-touch where the bits of a slow zipf guest would not fit into memory', () => {
    const huge = disk(4096 * TI, { granularityBytes: 4 * KI });
    const slow = guest(10, [part({ kind: 'zipf', theta: 0.9 }, { footprintBytes: TI })]);
    expect(
      createTracker(
        {
          disk: huge,
          index: 0,
          disks: 1,
          guest: slow,
          chunkBytes: 1024 * KI,
          draws: { seed: 1, replication: 0 },
        },
        'auto',
      ).engine,
    ).toBe('first-touch');
  });

  it('refuses first-touch where it is not exact, with the reason and the way out', () => {
    const sequential = part({ kind: 'sequential', streams: 1 });
    const twice = guest(1000, [sequential, sequential]);
    expect(() => make(disk(GI), twice, 'first-touch')).toThrow(InputError);
    expect(() => make(disk(GI), twice, 'first-touch')).toThrow(
      /sequential parts overlap; take engine per-write or auto/,
    );
    const zipf = guest(1000, [sequential, part({ kind: 'zipf', theta: 0.9 })]);
    expect(() => make(disk(GI), zipf, 'first-touch')).toThrow(/a sequential and a zipf part overlap/);
    expect(() => make(disk(GI, {}, {}), guest(10), 'first-touch')).toThrow(/several groups/);
    const h2 = guest(10, undefined, { kind: 'h2', p1: 0.9, fast: 0.5 });
    expect(() => make(disk(GI), h2, 'first-touch')).toThrow(/not poisson/);
  });

  it('keeps 64 bitmaps of 64 TiB in one: bits for one of them at most', () => {
    const d = disk(
      64 * TI,
      { count: 64 },
      { count: 3, recording: false, content: { kind: 'count', bits: 5 } },
    );
    const before = process.memoryUsage().arrayBuffers;
    const tracker = make(d, guest(1000), 'per-write');
    expect(tracker.groups[0]!.count).toBe(64);
    expect(tracker.groups[1]!.setCount.reduce((a, b) => a + b)).toBe(5);
    // 128 MiB for the recording ones, as much for a moment while the frozen ones are drawn.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300 * 1024 * KI);
  });
});

describe('trace guests', () => {
  it('write to their own disk, across granules', () => {
    const first = make(disk(2 * GI), trace, 'auto');
    first.advance(5e6);
    expect(first.writes).toBe(2);
    expect(first.writtenBytes).toBe(132 * KI);
    expect(first.firstTouches).toBe(3);
    const second = make(disk(2 * GI), trace, 'auto', 1);
    second.advance(4_999_999);
    expect(second.writes).toBe(0);
    second.advance(5e6);
    expect(second.firstTouches).toBe(1);
  });

  it('loop, run faster, start later and stretch', () => {
    const looped = make(disk(2 * GI), { ...trace, loop: true, rate: 2, stretch: 4 }, 'auto');
    looped.advance(15e6);
    // 10 ms at double speed: at 0, 5, 10 and 15 ms the first, half a millisecond later the second.
    expect(looped.writes).toBe(7);
    // Granule 0, and four granules further two more.
    expect(looped.firstTouches).toBe(3);
    const late = make(disk(2 * GI), { ...trace, startNs: 500_000 }, 'auto');
    late.advance(500_000);
    expect(late.writes).toBe(1);
  });
});
