/** What the doubt of figures makes of an answer: against closed forms, and the same whoever runs it. */
import { describe, expect, it } from 'vitest';
import { SPREAD_OF_MARK } from '../../src/input/doubt.js';
import { type PresetKind, presetNames } from '../../src/input/presets.js';
import { type Overrides, type Resolved, resolveTree } from '../../src/input/resolve.js';
import { answersCsv } from '../../src/output/answer-csv.js';
import { formatTable } from '../../src/output/table.js';
import { uncertaintyText } from '../../src/output/uncertainty-text.js';
import { answer } from '../../src/study/answer/answer.js';
import type { Simulate } from '../../src/study/simulate.js';
import { uncertaintySchema } from '../../src/study/uncertainty/schema.js';
import { uncertainty } from '../../src/study/uncertainty/uncertainty.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';

const executor = new InlineExecutor();
const inline: Simulate = async (work) => (await executor.run([work])).parts[0]!;

const CALM: Overrides = {
  storage: 'ideal-1ms',
  host: 'zero',
  'host.ram-mark': '900ns',
  'host.ram-sync': '65us',
  link: 'unix',
  workload: 'idle',
  'bitmaps.dirty': '100%',
  'disk.size': '8T',
  strategies: 'store-at-stop',
};

type Settings = Readonly<Record<string, unknown>>;

async function doubted(overrides: Overrides, draws = 32) {
  const situation = (more: Settings): Promise<Resolved> => resolveTree({}, { ...overrides, ...more });
  const resolved = await situation({});
  const answered = answer(resolved);
  const verdicts = answered.strategies.map(({ verdict }) => verdict);
  const result = await uncertainty({ resolved, verdicts, draws, situation, simulate: inline });
  return { answered, result, only: result.strategies[0]! };
}

const pathsOf = ({ doubts }: Resolved): string[] => doubts().map(({ parameter }) => parameter.path);

describe('the doubt of figures', () => {
  it.each(
    (['storage', 'link', 'host'] as const satisfies PresetKind[]).flatMap((kind) =>
      presetNames(kind).map((name) => [kind, name] as const),
    ),
  )('every number above 0 of %s %s has one', async (kind, name) => {
    const { scenario, doubts } = await resolveTree({}, { [kind]: name });
    const own = doubts().filter(({ parameter }) => parameter.path.startsWith(`${kind}.`));
    for (const { share } of own) expect(share).toBeGreaterThanOrEqual(name === 'ideal-1ms' ? 0 : 0.01);
    const positive = (values: readonly unknown[]): number =>
      values.filter((value) => typeof value === 'number' && value > 0 && Number.isFinite(value)).length;
    if (kind === 'host') expect(own).toHaveLength(positive(Object.values(scenario.host)));
    if (kind === 'link') expect(own).toHaveLength(positive(Object.values(scenario.link)));
    if (kind === 'storage') expect(own.length).toBeGreaterThanOrEqual(2);
  });

  it('is what stands beside the figure, or what its mark says', async () => {
    const { doubts } = await resolveTree({}, { storage: 'nvme-tcp' });
    const of = (path: string) => doubts().find(({ parameter }) => parameter.path === path)!;
    expect(of('storage.write.latency')).toMatchObject({ share: 13 / 220, stated: true, mark: 'vendor' });
    expect(of('storage.write.bandwidth')).toMatchObject({ share: SPREAD_OF_MARK.estimate, stated: false });
    expect(of('storage.write.latency').times(2)).toEqual({ p50: '440000ns', p99: '1200000ns' });
    expect(of('link.bandwidth')).toMatchObject({ share: 0.025, stated: true });
    // Of a host it is the standard deviation that the intervals of predictions have.
    expect(of('host.write').share).toBeCloseTo(8 / 15, 12);
  });

  it('is none of what the user sets', async () => {
    const all = pathsOf(await resolveTree({}, {}));
    expect(all).toContain('storage.write.latency');
    const set = pathsOf(await resolveTree({}, { 'storage.write.latency': '1ms', link: '5Gbit/s' }));
    expect(all.filter((path) => !set.includes(path))).toEqual(['storage.write.latency', 'link.bandwidth']);
    const replaced = pathsOf(await resolveTree({}, { 'flush-latency': '1ms' }));
    expect(replaced.filter((path) => path.startsWith('storage.'))).toEqual(['storage.channels']);
  });
});

