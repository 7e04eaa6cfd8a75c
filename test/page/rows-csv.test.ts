import { expect, it } from 'vitest';
import { csvOf } from '../../src/page/rows-csv.js';
import { csvText, parseCsv } from '../../src/sweep/results/csv.js';

it('is what a results file would hold, and comes back as it was', () => {
  const rows = [
    { storage: '=cmd|calc', note: 'say "hi", all', downtime_ms: '-4.5' },
    { storage: "'=x", note: '', downtime_ms: '12' },
  ];
  const records = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))];
  expect(csvOf(rows)).toBe(csvText(records));
  expect(parseCsv(csvOf(rows), 'rows.csv')).toEqual(records);
});
