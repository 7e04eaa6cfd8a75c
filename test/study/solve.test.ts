/** Solving for a value: it fits, the next one does not, and asking with it gives the verdict. */
import { describe, expect, it } from 'vitest';
import { type Overrides, type Resolved, resolveTree } from '../../src/input/resolve.js';
import { answer, judge } from '../../src/study/answer/answer.js';
import { runReplication } from '../../src/study/run.js';
import { type Simulate, stopNs } from '../../src/study/simulate.js';
import { quantitiesOf, solveStrategies } from '../../src/study/solve/ask.js';
import type { Solved } from '../../src/study/solve/solved.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';

const executor = new InlineExecutor();
const inline: Simulate = async (work) => (await executor.run([work])).parts[0]!;

const CALM: Overrides = {
  storage: 'ideal-1ms',
  'host.ram-spread': 0,
  workload: 'idle',
  'bitmaps.dirty': '100%',
  strategies: 'store-at-stop',
  'migration.downtime-limit': '50ms',
};

type Settings = Readonly<Record<string, unknown>>;
const given = (overrides: Overrides, more: Settings = {}): Promise<Resolved> =>
  resolveTree({}, { ...overrides, ...more });

interface Question {
  readonly replications?: number;
  readonly quantile?: string;
  readonly points?: number;
}

async function solve(quantity: string, overrides: Overrides, question: Question = {}) {
  const resolved = await given(overrides);
  const asked = {
    quantities: quantitiesOf(quantity),
    quantile: question.quantile,
    points: question.points ?? 3,
    replications: question.replications,
  };
  return solveStrategies(resolved, asked, (settings) => given(overrides, settings), inline);
}

async function rootOf(quantity: string, overrides: Overrides, question?: Question): Promise<Solved> {
  return (await solve(quantity, overrides, question)).roots[0]!;
}

/** The stop of the only strategy in ns, less the budget. */
async function excessNs(overrides: Overrides, more: Settings): Promise<number> {
  const { scenario, strategies, budgetNs } = await given(overrides, more);
  return stopNs(runReplication(scenario, strategies, 1, 0)[0]!) - budgetNs;
}

describe('where nothing is random', () => {
  it.each([
    ['bitmaps', 'bitmaps.count', { 'disk.size': '1T' }, (v: number) => String(v), 1],
    ['disk', 'disk.size', {}, (v: number) => String(v), 2 ** 16],
    [
      'flush-latency',
      'flush-latency',
      { 'disk.size': '2T' },
      (v: number) => `${Math.round(v * 1e6)}ns`,
      1e-6,
    ],
    [
      'storage.write.latency',
      'storage.write.latency',
      { 'disk.size': '2T' },
      (v: number) => `${Math.round(v * 1e6)}ns`,
      1e-6,
    ],
    ['granularity', 'disk.granularity', { 'disk.size': '8T' }, (v: number) => String(v), 0],
    ['flush-bandwidth', 'flush-bandwidth', { 'disk.size': '1T' }, (v: number) => `${v}B/s`, -1],
    [
      'downtime-limit',
      'migration.downtime-limit',
      { 'disk.size': '1T' },
      (v: number) => `${Math.round(v * 1e6)}ns`,
      1e-6,
    ],
  ] as const)('%s: the value fits and the next one does not', async (name, path, more, text, unit) => {
    const overrides = { ...CALM, ...more };
    const root = await rootOf(name, overrides);
    expect(root).toMatchObject({ state: 'root', confidence: 1, lo: root.value, hi: root.value });
    const value = root.value!;
    const next = unit === 0 ? value / 2 : value + unit;
    expect(await excessNs(overrides, { [path]: text(value) })).toBeLessThanOrEqual(0);
    expect(await excessNs(overrides, { [path]: text(next) })).toBeGreaterThan(0);
    expect(root.runs).toBeLessThan(100);
    // Of 23 granularities none is 1 %.
    if (unit !== 0) expect(root.runs).toBeLessThanOrEqual(Math.max(20, 0.01 * root.grid_runs));
  });

  it('says that none fits, and where a limit of another parameter is met', async () => {
    const none = await rootOf('bitmaps', { ...CALM, budget: '1ms' });
    expect(none).toMatchObject({ state: 'none-fits', value: null, lo: null, hi: null });
    expect(none.runs).toBeLessThan(8);
    const all = await rootOf('disk', {
      ...CALM,
      'disk.size': '1G',
      'disk.cluster': '512',
      'disk.granularity': '16M',
      budget: '100s',
    });
    // 32 MiB of L1 table, each entry of which covers 32 KiB.
    expect(all).toMatchObject({ state: 'all-fit', value: 2 ** 37 });
  });

  it('gives the frontier of two quantities', async () => {
    const { frontiers } = await solve('disk,bitmaps', { ...CALM, 'disk.size': '512G', budget: '5s' });
    const values = frontiers[0]!.points.map(({ value }) => value!);
    expect(values.length).toBe(3);
    expect([...values].sort((a, b) => b - a)).toEqual(values);
    expect(values[0]).toBeGreaterThan(values[2]!);
  });
});

