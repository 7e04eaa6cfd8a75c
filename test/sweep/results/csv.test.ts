/** CSV: the quick way of writing and reading lines is the library's, to the byte. */
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellText, csvText, parseCsv, parseLine } from '../../../src/sweep/results/csv.js';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'a,b', '"', 'say "hi"', ' x ', '1e-9', '\ufeff', '0'),
);
const records = fc.array(fc.array(cell.map(cellText), { minLength: 2, maxLength: 6 }), { maxLength: 5 });

test('records are written as the library writes them', () => {
  fc.assert(
    fc.property(records, (table) => {
      expect(csvText(table)).toBe(stringify(table, { record_delimiter: '\n' }));
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
