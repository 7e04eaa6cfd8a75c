/** A damaged cell of a measured file is one line with its row, at once: whatever sizes an array or a loop has a bound. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import { validate } from '../../../src/lab/validate/registry.js';

const FOLDER = new URL('../../../results/validation/', import.meta.url);
const LAB = await labHost();
const OPTIONS = { minMs: 30, budgetMs: 300, host: LAB, prior: LAB };

/** The cells of a line, quotes and commas in them and all. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell]) => cell!);

/** The header and the first row of a file, with some cells changed. */
function changed(file: string, cells: Readonly<Record<string, string>>): readonly [string, string] {
  const [header, row] = readFileSync(new URL(file, FOLDER), 'utf8').split('\n') as [string, string];
  const columns = header.split(',');
  const given = cellsOf(row).map((cell, i) => cells[columns[i]!] ?? cell);
  return [header, given.join(',')];
}

const refusal = (lines: readonly string[], sibling?: string) =>
  expect(() => validate(lines.join('\n'), 'x.csv', OPTIONS, () => sibling));

it.each([
  [
    'store.csv',
    { repeat: '4398046511104' },
    /^x\.csv: row 2: column 'repeat' holds '4398046511104', a whole number/,
  ],
  ['store.csv', { repeat: '0.5' }, /column 'repeat' holds '0.5', a whole number from 0 to 1000/],
  [
    'store.csv',
    { cluster_bytes: '512' },
    /^x\.csv: row 2: disk: with clusters of 512 B a qcow2 disk has at most/,
  ],
  ['store.csv', { cluster_bytes: '1000' }, /^x\.csv: row 2: cluster: '1000' is not a power of two/],
  ['store.csv', { preallocated_bytes: '8e12' }, /^x\.csv: row 2: allocated/],
  ['store.csv', { bitmaps: '65535', dirty_clusters: '16777216' }, /^x\.csv: row 2: with this row more than/],
  ['opcounts.csv', { n_bitmaps: '65535', repeat: '1000' }, /^x\.csv: row 2: with this row more than/],
  ['opcounts.csv', { cluster: '512' }, /^x\.csv: row 2: disk: with clusters/],
  ['file.csv', { gran: '512', disk_GiB: '1e6' }, /^x\.csv: row 2: granularity: a bitmap of/],
  ['handover.csv', { granularity_bytes: '65535' }, /^x\.csv: row 2: granularity/],
  [
    'preflush.csv',
    { granularity_bytes: '1000' },
    /^x\.csv: row 2: granularity: '1000' is not a power of two/,
  ],
  ['preflush.csv', { chunk_bytes: '1000' }, /^x\.csv: row 2: chunk: '1000' is not a power of two/],
  ['preflush.csv', { bits_at_start: '1e14' }, /column 'bits_at_start' holds '1e14'/],
  ['preflush.csv', { achieved_iops: '1e7', seconds: '1e5' }, /: with this run more than 50000000 granules/],
  ['dirty_runs.csv', { gran: '65535' }, /^x\.csv: row 2: granularity/],
  ['dirty_runs.csv', { seconds: '1e5', fio_iops: '1e7' }, /: with this run more than 50000000 granules/],
])('%s with %o', (file, cells, message) => {
  refusal(changed(file, cells)).toThrow(message);
});

it('bits of all runs together are bounded before they are made', () => {
  const [header, row] = changed('preflush.csv', { granularity_bytes: '512', seconds: '0.001' });
  refusal([header, ...Array<string>(2).fill(row)]).toThrow(/with this run bitmaps of more than/);
});

it('a file with as many phases or stops as it has rows is refused soon', () => {
  const [header, row] = changed('store.csv', {});
  const phases = Array.from({ length: 50_000 }, (_, i) => row.replace(',first,', `,phase ${i},`));
  refusal([header, ...phases]).toThrow(/^x\.csv: row 22: column 'phase' holds another name/);
  const stops = Array<string>(50_000).fill(row);
  refusal([header, ...stops]).toThrow(/^x\.csv: row 10002: stop 10001 of its configuration/);
});

it('windows of as many lengths as there are rows are refused', () => {
  const [runs, run] = changed('dirty_runs.csv', {});
  const [header, window] = changed('dirty_windows.csv', {});
  const windows = Array.from({ length: 60 }, (_, i) => window.replace(',0.1,', `,${0.1 + i / 1000},`));
  refusal([header, ...windows], [runs, run].join('\n')).toThrow(/windows of 60 lengths, at most 50/);
});
