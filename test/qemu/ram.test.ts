/** A guest that dirties its RAM, migrated by real QEMU: what `measure --ram` plays, once and small. Nothing is timed. */
import { describe, expect, test } from 'vitest';
import { labHost } from '../../src/lab/host.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { guestBytes } from '../../src/lab/ram/dirty-guest.js';
import { ramCsv } from '../../src/lab/ram/ram.js';
import { measureRam, type RamSituation } from '../../src/lab/ram/ram-stop.js';
import { validate } from '../../src/lab/validate/registry.js';
import { installedQemu, missing } from './available.js';

const MIB = 2 ** 20;
const SMALL: RamSituation = {
  spanBytes: 16 * MIB,
  usedBytes: 16 * MIB,
  workingSetBytes: 4 * MIB,
  pagesPerS: 500,
  maxBytesPerS: 16 * MIB,
  limitMs: 300,
  wireBytesPerS: 0,
  bitmapBits: 0,
};

describe.skipIf(missing.length > 0)('RAM on real QEMU', () => {
  test('a guest writes, all it uses is sent, and the row can be validated', async () => {
    const row = await withCleanup((cleanup) => measureRam(cleanup, SMALL, 0));
    expect(row.converged).toBe(true);
    expect(row.writesPerS).toBeGreaterThan(0);
    const { stop } = row;
    expect(stop!.precopyBytes + stop!.downtimeBytes).toBeGreaterThan(SMALL.usedBytes);
    expect(stop!.downtimeBytes).toBeLessThan(guestBytes(SMALL));
    expect(stop!.syncs).toBeGreaterThanOrEqual(2);
    expect(stop!.blackoutMs).toBeGreaterThan(0);

    const machine = { release: installedQemu.name, pageUs: 1, sourceMs: 1, blackoutMs: 1 };
    const host = await labHost();
    const options = { minMs: 30, budgetMs: 300, host, prior: host };
    const noSibling = (): never => {
      throw new Error('no sibling');
    };
    const { kind, json } = validate(ramCsv([{ ...row, machine }]), 'ram.csv', options, noSibling);
    expect(kind).toBe('ram');
    expect(json).toMatchObject({ convergence: { n: 1, agree: 1 } });
  });
});
