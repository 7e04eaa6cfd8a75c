/** VMs that stop together on one volume of real nbdkit: what `measure --together` plays, once and small. Nothing is timed. */
import { describe, expect, test } from 'vitest';
import { labHost } from '../../src/lab/host.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { playTogether } from '../../src/lab/together/play.js';
import { togetherCsv } from '../../src/lab/together/together.js';
import { validate } from '../../src/lab/validate/registry.js';
import { installedQemu, missing } from './available.js';

describe.skipIf(missing.length > 0)('VMs on one volume of real nbdkit', () => {
  test('each stores its own bitmap at its place, first and again, and validate reads the rows', async () => {
    const cell = {
      config: 'serialized:small',
      vms: 2,
      bitmaps: 1,
      volume: { readDelayMs: 1, writeDelayMs: 1, trimDelayMs: 1, serialized: true },
      channels: 1,
    } as const;
    const rows = await withCleanup((cleanup) => playTogether(cleanup, cell, 1));
    expect(rows.map(({ phase, vm }) => `${phase} ${vm}`)).toEqual([
      'first 0',
      'first 1',
      'replace 0',
      'replace 1',
    ]);
    for (const { bitmapMs, dirtyClusters } of rows) {
      expect(dirtyClusters).toBe(8);
      // Eight clusters and their tables, a millisecond each at least.
      expect(bitmapMs).toBeGreaterThan(8);
    }
    const host = await labHost();
    const options = { minMs: 0, budgetMs: 300, host, prior: host };
    const csv = togetherCsv(rows.map((row) => ({ ...row, qemu: installedQemu.name })));
    const { kind, errors } = validate(csv, 'together.csv', options, () => undefined);
    expect(kind).toBe('together');
    expect(errors!.n).toBe(2);
  });
});
