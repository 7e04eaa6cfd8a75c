/** `compare` and `sensitivity` on the model, and what they refuse. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolveTree } from '../../src/input/resolve.js';
import { parameterText } from '../../src/output/sensitivity-text.js';
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