describe('where chance takes part', () => {
  const NOISY: Overrides = {
    storage: 'ceph-nvme',
    'bitmaps.dirty': '100%',
    workload: 'idle',
    strategies: 'store-at-stop',
    'disk.size': '1T',
  };

  it('gives an interval around a value at which the verdict is fits, with few runs', async () => {
    const root = await rootOf('bitmaps', NOISY);
    expect(root).toMatchObject({ state: 'root', sense: 'largest', confidence: 0.95 });
    expect(root.lo! <= root.value! && root.value! <= root.hi!).toBe(true);
    const asked = judge(await given(NOISY, { 'bitmaps.count': root.value!, replications: 100 }));
    expect(asked.strategies[0]!.p_over_budget.value).toBeLessThanOrEqual(0.05);
    const beyond = judge(await given(NOISY, { 'bitmaps.count': root.hi! + 1, replications: 100 }));
    expect(beyond.strategies[0]!.p_over_budget.value).toBeGreaterThan(0.05);
    expect(root.runs).toBeLessThan(0.01 * root.grid_runs);
  });

  it('wants more of a rarer excess', async () => {
    const [usual, rare] = [
      await rootOf('flush-bandwidth', { ...NOISY, 'disk.size': '512G', budget: '80ms' }),
      await rootOf('flush-bandwidth', { ...NOISY, 'disk.size': '512G', budget: '80ms' }, { quantile: 'p99' }),
    ];
    expect(usual.criterion).toBe('P(stop > 80 ms) <= 5 %');
    expect(rare.criterion).toBe('P(stop > 80 ms) <= 1 %');
    expect(rare.sense).toBe('least');
    expect(rare.value!).toBeGreaterThanOrEqual(usual.lo!);
  });

  it('is what the break-even of ask holds for: asked again, no more than 5 % are over', async () => {
    const asked = answer(await given(NOISY, { 'disk.size': '8T' }));
    const { disk_bytes, flush_latency_ms } = asked.break_even;
    const again = async (more: Settings): Promise<number> =>
      judge(await given(NOISY, { 'disk.size': '8T', ...more })).strategies[0]!.p_over_budget.value;
    expect(await again({ 'disk.size': disk_bytes! })).toBeLessThanOrEqual(0.05);
    expect(await again({ 'disk.size': Math.round(disk_bytes! * 1.02) })).toBeGreaterThan(0.05);
    const ms = (value: number): Settings => ({ 'flush-latency': `${Math.round(value * 1e6)}ns` });
    expect(await again(ms(flush_latency_ms!))).toBeLessThanOrEqual(0.05);
    expect(await again(ms(flush_latency_ms! * 1.02))).toBeGreaterThan(0.05);
  });
});

describe('what can be solved', () => {
  it('a flag that names a preset stands for the figure that a number would be', () => {
    expect(quantitiesOf('link')[0]!.parameter.path).toBe('link.bandwidth');
  });

  it.each([
    ['discard', 'no parameter with numbers'],
    ['bitmap', "did you mean 'bitmaps'"],
    ['seed', 'no parameter with numbers'],
    ['disk,disk', 'names one quantity twice'],
    ['disk,bitmaps,link', 'at most two'],
  ])('%s', (quantity, words) => {
    expect(() => quantitiesOf(quantity)).toThrow(words);
  });
});
