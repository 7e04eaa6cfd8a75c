/** What a sweep that goes on remembers of its earlier rows: where they stand, not what they hold. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { hashHex } from '../../../src/base/hash.js';
import { RESULT_COLUMNS } from '../../../src/sweep/results/columns.js';
import { KnownRows } from '../../../src/sweep/results/known-rows.js';

const dir = mkdtempSync(join(tmpdir(), 'stopgap-known-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const id = (n: number): string => hashHex(`run ${n}`).slice(0, 20);
const WIDE = 'x'.repeat(400);

/** A file of these rows; the first result says which row it is. */
function file(name: string, rows: readonly number[], mark = ''): string {
  const path = join(dir, name);
  const empty = ','.repeat(RESULT_COLUMNS.length - 2);
  const lines = rows.map((n) => `${id(n)},${WIDE},row${n}${mark},${empty}\n`);
  const header = `run_id,wide,${RESULT_COLUMNS.map((column) => column.name).join(',')}\n`;
  writeFileSync(path, header + lines.join(''));
  return path;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

it('finds every row, and of one that stands in two files the later', () => {
  const known = new KnownRows();
  known.load(file('kept.csv', upTo(3000)));
  known.load(file('runs.csv', [5, 2999, 4000], ' again'));
  expect(known.size).toBe(3001);
  for (const [n, text] of [
    [0, 'row0'],
    [5, 'row5 again'],
    [2998, 'row2998'],
    [2999, 'row2999 again'],
    [4000, 'row4000 again'],
  ] as const)
    expect(known.get(id(n))?.[0]).toBe(text);
  expect([known.has(id(3500)), known.get(id(3500))]).toEqual([false, undefined]);
  for (const n of [0, 0, 5, 3500]) known.plan(id(n));
  expect(known.unplanned).toBe(2999);
  known.close();
});

it('gives all rows as a file that it reads again, and then those that no plan has', () => {
  const known = new KnownRows();
  known.load(file('some.csv', upTo(700)));
  for (const n of upTo(699)) known.plan(id(n));
  const path = join(dir, 'all.csv');
  writeFileSync(path, [...known.asFile('all')].join(''));
  known.moveTo(path);
  expect(known.get(id(650))?.[0]).toBe('row650');
  const rest = [...known.asFile('unplanned')].join('').trimEnd().split('\n');
  expect(rest.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([[id(699), 'row699']]);
  known.close();
});

it('has room for 100,000 rows of 50 MB in a heap of 32 MB', () => {
  const path = file('many.csv', upTo(100_000));
  const program = `
    import { KnownRows } from './dist/sweep/results/known-rows.js';
    const known = new KnownRows();
    known.load(process.argv[1]);
    process.stdout.write(String(known.size));`;
  const args = ['--max-old-space-size=32', '--input-type=module', '--eval', program, path];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('100000');
});
