/** Rows of other machines than the lab, whose own time each configuration takes from the others. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { anyHost } from '../../../src/lab/host.js';
import { validate } from '../../../src/lab/validate/registry.js';

it('datafile-delays.csv: both halves on slow storages of their own, median error <= 2 %, p90 <= 5 %', async () => {
  const rows = readFileSync('results/validation/datafile-delays.csv', 'utf8');
  const options = { minMs: 30, budgetMs: 300, host: 'auto', prior: await anyHost() } as const;
  const noSibling = (): never => {
    throw new Error('no sibling');
  };
  const report = validate(rows, 'datafile-delays.csv', options, noSibling);
  expect(report.medianApe).toBeLessThanOrEqual(0.02);
  expect(report.p90Ape).toBeLessThanOrEqual(0.05);
  expect(report.mismatches).toBe(0);
  const { n, wrong_verdicts: wrong, coverage95 } = report.errors!;
  expect(n).toBeGreaterThanOrEqual(40);
  expect(wrong).toBe(0);
  expect(coverage95).toBeGreaterThanOrEqual(0.9);
  expect(coverage95).toBeLessThanOrEqual(0.98);
});
