/** `compare` and `sensitivity` on the model, and what they refuse. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolveTree } from '../../src/input/resolve.js';
import { parameterText, sensitivityCsv, sensitivityText } from '../../src/output/sensitivity-text.js';
import { formatTable } from '../../src/output/table.js';
import { compare } from '../../src/study/compare/compare.js';
import { parseWith } from '../../src/study/compare/with.js';
import { askSensitivity } from '../../src/study/sensitivity/ask.js';
import { factorOf } from '../../src/study/sensitivity/factor.js';
import type { Simulate } from '../../src/study/simulate.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';

const executor = new InlineExecutor();
const inline: Simulate = async (work) => (await executor.run([work])).parts[0]!;

const STORE: Overrides = {
  'disk.size': '1T',
  'bitmaps.dirty': '100%',
  workload: 'idle',
  strategies: 'store-at-stop',
};
const CALM: Overrides = { ...STORE, storage: 'ideal-1ms', 'host.ram-spread': 0 };

type Settings = Readonly<Record<string, unknown>>;

async function compared(base: Overrides, ...others: readonly Settings[]) {
  const sets = [{}, ...others];
  const alternatives = await Promise.all(
    sets.map(async (set, i) => ({ name: `a${i}`, resolved: await resolveTree({}, { ...base, ...set }) })),
  );
  return compare({ alternatives, metric: 'downtimeNs', indifference: 0.01, simulate: inline });
}

describe('compare', () => {
  it('says no difference of a thing and itself, for any seed', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const result = await compared({ ...STORE, seed, replications: 5 }, {});
      expect(result).toMatchObject({ verdict: 'no-difference', sentence: 'no difference' });
      expect(result.rows.map(({ p_best }) => p_best)).toEqual([0.5, 0.5]);
    }
  });

  it('finds the shorter stop, by how much, and how surely', async () => {
    const result = await compared({ ...STORE, replications: 5 }, { 'disk.size': '512G' }, { qemu: '10.0' });
    const [, half] = result.rows;
    expect(result).toMatchObject({ best: 'a1', baseline: 'a0' });
    expect(half).toMatchObject({ change: 'better' });
    expect(half!.ratio!.ci95![1]).toBeLessThan(1);
    expect(half!.p_best).toBeGreaterThan(0.99);
  });

  it('is exact where nothing is random', async () => {
    const { rows } = await compared(CALM, { 'bitmaps.count': 2 });
    expect(rows[1]!.n).toBe(1);
    expect(rows[1]!.difference_ms!.ci95).toEqual([
      rows[1]!.difference_ms!.mean,
      rows[1]!.difference_ms!.mean,
    ]);
  });

  it('reads sets of settings, by path or flag, several with commas', () => {
    expect(parseWith('qemu=10.0,bitmaps=7').settings).toEqual({ qemu: '10.0', 'bitmaps.count': '7' });
    expect(parseWith('strategies=store-at-stop,pre-flush').settings).toEqual({
      strategies: 'store-at-stop,pre-flush',
    });
    expect(() => parseWith('qemu')).toThrow('is not path=value');
    expect(() => parseWith('bitmap=7')).toThrow("did you mean 'bitmaps'");
  });
});

async function driven(vary: readonly string[], overrides: Overrides) {
  const resolved = await resolveTree({}, { ...overrides });
  const question = {
    vary,
    metric: 'downtime_ms',
    samples: 32,
    walks: 4,
    replications: undefined,
    named: true,
  };
  const situation = (settings: Settings) => resolveTree({}, { ...overrides, ...settings });
  return (await askSensitivity(resolved, question, situation, inline, parameterText))[0]!;
}

describe('sensitivity', () => {
  it('finds what drives the stop, and where it is too long', async () => {
    const result = await driven(['flush-latency=0.1ms..2ms', 'bitmaps=1..8', 'link=25gbit,10gbit'], CALM);
    const total = Object.fromEntries(result.indices.map((each) => [each.path, each.total]));
    expect(total['flush-latency']! + total['bitmaps.count']!).toBeGreaterThan(0.9);
    expect(total.link).toBeLessThan(0.05);
    expect(result.sentence).toMatch(
      /^\d+ % of the variance comes of (flush-latency|bitmaps.count); known within 10 %/,
    );
    expect(result.box).toMatch(/^too much where .*flush-latency is above/);
  });

  it('changes what the screening found idle together, and bounds each by that', async () => {
    const vary = [
      'flush-latency=0.1ms..2ms',
      'link.round-trip=20us..60us',
      'host.start=1us..20us',
      'bitmaps=1,2',
    ];
    const result = await driven(vary, CALM);
    expect(result.others!.paths).toEqual(['link.round-trip', 'host.start']);
    const { indices, others, runs } = result;
    for (const { path, first, total, total_ci95, morris_mu_star } of indices) {
      if (!others!.paths.includes(path)) continue;
      expect([first, total, total_ci95]).toEqual([0, 0, [0, others!.total_ci95[1]]]);
      expect(morris_mu_star).toBeGreaterThan(0);
    }
    expect(others!.total_ci95[1]).toBeLessThan(0.001);
    // 32 base points of 2 and 3 groups; 4 walks of 5 points.
    expect(runs).toBeLessThanOrEqual(32 * 5 + 4 * 5);
    expect(sensitivityText(result, formatTable)).toMatch(/^2 others together +0 % ± 0 +up to/m);
    expect(sensitivityCsv([result]).trim().split('\n')).toHaveLength(1 + vary.length);
  });

  it('changes each by itself where the screening overlooked what the idle ones do', async () => {
    // Walks step between 0, 1/3, 2/3 and 1 of a range: of nine values they meet those at the ends and at a third.
    const sizes = ['1T', '1T', '4T', '1T', '1T', '4T', '1T', '1T', '1T'];
    const hidden = `disk.size=${[...sizes, ...sizes].join(',')}`;
    const vary = ['host.start=1us..2us', hidden, 'link.round-trip=20us..21us'];
    const { others, indices } = await driven(vary, { ...CALM, 'bitmaps.count': 2 });
    const size = indices.find(({ path }) => path === 'disk.size')!;
    expect(size.total).toBeGreaterThan(0.5);
    expect(others?.paths ?? []).not.toContain('disk.size');
  });

  it('runs settings that are the same once', async () => {
    const { runs } = await driven(['bitmaps=1,2', 'qemu=7.2,10.0'], CALM);
    expect(runs).toBeLessThanOrEqual(4);
  });

  it('is the same again', async () => {
    const vary = ['flush-latency=0.1ms..2ms:log', 'bitmaps=1..8'];
    expect(await driven(vary, CALM)).toEqual(await driven(vary, CALM));
  });

  it('varies every figure of the presets within its doubt', async () => {
    const { indices } = await driven(['uncertainty'], STORE);
    expect(indices.map(({ path }) => path)).toContain('storage.write.latency');
    const [main] = [...indices].sort((a, b) => b.total - a.total);
    expect(main!.path.startsWith('storage.')).toBe(true);
  });

  it.each([
    ['bitmaps', 'is not path=from..to'],
    ['bitmap=1..2', "did you mean 'bitmaps'"],
    ['bitmaps=8..1', 'is empty'],
    ['bitmaps=1', 'is not path=from..to'],
    ['discard=on..off', 'is not a number'],
    ['flush-latency=0ms..1ms:log', 'must begin above 0'],
    ['flush-latency=1..2', "'1' is not a time"],
  ])('refuses %s', (text, words) => {
    expect(() => factorOf(text, parameterText)).toThrow(words);
  });
});
