/** Inputs that would take for ever, or all memory, or run in a circle: one line, at once. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSizes } from '../../src/input/values/compound.js';
import { isFile, parseJson, readText } from '../../src/input/values/files.js';
import { parseYaml } from '../../src/input/values/yaml.js';
import { readMeasured } from '../../src/lab/validate/rows.js';
import { readMeasuredFile } from '../../src/lab/validate/siblings.js';
import { buildAxis } from '../../src/sweep/experiment/axis.js';
import { parameterOf } from '../../src/sweep/experiment/experiment.js';
import { parseExpression } from '../../src/sweep/experiment/expression.js';
import { readHead } from '../../src/traces/source.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-extremes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

describe('YAML', () => {
  it.each([
    ['stands inside itself', 'a: &a [*a]', /\*a stands inside itself at line 1/],
    ['stands deeper inside itself', 'a: &a {b: [{c: *a}]}', /stands inside itself/],
    ['says a key twice', 'a: 1\nb: 2\na: 3\n', /Map keys must be unique at line 3, column 1/],
    ['says a key twice in braces', 'a: {b: 1, b: 2}', /Map keys must be unique at line 1, column 11/],
    ['nests too deep', `${'['.repeat(70)}${']'.repeat(70)}`, /nested more than 64 deep/],
    ['nests far too deep', '['.repeat(100_000), /not valid YAML/],
    ['is too long', `a: ${'x'.repeat(2 ** 20)}`, /more than 1 MiB/],
  ])('%s', async (_, text, message) => {
    await expect(parseYaml(text, 'x.yaml')).rejects.toThrow(message);
  });

  it('may use an alias outside what it names', async () => {
    expect(await parseYaml('a: &a [1]\nb: *a\n', 'x.yaml')).toEqual({ a: [1], b: [1] });
  });

  it('reads a mapping of many keys in a moment', async () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n');
    const start = performance.now();
    expect(Object.keys((await parseYaml(text, 'x.yaml')) as object)).toHaveLength(60_000);
    // Comparing each with each took more than ten times as long.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe('files that are none', () => {
  execFileSync('mkfifo', [path('pipe')]);
  symlinkSync('loop', path('loop'));
  writeFileSync(path('file'), 'text');
  const names = [path('pipe'), '/dev/zero', path('loop'), path('file/below'), path('a'.repeat(300)), folder];

  it.each(names)('%s', async (name) => {
    expect(isFile(name)).toBe(false);
    expect(() => readText(name, 'x')).toThrow(/^x: /);
    await expect(readHead(name)).rejects.toThrow(/regular file|circle|long|folder/);
    expect(() => readMeasuredFile(name) ?? readText(name, 'x')).toThrow(/a CSV file|no such file|no folder/);
  });
});

describe('numbers', () => {
  it('steps are counted before they are made', () => {
    const range = { from: '1G', to: '16T', steps: 1e8, scale: 'log' } as const;
    expect(() => buildAxis(parameterOf('disk.size', ''), range, 'axes.disk.size')).toThrow(
      'axes.disk.size: 100000000 steps, the limit is 100000',
    );
  });

  it('a write is not larger than a guest sends', () => {
    expect(parseSizes('64M', 'x')).toEqual([{ bytes: 2 ** 26, weight: 1 }]);
    expect(() => parseSizes({ '4k': '50%', '1T': '50%' }, 'x')).toThrow(/at most 64M/);
  });

  it('an expression is a line or two', () => {
    for (const long of [`${'('.repeat(1e5)}1${')'.repeat(1e5)}`, '1+'.repeat(1e5)])
      expect(() => parseExpression(long, 'derived.x')).toThrow(/the limit is 1000/);
  });

  it('JSON nests as deep as a file of ours', () => {
    expect(() => parseJson('['.repeat(1e5) + ']'.repeat(1e5), 'x', 'it')).toThrow(/nested more than/);
  });

  it.each([
    ['disk_bytes', '43980465111922337203685477600004'],
    ['disk_GiB', '-1'],
    ['bitmaps', '9007199254740991'],
    ['service_us_mean', '18446744073709551615'],
  ])('a measured %s of %s is a slip', (column, value) => {
    const { rows } = readMeasured(`${column},b\n${value},1\n`, 'm.csv');
    expect(() => rows[0]!.number(column)).toThrow(
      /^m\.csv: row 2: column '.*' holds .* a (whole )?number from/,
    );
  });

  it('a measured file has no million lines', () => {
    expect(() => readMeasured(`a\n${'1\n'.repeat(100_000)}`, 'm.csv')).toThrow(/the limit is 100000/);
  });
});
