/**
 * A strategy is one file and one line in the registry: with a line more, every command knows one that nothing in src
 * has heard of. The registered ones pass the same. In this process, since worker threads load the built program.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { OUTCOMES } from '../../src/fate/outcomes.js';
import { ASKABLE } from '../../src/input/strategies.js';
import { DEFINITIONS, isReference, proposedMark, ROUTES } from '../../src/sim/strategies/lookup.js';
import { runReplication, strategyLabel, strategyTitle } from '../../src/study/run.js';
import { extra } from '../support/extra-strategy.js';
import { printed } from '../support/in-process.js';
import { calm } from '../support/situation.js';

vi.mock('../../src/sim/strategies/registry.js', async (original) => {
  const { extra: more } = await import('../support/extra-strategy.js');
  const { STRATEGIES } = await original<typeof import('../../src/sim/strategies/registry.js')>();
  return { STRATEGIES: [...STRATEGIES, more] };
});

const dir = mkdtempSync(join(tmpdir(), 'stopgap-strategies-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string): string => join(dir, name);

const CALM = ['--storage', 'ideal-1ms', '--workload', 'idle', '--dirty', '100%', '--disk', '256G'];
const SCENARIO = `storage: ideal-1ms
workload: idle
disk: {size: 256G}
bitmaps: {dirty: 100%}
replications: 2
outcome: cancel-quit
`;

interface Result {
  readonly strategy: string;
  readonly variant: string | null;
  readonly state: string;
  readonly downtime_ms: { readonly mean: number };
}

const labels = (results: readonly Pick<Result, 'strategy' | 'variant'>[]): string[] => [
  ...new Set(results.map(strategyLabel)),
];

describe.each(DEFINITIONS.map((definition) => [definition.name, definition] as const))('%s', (name, own) => {
  // What the name stands for: all variants that have names of their own, or one that a parameter chooses.
  const named = ASKABLE.find((askable) => askable.name === name)!.specs.length > 1;
  const shown = named ? own.variants : own.variants.slice(0, 1);
  const expected = shown.map((variant) => strategyLabel({ strategy: name, variant: variant.name }));
  const inTables = (text: string): void => {
    for (const { name: variant } of shown) expect(text).toContain(variant ?? name);
  };

  it('ask', async () => {
    const { strategies } = JSON.parse(await printed('ask', ...CALM, '--strategy', name, '--json'));
    expect(labels(strategies)).toEqual(expected);
    for (const result of strategies as Result[]) {
      expect(['completed', 'not-converged']).toContain(result.state);
      expect(result.downtime_ms.mean).toBeGreaterThan(0);
    }
    inTables(await printed('ask', ...CALM, '--strategy', name));
  });

  it('is marked where QEMU does not have it, and nowhere else', async () => {
    const several = CALM.map((word) => (word === 'ideal-1ms' ? 'ideal-1ms,lab-1ms' : word));
    const texts = [
      await printed('ask', ...CALM, '--strategy', name),
      await printed('ask', ...several, '--replications', '2', '--strategy', name),
      await printed('list', 'strategies', name),
      isReference(name) ? null : await printed('outcomes', ...CALM, '--strategy', name),
    ].filter((text) => text !== null);
    for (const text of texts) expect(text.includes('proposed')).toBe(!own.built);
    const { strategies, because } = JSON.parse(await printed('ask', ...CALM, '--strategy', name, '--json'));
    for (const result of strategies as { built: boolean }[]) expect(result.built).toBe(own.built);
    expect((because as string).includes('(proposed)')).toBe(!own.built);
    const [listed] = JSON.parse(await printed('list', 'strategies', name, '--json'));
    expect(listed.built).toBe(own.built);
  });

  it('run', async () => {
    const file = at(`${name}.yaml`);
    writeFileSync(file, `${SCENARIO}strategies: [${name}]\n`);
    const { strategies, outcomes } = JSON.parse(await printed('run', file, '--json'));
    expect(labels(strategies)).toEqual(expected);
    expect(labels(outcomes)).toEqual(expected);
    const trace = at(`${name}.json`);
    inTables(await printed('run', file, '--trace', trace));
    for (const label of expected) expect(readFileSync(trace, 'utf8')).toContain(label);
  });

  it('outcomes', async () => {
    const args = [...CALM, '--strategy', name, '--failure-probability', 'cancel-quit=2%'];
    if (isReference(name)) {
      await expect(printed('outcomes', ...args)).rejects.toThrow('has no bitmap');
      return;
    }
    const answer = JSON.parse(await printed('outcomes', ...args, '--json'));
    expect(new Set(labels(answer.cells))).toEqual(new Set(expected));
    expect(new Set(labels(answer.costs.strategies))).toEqual(new Set(expected));
    const text = await printed('outcomes', ...args);
    for (const label of expected) expect(text).toContain(label + proposedMark(name));
  });

  it('list and schema', async () => {
    const [listed] = JSON.parse(await printed('list', 'strategies', name, '--json'));
    expect(listed).toMatchObject({ name, summary: own.summary });
    const paths = Object.values(own.parameters).map(({ path }) => path);
    expect(listed.parameters.map(({ path }: { path: string }) => path)).toEqual(paths);
    const schema = await printed('schema', 'experiment');
    for (const path of paths) expect(schema).toContain(`"${path}"`);
  });
});

describe('all of them in one experiment', () => {
  const file = at('all.yaml');
  const out = at('out');
  const names = DEFINITIONS.map(({ name }) => name);

  it('sweep and plot', async () => {
    writeFileSync(
      file,
      `question: which?
base: {storage: ideal-1ms, workload: idle, disk: {size: 64G}, bitmaps: {dirty: 100%}, strategies: [${names.join(', ')}]}
axes: {pre-flush.layout: [in-place, shadow]}
replications: 2
figures:
  - {type: strategies, x: pre-flush.layout, strategies: [${names.join(', ')}]}
  - {type: phases, strategies: [${names.join(', ')}]}
`,
    );
    await printed('sweep', file, '--jobs', '1', '--no-figures', '--out', out);
    const read = (name: string): Record<string, string>[] =>
      parse(readFileSync(join(out, name)), { columns: true });
    const all = DEFINITIONS.flatMap(({ name, variants }) =>
      variants.map((variant) => strategyLabel({ strategy: name, variant: variant.name })),
    );
    for (const csv of ['runs.csv', 'summary.csv']) {
      const rows = read(csv).map((row) => ({ strategy: row.strategy!, variant: row.variant || null }));
      expect(new Set(labels(rows))).toEqual(new Set(all));
    }
    expect(Object.keys(read('runs.csv')[0]!)).toContain('carrier_pigeon_delay_ms');
    const meanings = readFileSync(join(out, 'datapackage.json'), 'utf8');
    for (const { name, variants } of DEFINITIONS)
      for (const word of [name, ...variants.flatMap((variant) => variant.name ?? [])])
        expect(meanings).toContain(word);

    await printed('plot', out);
    const svg = readFileSync(join(out, 'figures', 'strategies.svg'), 'utf8');
    for (const { name, variants } of DEFINITIONS)
      for (const variant of variants) {
        expect(svg).toContain(strategyTitle({ strategy: name, variant: variant.name }));
        expect(svg).toContain(variant.colour);
      }
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    for (const label of all) expect(report).toContain(label);
    const titles = all.map((label) => label + proposedMark(label.split('/')[0]!));
    for (const title of titles) expect(report).toContain(title);
  });
});

describe('what only a test knows', () => {
  it('is compared by default, takes its parameter as a flag, and says its remark', async () => {
    const args = [...CALM, '--pigeon-delay', '70ms', '--json'];
    const { strategies, question } = JSON.parse(await printed('ask', ...args));
    expect(question.carrier_pigeon_delay_ms).toBe(70);
    const phase = (variant: string): number =>
      strategies.find((each: Result) => each.strategy === extra.name && each.variant === variant).phases_ms
        .stream;
    expect([phase('homing'), phase('fantail')]).toEqual([70, 210]);
    const several = CALM.map((word) => (word === 'ideal-1ms' ? 'ideal-1ms,nvme-plp' : word));
    const text = await printed('ask', ...several, '--replications', '2');
    expect(text).toContain('carrier-pigeon/homing (proposed) needs corn.');
  });

  it('can be asked for by a variant, and a slip of the pen is put right', async () => {
    const { strategies } = await calm({ strategies: 'carrier-pigeon/fantail' });
    expect(strategies).toEqual([{ name: 'carrier-pigeon', breed: 'fantail', delayNs: 40e6 }]);
    await expect(calm({ strategies: 'carrier-pigeon/fantial' })).rejects.toThrow("'carrier-pigeon/fantail'");
  });

  it('meets the same guest as the others', async () => {
    const { scenario, strategies } = await calm({ strategies: 'carrier-pigeon' });
    const results = runReplication(scenario, strategies, 1, 0);
    expect(results.map(({ metrics }) => metrics.bitmapDowntimeNs)).toEqual([40e6, 120e6]);
  });
});

describe('the registry', () => {
  const unique = (values: readonly string[]): void => expect(new Set(values).size).toBe(values.length);

  it('has no name, route or colour twice', () => {
    unique(DEFINITIONS.map(({ name }) => name));
    unique(ROUTES.map(({ name }) => name));
    unique(DEFINITIONS.flatMap(({ variants }) => variants.map(({ colour }) => colour)));
  });

  it('has the routes on which real QEMU was watched', () => {
    const routes = new Set(ROUTES.map(({ name }) => name));
    for (const { measured } of Object.values(OUTCOMES))
      for (const name of measured) expect(routes).toContain(name);
  });
});
