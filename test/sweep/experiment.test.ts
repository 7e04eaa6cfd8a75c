/** Experiment files: what is refused, and that everything shipped can be planned at both sizes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { InputError } from '../../src/base/errors.js';
import { makeExperiment, type Overrides, readExperimentFile } from '../../src/sweep/experiment/experiment.js';
import { jsonSchema } from '../../src/sweep/file-schemas.js';
import { canonical } from '../../src/sweep/run/identity.js';
import { checkPoints, makePlan } from '../../src/sweep/run/plan.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-experiment-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function planOf(path: string, overrides: Overrides = {}) {
  const plan = await makePlan(makeExperiment(await readExperimentFile(path), overrides));
  await checkPoints(plan);
  return plan;
}

describe('refused in one line', () => {
  test.each([
    ['empty', ''],
    ['broken', 'a: [1,\n'],
    ['a list', '- 1\n'],
    ['an unknown key', 'question: x\naxis: {}\n'],
    ['no question', 'axes: {}\n'],
    ['an empty range', 'question: x\naxes: {disk.size: {from: 4T, to: 1T, steps: 3}}\n'],
    ['one step', 'question: x\naxes: {disk.size: {from: 1T, to: 4T, steps: 1}}\n'],
    ['an unknown parameter', 'question: x\naxes: {disc.size: [1T]}\n'],
    ['an unknown key in the base', 'question: x\nbase: {disk: {sice: 1T}}\n'],
    ['a bad value', 'question: x\naxes: {disk.size: [1T, 16X]}\n'],
    ['a bad point', 'question: x\naxes: {disk.granularity: [64k, 512]}\n'],
    ['a broken constraint', 'question: x\naxes: {disk.size: [1T]}\nconstraints: ["1 +"]\n'],
    ['the seed as axis', 'question: x\naxes: {seed: [1, 2]}\n'],
    ['two sizes', 'question: x\nreplications: 3\nprecision: 5%\n'],
    ['a precision without end', 'question: x\nprecision: 0%\n'],
    [
      'too many points',
      'question: x\naxes: {bitmaps.count: {from: 1, to: 65535, steps: 65535}, disk.count: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}\n',
    ],
  ])('%s', async (name, text) => {
    const path = join(root, `${name.replaceAll(' ', '-')}.yaml`);
    writeFileSync(path, text);
    const error = await planOf(path).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message.split('\n')).toHaveLength(1);
  });
});

test('the schema that editors load is the one in force', async () => {
  const stored = JSON.parse(readFileSync('docs/schema/experiment.schema.json', 'utf8'));
  expect(stored).toEqual(JSON.parse(JSON.stringify(await jsonSchema('experiment'))));
});

test('the example of the README is one', async () => {
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('experiments/README.md', 'utf8')) ?? [];
  const path = join(root, 'example.yaml');
  writeFileSync(path, text);
  expect((await planOf(path)).points.count).toBe(12);
  expect((await planOf(path, { quick: true })).points.count).toBe(4);
});

describe('shipped', () => {
  const files = readdirSync('experiments').filter((name) => name.endsWith('.yaml'));
  test.each(files)('%s is what its first line says, to an editor', async (name) => {
    const text = readFileSync(join('experiments', name), 'utf8');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const isValid = new Ajv({ strict: false }).compile(
      JSON.parse(readFileSync(join('experiments', schema), 'utf8')),
    );
    const file = parse(text);
    expect(isValid(file) || isValid.errors).toBe(true);
    expect(isValid({ ...file, base: { ...file.base, stoarge: 'hdd-7200' } })).toBe(false);
    expect(isValid({ ...file, axes: { ...file.axes, 'disk.sise': ['1T'] } })).toBe(false);
  });
  test.each(files)('%s has a small size, and every point of both is sound', async (name) => {
    const whole = await planOf(join('experiments', name));
    const quick = await planOf(join('experiments', name), { quick: true });
    expect(whole.points.count).toBeGreaterThan(quick.points.count - 1);
    expect(quick.points.count).toBeLessThanOrEqual(20);
    expect(whole.experiment.figures.length).toBeGreaterThan(0);
  });
});

test('canonical text does not depend on the order of keys, and keeps what JSON would lose', () => {
  expect(canonical({ b: 1, a: [true, null, 'x'] })).toBe(canonical({ a: [true, null, 'x'], b: 1 }));
  expect(canonical({ rate: Number.POSITIVE_INFINITY })).not.toBe(canonical({ rate: null }));
  expect(canonical(Float64Array.of(1, 2))).not.toBe(canonical(Float64Array.of(1, 2.5)));
});
