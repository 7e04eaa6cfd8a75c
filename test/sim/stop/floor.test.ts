/** The floor in closed form, and that nothing which leaves a durable copy gets below it. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import type { HostSpec, StorageSpec } from '../../../src/sim/scenario.js';
import { floorNs } from '../../../src/sim/stop/floor.js';
import { leavesDurableCopy } from '../../../src/sim/strategies/lookup.js';
import { runReplication } from '../../../src/study/run.js';
import { calm } from '../../support/situation.js';

const MS = 1e6;

async function floor(overrides: Overrides): Promise<number> {
  return floorNs((await calm(overrides)).scenario);
}

describe('the floor', () => {
  it('is six writes and five flushes a disk, one after another', async () => {
    // Source: directory, header, a flush each. Destination: header, directory, header twice, three flushes.
    expect(await floor({ 'disk.size': '1T' })).toBe((6 + 5) * MS);
    expect(await floor({ 'disk.size': '1T', 'disk.count': 3 })).toBe(3 * (6 + 5) * MS);
  });

  it('asks the storage for each size of write, the host for each write, and the flush for the bytes before it', async () => {
    const { scenario } = await calm({ 'disk.size': '1T', 'disk.cluster': '64k', host: 'lab' });
    const op = (ns: number, referenceBytes = 0) => ({
      latency: { kind: 'constant', ns } as const,
      referenceBytes,
      bytesPerS: Number.POSITIVE_INFINITY,
    });
    const storage: StorageSpec = {
      ...scenario.storage,
      ops: {
        ...scenario.storage.ops,
        write: op(700_000, 65_536),
        smallWrite: op(100_000, 40),
        flush: op(50_000),
      },
      flushNsPerByte: 2,
      includesHost: false,
    };
    const host: HostSpec = { ...scenario.host, perWriteNs: 10_000, perL1EntryNs: 5 };
    // One name of at most 16 characters: 24 bytes and the name, in eights; 1 TiB has 2048 entries of 512 MiB.
    const directory = 32;
    const smallNs = 100_000 + ((directory - 40) * (700_000 - 100_000)) / (65_536 - 40);
    const bytes = 2 * directory + 4 * 65_536;
    const expected = 2 * smallNs + 4 * 700_000 + 6 * (10_000 + 2048 * 5) + 5 * 50_000 + 2 * bytes;
    expect(floorNs({ ...scenario, storage, host })).toBeCloseTo(expected, -1);
  });

  it('does not depend on what the bitmaps hold, their history, or how large they are', async () => {
    const base = await floor({ 'disk.size': '1T' });
    const others: Overrides[] = [
      { 'disk.size': '16T' },
      { 'disk.size': '1T', 'bitmaps.dirty': '0%' },
      { 'disk.size': '1T', 'bitmaps.history': 'new' },
      { 'disk.size': '1T', 'disk.allocated': '100%' },
      { 'disk.size': '1T', 'bitmaps.count': 7 },
    ];
    for (const overrides of others) expect(await floor(overrides)).toBe(base);
  });

  it('is nothing where there is no bitmap', async () => {
    const { scenario } = await calm({ 'disk.size': '1T' });
    expect(floorNs({ ...scenario, disks: scenario.disks.map((disk) => ({ ...disk, bitmaps: [] })) })).toBe(0);
  });
});

const SITUATIONS: Overrides[] = [
  {},
  { 'disk.size': '16T', 'what-if.load-early': 'on' },
  { 'what-if.load-early': 'on', 'what-if.queue-depth': 64, 'what-if.defer-punch': 'on' },
  { 'bitmaps.frozen': 1, 'what-if.skip-unchanged': 'on', 'what-if.load-early': 'on' },
  { 'bitmaps.dirty': '0%', 'bitmaps.history': 'new' },
  { 'disk.count': 3, 'pre-flush.layout': 'shadow', 'what-if.encode-all-ones': 'on' },
  { storage: 'file-cache' },
  { storage: 'ram-disk', 'what-if.load-early': 'on' },
  { storage: 'lab-fast', 'disk.allocated': '100%', 'what-if.early-allocation': 'on' },
  { storage: 'hdd-7200', workload: 'oltp', 'bitmaps.dirty': '10%', qemu: 'fixed' },
];

describe('every strategy', () => {
  it.each(SITUATIONS)('that leaves a durable copy is above the floor: %o', async (overrides) => {
    const { scenario, strategies, seed } = await calm({ 'disk.size': '1T', ...overrides });
    const durable = runReplication(scenario, strategies, seed, 0).filter(({ strategy, variant }) =>
      leavesDurableCopy(strategy, variant),
    );
    expect(durable.map(({ strategy }) => strategy)).toEqual(['store-at-stop', 'pre-flush']);
    for (const { metrics } of durable) {
      expect(metrics.aboveFloorNs).toBeGreaterThan(0);
      expect(metrics.aboveFloorNs).toBe(metrics.bitmapWorkNs - metrics.floorNs);
    }
  });

  it('that leaves nothing behind the source is below it, and pre-flush read early is a few requests above', async () => {
    const { scenario, strategies, seed } = await calm({ 'disk.size': '16T', 'what-if.load-early': 'on' });
    const results = runReplication(scenario, strategies, seed, 0);
    const above = (name: string, variant: string | null): number =>
      results.find((r) => r.strategy === name && r.variant === variant)!.metrics.aboveFloorNs;
    expect(above('dont-store', 'drop')).toBe(-(6 + 5) * MS);
    // Old directory, refcounts, and the destination's reads of extension, directory and table; nothing by the cluster.
    expect(above('pre-flush', 'in-place')).toBeLessThan(14 * MS);
    expect(above('store-at-stop', null)).toBeGreaterThan(2 * 512 * MS);
  });
});
