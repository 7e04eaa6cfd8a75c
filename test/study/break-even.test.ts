/** A break-even is one if asking again with it just meets the budget. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve } from '../../src/input/resolve.js';
import { answer, judge, type Studied, studied } from '../../src/study/answer/answer.js';
import type { BreakEven } from '../../src/study/answer/break-even.js';
import { runReplication } from '../../src/study/run.js';
import { calm } from '../support/situation.js';

const STORE = { strategies: 'store-at-stop' };

/** Stop of store-at-stop in ms; nothing is random, so one run tells. */
async function stopMs(overrides: Overrides): Promise<number> {
  const { scenario, strategies, seed } = await calm({ ...STORE, ...overrides });
  return runReplication(scenario, strategies, seed, 0)[0]!.metrics.downtimeNs / 1e6;
}

/** The situation with each break-even value in turn, as the command line would be given it. */
function again(even: BreakEven): Overrides[] {
  const { disk_bytes, flush_latency_ms, flush_bandwidth_bytes_per_s } = even;
  return [
    ...(disk_bytes === null ? [] : [{ 'disk.size': String(disk_bytes) }]),
    ...(flush_latency_ms === null ? [] : [{ 'flush-latency': `${flush_latency_ms}ms` }]),
    ...(flush_bandwidth_bytes_per_s === null
      ? []
      : [{ 'flush-bandwidth': `${flush_bandwidth_bytes_per_s}B/s` }]),
  ];
}

const SITUATIONS: readonly [string, number, Overrides][] = [
  ['1 ms per request', 2, {}],
  ['a local file: flushes pay by the byte', 3, { storage: 'file-cache' }],
  ['requests so slow that the rest of the stop counts', 2, { 'disk.size': '64G', budget: '100ms' }],
  ['several disks with frozen bitmaps', 2, { 'disk.count': 3, 'bitmaps.count': 2, 'bitmaps.frozen': 1 }],
  ['an allocated image', 3, { storage: 'lab-fast', 'disk.size': '256G', 'disk.allocated': '100%' }],
];

const BESIDE: readonly [string, Overrides][] = [
  ['a bandwidth that is given', { 'flush-bandwidth': '50MiB/s', 'disk.size': '1T' }],
  [
    'a bandwidth on a preset with latencies of its own',
    { storage: 'file-cache', 'flush-bandwidth': '30MiB/s', 'disk.size': '512G' },
  ],
  ['a latency that is given', { 'flush-latency': '0.5ms', 'disk.size': '2T' }],
  ['both', { 'flush-latency': '0.2ms', 'flush-bandwidth': '100MiB/s', 'disk.size': '1T', budget: '200ms' }],
  [
    'several bitmaps, without discards',
    { 'flush-bandwidth': '20MiB/s', 'disk.size': '256G', 'bitmaps.count': 3, 'disk.discard': 'off' },
  ],
  [
    'two disks of a first store',
    {
      'flush-latency': '2ms',
      'flush-bandwidth': '1GiB/s',
      'disk.size': '256G',
      'disk.count': 2,
      'bitmaps.history': 'new',
    },
  ],
];

