/** Where the law of the stop is known, `ask` gives it; it is that of the drawn stops. */
import { describe, expect, it } from 'vitest';
import { resolve } from '../../src/input/resolve.js';
import { closedStop } from '../../src/sim/migration/closed-stop.js';
import { judge } from '../../src/study/answer/answer.js';
import { BESIDE, quantilesInside, SITUATIONS } from './situations-exact.js';

const asked = (given: Record<string, unknown>) =>
  resolve({}, { 'bitmaps.dirty': '100%', 'disk.size': '1T', ...given });

describe('an exact answer', () => {
  it('has quantiles that drawn stops have', async () => {
    let inside = 0;
    const few = SITUATIONS.filter((_, i) => i % 10 === 2 || i % 10 === 4);
    for (const situation of few) inside += await quantilesInside(situation, 1500);
    // 95 % of 24 in the mean; fewer than 19 come once in five hundred times.
    expect(inside).toBeGreaterThanOrEqual(19);
  });

  it('has them where a strategy acts beside the guest or after the resume, too', async () => {
    let inside = 0;
    const few = BESIDE.filter((_, i) => i % 10 < 2);
    for (const { situation, strategy } of few) inside += await quantilesInside(situation, 300, strategy);
    // 95 % of 12 in the mean; fewer than 9 come once in two thousand times.
    expect(few).toHaveLength(4);
    expect(inside).toBeGreaterThanOrEqual(9);
  });

  it('has all counts of pre-flush that are drawn otherwise', async () => {
    const given = { strategies: ['pre-flush'], storage: 'hdd-7200', 'disk.size': '4T' };
    const [exact] = judge(await asked(given)).strategies;
    const [drawn] = judge(await asked({ ...given, replications: 40 })).strategies;
    expect([exact!.exact, drawn!.exact]).toEqual([true, false]);
    const excess = (slowdown: number | null): number => slowdown! - 1;
    expect(excess(exact!.guest_slowdown) / excess(drawn!.guest_slowdown)).toBeCloseTo(1, 1);
    expect(exact!.least_stop_ms / drawn!.least_stop_ms).toBeCloseTo(1, 2);
    for (const name of [
      'bytes_written_running',
      'bytes_written_stopped',
      'stale_chunks_at_stop',
      'store_writes',
      'store_flushes',
      'bitmap_ready_ms',
    ] as const)
      expect(exact![name]).toBe(drawn![name]);
  });

  it('says so, draws nothing, and its phases add up to the mean', async () => {
    const answer = judge(
      await asked({ storage: 'hdd-7200', strategies: ['store-at-stop', 'dont-store/drop'] }),
    );
    for (const { exact, replications, downtime_ms, phases_ms, bitmap_downtime_ms } of answer.strategies) {
      expect({ exact, replications }).toEqual({ exact: true, replications: 0 });
      expect(Object.values(phases_ms).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(downtime_ms.mean, 6);
      expect(downtime_ms.ci95).toEqual([downtime_ms.mean, downtime_ms.mean]);
      expect(downtime_ms.p999!).toBeGreaterThan(downtime_ms.p99!);
      expect(bitmap_downtime_ms.mean).toBeLessThan(downtime_ms.mean);
    }
  });

  it('has the share over budget and the verdict that follow', async () => {
    const { strategies, budget_ms } = judge(
      await asked({ storage: 'hdd-7200', strategies: ['store-at-stop'] }),
    );
    const { p50 } = strategies[0]!.downtime_ms;
    expect(budget_ms).toBeLessThan(p50!);
    expect(strategies[0]!.verdict).toBe('too-much');
    const at = await asked({ storage: 'hdd-7200', strategies: ['store-at-stop'], budget: `${p50}ms` });
    expect(judge(at).strategies[0]!.p_over_budget.value).toBeCloseTo(0.5, 3);
  });

  it('gives way to replications that are asked for', async () => {
    const answer = judge(await asked({ replications: 20, strategies: ['store-at-stop'] }));
    expect(answer.strategies[0]).toMatchObject({ exact: false, replications: 20 });
  });

  it('is none where bits are chance, where others limit the device, where the strategy may still act when the guest stops', async () => {
    const closed = async (given: Record<string, unknown>): Promise<boolean> => {
      const { scenario, strategies } = await asked(given);
      return closedStop(scenario, strategies.at(-1)!) !== null;
    };
    expect(await closed({ strategies: ['store-at-stop'] })).toBe(true);
    expect(await closed({ strategies: ['store-at-stop'], 'bitmaps.dirty': '50%' })).toBe(false);
    expect(await closed({ strategies: ['store-at-stop'], storage: 'aws-gp3' })).toBe(false);
    expect(await closed({ strategies: ['pre-flush'] })).toBe(true);
    expect(await closed({ strategies: ['pre-flush'], 'bitmaps.dirty': '50%' })).toBe(false);
    // A flusher that is not through when RAM is, or may not be.
    expect(await closed({ strategies: ['pre-flush'], 'pre-flush.rate': '16KiB/s' })).toBe(false);
    expect(await closed({ strategies: ['pre-flush'], 'ram.size': '64M', storage: 'hdd-7200' })).toBe(false);
    // What the destination still has to do is waited for, and more or less of it as requests take.
    expect(await closed({ strategies: ['dont-store/stream'], 'disk.size': '1G' })).toBe(false);
  });
});
