/** CSV: the quick way of writing and reading lines is the library's, to the byte. */
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellText, csvText, parseCsv, parseLine } from '../../../src/sweep/results/csv.js';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '=1+1',
    '@SUM(1)',
    '-x',
    '-1.5',
    "'-1.5",
    "'=1",
    "''+x",
    "it's",
    '',
    'a,b',
    '"',
    'say "hi"',
    ' x ',
    '1e-9',
    '\ufeff',
    '0',
  ),
);
const records = fc.array(fc.array(cell.map(cellText), { minLength: 2, maxLength: 6 }), { maxLength: 5 });

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

test('records are written as the library writes them, but for what a spreadsheet would run', () => {
  const runs = (text: string): boolean => /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text);
  fc.assert(
    fc.property(records, (table) => {
      const expected = table.map((row) =>
        row.map((text) => (runs(text.replace(/^'+/, '')) || runs(text) ? `'${text}` : text)),
      );
      const quotesBeforeNumbers = table.flat().some((text) => /^'+[-+]/.test(text));
      fc.pre(!quotesBeforeNumbers);
      expect(csvText(table)).toBe(stringify(expected, { record_delimiter: '\n' }));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a line is read back as the cells it was written from', () => {
  fc.assert(
    fc.property(fc.array(cell.map(cellText), { minLength: 2, maxLength: 6 }), (cells) => {
      // Run ids come first in every file of ours: hexadecimal, never a byte order mark.
      const line = csvText([['4fe1', ...cells]]).slice(0, -1);
      expect(parseLine(line, 'x')).toEqual(['4fe1', ...cells]);
      expect(parseCsv(line, 'x')[0]).toEqual(['4fe1', ...cells]);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test.each([
  ['=cmd|"/c calc"!A1', `"'=cmd|""/c calc""!A1"`],
  ['+1+1', "'+1+1"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ["'=1", "''=1"],
  ['-1.5', '-1.5'],
  ['-1e-9', '-1e-9'],
  ['+5', '+5'],
  ["it's", "it's"],
  ["'quoted'", "'quoted'"],
])('a cell %j is written as %s and read back the same', (text, written) => {
  expect(csvText([['4fe1', text]])).toBe(`4fe1,${written}\n`);
  expect(parseLine(`4fe1,${written}`, 'x')).toEqual(['4fe1', text]);
  expect(parseCsv(`4fe1,${written}\n`, 'x')).toEqual([['4fe1', text]]);
});

test('a number is written as String writes it, whatever its decimals', () => {
  const odd = [
    0, -0, 1, 0.000001, 1e-7, -0.5, 1e20, 0.1234567, 12.5, 123456789.000001, 999999999.999999, 1e15,
  ];
  for (let i = 0; i < 2000; i++) odd.push(Math.round(i ** 3 * 7919.77) / 1e6, i / 7, 1 / (i + 1));
  for (const value of odd) expect(cellText(value)).toBe(String(value));
});