describe('break-even', () => {
  it.each(SITUATIONS)('meets the budget when asked again: %s', async (_, values, overrides) => {
    const { judgement, breakEven } = studied(await calm({ ...STORE, ...overrides }));
    const situations = again(breakEven());
    expect(situations.length).toBeGreaterThanOrEqual(values);
    for (const changed of situations) {
      const ms = await stopMs({ ...overrides, ...changed });
      expect(ms).toBeLessThan(judgement.budget_ms * 1.001);
      // A disk grows by whole clusters of its bitmaps, each of them some milliseconds.
      expect(ms).toBeGreaterThan(judgement.budget_ms * ('disk.size' in changed ? 0.9 : 0.995));
    }
  });

  it('is found where the slowest storage that is looked at outlasts the clock', async () => {
    const question = { storage: 'ceph-nvme', 'bitmaps.dirty': '100%', 'disk.size': '4T', replications: 10 };
    const late = { ...question, 'what-if.load-after-resume': 'on' };
    for (const overrides of [question, late]) {
      const even = studied(await resolve({}, { ...STORE, ...overrides })).breakEven();
      expect(even.flush_bandwidth_bytes_per_s).toBeGreaterThan(2 ** 20);
    }
  });

  it('counts the bitmaps that fit', async () => {
    const overrides = { 'disk.size': '512G', budget: '500ms' };
    const { bitmaps } = studied(await calm({ ...STORE, ...overrides })).breakEven();
    expect(await stopMs({ ...overrides, 'bitmaps.count': bitmaps! })).toBeLessThanOrEqual(500);
    expect(await stopMs({ ...overrides, 'bitmaps.count': bitmaps! + 1 })).toBeGreaterThan(500);
  });

  type Listed = readonly (readonly [granularityKiB: number, count: number])[];
  const THREE: Listed = [
    [32, 1],
    [64, 1],
    [128, 1],
  ];

  /** What is known of a disk with these bitmaps. */
  // By one engine: with the other, groups that record together would be asked no further than the guess.
  const listed = async (bitmaps: Listed, budget = '500ms'): Promise<Studied> => {
    const asked = await calm({ ...STORE, 'disk.size': '512G', budget, engine: 'per-write' });
    const disk = asked.scenario.disks[0]!;
    const specs = bitmaps.map(([kib, count]) => ({
      ...disk.bitmaps[0]!,
      granularityBytes: kib * 1024,
      count,
    }));
    return studied({ ...asked, scenario: { ...asked.scenario, disks: [{ ...disk, bitmaps: specs }] } });
  };

  it('does not depend on how bitmaps are listed', async () => {
    const orders = [THREE, [...THREE].reverse(), [THREE[1]!, THREE[2]!, THREE[0]!]];
    const evens = await Promise.all(orders.map(async (bitmaps) => (await listed(bitmaps)).breakEven()));
    for (const even of evens) expect(even).toEqual(evens[0]);
    expect(evens[0]!.bitmaps).toBeGreaterThan(3);
    const [apart, together] = [
      [
        [64, 1],
        [64, 1],
      ],
      [[64, 2]],
    ] as const;
    expect((await listed(apart)).breakEven()).toEqual((await listed(together)).breakEven());
  });

  it('is at least what fits, and less than what does not', async () => {
    const ms = (await listed(THREE)).judgement.strategies[0]!.downtime_ms.mean;
    expect((await listed(THREE, `${ms + 0.001}ms`)).breakEven().bitmaps).toBe(3);
    expect((await listed(THREE, `${ms - 0.001}ms`)).breakEven().bitmaps).toBeLessThan(3);
  });

  it.each(BESIDE)('is the crossing: it fits, and the next value does not: %s', async (_, overrides) => {
    const asked = answer(await calm({ ...STORE, ...overrides }));
    const even = asked.break_even;
    const isLatencyGiven = 'flush-latency' in overrides;
    const beyond: readonly [number | null, (value: number) => Overrides, next: (value: number) => number][] =
      [
        [even.bitmaps, (count) => ({ 'bitmaps.count': count }), (count) => count + 1],
        // A disk that is larger by what one cluster of bitmap stands for has another cluster.
        [
          even.disk_bytes,
          (bytes) => ({ 'disk.size': String(bytes) }),
          (bytes) => Math.floor(bytes * 1.001) + 2 ** 35,
        ],
        [
          even.flush_latency_ms,
          (ms) => ({ 'flush-latency': `${ms}ms` }),
          (ms) => Number((ms * 1.002).toFixed(6)),
        ],
        [
          even.flush_bandwidth_bytes_per_s,
          (rate) => ({ 'flush-bandwidth': `${rate}B/s` }),
          (rate) => Math.floor(rate / 1.002),
        ],
      ];
    const told = beyond.flatMap(([value, at, next]) => (value === null ? [] : [[value, at, next] as const]));
    expect(told.length).toBeGreaterThanOrEqual(2);
    for (const [value, at, next] of told) {
      expect(await stopMs({ ...overrides, ...at(value) })).toBeLessThanOrEqual(asked.budget_ms);
      expect(await stopMs({ ...overrides, ...at(next(value)) })).toBeGreaterThan(asked.budget_ms);
    }
    if (!isLatencyGiven) return;
    // By hand: the stop is a straight line in the time of a request, and in that of a byte.
    const [one, two] = [
      await stopMs({ ...overrides, 'flush-latency': '1ms' }),
      await stopMs({ ...overrides, 'flush-latency': '2ms' }),
    ];
    const crossingMs = 1 + (asked.budget_ms - one!) / (two! - one!);
    expect(Math.abs(even.flush_latency_ms! / crossingMs - 1)).toBeLessThan(2e-3);
  });

  it('is none where the stop is too long without bitmaps', async () => {
    const { breakEven } = studied(await resolve({}, { ...STORE, budget: '1ms', replications: 2 }));
    expect(new Set(Object.values(breakEven()))).toEqual(new Set([null]));
  });

  it('is left out of a judgement, which is otherwise the answer', async () => {
    const resolved = await calm({ ...STORE, 'disk.size': '64G' });
    const { break_even, limit_that_fits_ms, ...judgement } = answer(resolved);
    expect(judge(resolved)).toEqual(judgement);
    const { breakEven, limitMs } = studied(resolved);
    expect([breakEven(), limitMs()]).toEqual([break_even, limit_that_fits_ms]);
  });
});