describe('an answer with its doubt', () => {
  it('has no doubt but that of the model where no figure is off and nothing is random', async () => {
    const { only, answered, result } = await doubted({ ...CALM, 'link.round-trip': '0s' });
    expect(uncertaintyText(answered, result, formatTable)).toContain('too much within the doubt');
    expect(result.figures).toEqual([]);
    expect(only.variance_share).toMatchObject({ input: 0, monte_carlo: 0, model: 1 });
    // 256 clusters written and read back at 1 ms, and a few: 2 % of that, and 1.06 ms of any stop.
    const { mean, ci95 } = only.stop_ms!;
    expect(only.sd_ms!.model).toBeGreaterThan(0.02 * 500);
    expect(ci95[1] - ci95[0]).toBeCloseTo(2 * 1.96 * only.sd_ms!.model, 1);
    expect((ci95[0] + ci95[1]) / 2).toBeCloseTo(mean, 3);
  });

  it('is as wide as the figures are, where the stop is a multiple of one of them', async () => {
    const { only } = await doubted({ ...CALM, storage: 'lab-1ms', 'link.round-trip': '0s' });
    expect(only.variance_share!.monte_carlo).toBe(0);
    // Writes and reads are half of the stop each, and each is known within 2 %: together within 1.4 %.
    const { mean } = only.stop_ms!;
    expect(only.sd_ms!.input / mean).toBeGreaterThan(0.011);
    expect(only.sd_ms!.input / mean).toBeLessThan(0.018);
  });

  it('takes chance and input apart, and says whether the verdict hangs on it', async () => {
    const noisy = { ...CALM, host: 'unknown', storage: 'hdd-7200', 'disk.size': '1T', budget: '1.7s' };
    const { only, answered, result } = await doubted(noisy);
    const { input, monte_carlo, model } = only.variance_share!;
    expect(input + monte_carlo + model).toBeCloseTo(1, 12);
    expect(input).toBeGreaterThan(0.8);
    expect(monte_carlo).toBeGreaterThan(0);
    expect(uncertaintyText(answered, result, formatTable)).toContain(
      'The doubt decides: with the figures as stated it',
    );
  });

  it('is told by its schema, and as columns of CSV', async () => {
    const { answered, result } = await doubted(CALM, 8);
    expect(result).toMatchObject({ draws: 8, runs: 8 });
    const parsed = uncertaintySchema.safeParse(JSON.parse(JSON.stringify(result)));
    expect(parsed.error?.issues).toBeUndefined();
    expect(parsed.data).toEqual(result);
    const [head, row, ...rest] = answersCsv([{ ...answered, uncertainty: result }])
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(rest).toEqual([]);
    const cell = (name: string): number => Number(row![head!.indexOf(name)]);
    const { stop_ms, sd_ms, variance_share } = result.strategies[0]!;
    expect(cell('doubt_stop_ci95_high_ms')).toBe(stop_ms!.ci95[1]);
    expect(cell('doubt_model_sd_ms')).toBe(sd_ms!.model);
    expect(cell('doubt_input_variance_share')).toBe(variance_share!.input);
    expect(cell('doubt_draws')).toBe(8);
    expect(answersCsv([answered])).not.toContain('doubt');
  });

  it('tells how often a migration does not end', async () => {
    const { only } = await doubted({
      ...CALM,
      link: '1gbit',
      strategies: 'dont-store/stream',
      'migration.downtime-limit': '10ms',
    });
    expect(only).toMatchObject({ stop_ms: null, unfinished_share: 1, p_over_budget: { value: 1 } });
  });
});
