/** Stacks on real QEMU: what `measure --stacks` plays, a few cells of it, over a socket. Nothing is timed. */
import { describe, expect, test } from 'vitest';
import { labHost } from '../../src/lab/host.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import type { GuestName } from '../../src/lab/stacks/grid.js';
import { playCell, stacksCsv } from '../../src/lab/stacks/stacks.js';
import { validate } from '../../src/lab/validate/registry.js';
import { installedQemu, missing } from './available.js';

const GIB = 2 ** 30;
const SOCKET = 0;

const CELLS: readonly (readonly [stack: string, guest: GuestName, gib: number, route: string | null])[] = [
  ['libvirt-store', 'busy', 131_072, 'store'],
  ['libvirt-stream', 'idle', 16, 'stream'],
  ['libvirt-stream', 'small', 131_072, null],
  ['kubevirt-cbt', 'idle', 16, 'stream'],
  ['openstack-nova', 'idle', 512, 'none'],
];

describe.skipIf(missing.length > 0)('stacks on real QEMU', () => {
  test.each(CELLS)('%s, %s guest, %d GiB: %s', async (stack, guestName, gib, route) => {
    const cell = { stack, guestName, diskBytes: gib * GIB };
    const played = await withCleanup((cleanup) => playCell(cleanup, cell, installedQemu.name, SOCKET));
    expect(played.route).toBe(route);
    const host = await labHost();
    const options = { minMs: 30, budgetMs: 300, host, prior: host };
    const noSibling = (): never => {
      throw new Error('no sibling');
    };
    const { kind, json, mismatches } = validate(stacksCsv([played]), 'stacks.csv', options, noSibling);
    expect(kind).toBe('stacks');
    expect(mismatches, JSON.stringify(json.rows)).toBe(0);
  });
});
