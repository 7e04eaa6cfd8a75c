/** A break-even is one if asking again with it just meets the budget. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve } from '../../src/input/resolve.js';
import { answer, judge, type Studied, studied } from '../../src/study/answer/answer.js';
import type { BreakEven } from '../../src/study/answer/break-even.js';
import { calm } from '../support/situation.js';

const STORE = { strategies: 'store-at-stop' };

/** Stop of store-at-stop in ms. */
async function stopMs(overrides: Overrides): Promise<number> {
  return judge(await calm({ ...STORE, ...overrides })).strategies[0]!.downtime_ms.mean;
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
