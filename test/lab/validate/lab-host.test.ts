import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labHost, loadHost } from '../../../src/lab/host.js';
import { validate } from '../../../src/lab/validate/registry.js';
import type { HostSpec } from '../../../src/sim/scenario.js';

const rows = readFileSync(new URL('../../../results/validation/store.csv', import.meta.url), 'utf8');

/** Median error of the shipped stores with this host. */
function medianError(lab: HostSpec): number {
  const report = validate(
    rows,
    'store.csv',
    { minMs: 30, budgetMs: 300, host: lab, prior: lab },
    () => undefined,
  );
  return report.medianApe!;
}

it("rows are predicted with the lab's own time from its preset, and no other", async () => {
  const lab = await labHost();
  expect(lab.name).toBe('lab');
  expect(medianError(lab)).toBeLessThan(0.02);
  expect(medianError({ ...lab, perWriteNs: 0, perL1EntryNs: 0 })).toBeGreaterThan(2 * medianError(lab));
  expect(medianError(await loadHost('zero', 'test'))).toBeGreaterThan(2 * medianError(lab));
});

it('a host that is no preset is refused by whoever names it', async () => {
  await expect(loadHost('nowhere', '--host')).rejects.toThrow(/--host: 'nowhere'/);
});
