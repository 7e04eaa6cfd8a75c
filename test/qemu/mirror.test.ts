/** A disk that is copied along by real QEMU: what `measure --mirror` plays, once and small. Nothing is timed. */
import { describe, expect, test } from 'vitest';
import { labHost } from '../../src/lab/host.js';
import { mirrorCsv, playMirror } from '../../src/lab/mirror/mirror.js';
import { playWrites, writesCsv } from '../../src/lab/mirror/writes.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { validate } from '../../src/lab/validate/registry.js';
import { installedQemu, missing } from './available.js';

describe.skipIf(missing.length > 0)('a mirrored disk on real QEMU', () => {
  test('what the guest wrote is copied in the stop, the bitmaps arrive, nothing is read of the copy', async () => {
    const situation = {
      copyMode: 'background',
      sourceDelayMs: 1,
      targetDelayMs: 1,
      dirtyChunks: 40,
      bitmaps: 2,
      granularityBytes: 65_536,
    } as const;
    const row = await withCleanup((cleanup) =>
      playMirror(cleanup, situation, { qemu: installedQemu.name, repeat: 0, forHost: false }),
    );
    expect(row.copiedChunks).toBe(40);
    expect(row.destinationReads).toBe(0);
    expect(row.mirrorMs).toBeGreaterThan(0);
    expect(row.blackoutMs).toBeGreaterThan(row.mirrorMs);
    const host = await labHost();
    const options = { minMs: 30, budgetMs: 300, host, prior: host };
    const { kind, json } = validate(mirrorCsv([row]), 'mirror.csv', options, () => undefined);
    expect(kind).toBe('mirror');
    expect(json).toMatchObject({ op_count_mismatches: 0 });
  });

  test('is ready though the guest writes, and has copied more than there was', async () => {
    const situation = {
      by: 'speed',
      speedBytesPerS: 256 * 2 ** 20,
      sourceDelayMs: 0,
      targetDelayMs: 0,
      writesPerS: 100,
    } as const;
    const row = await withCleanup((cleanup) =>
      playWrites(cleanup, situation, { qemu: installedQemu.name, repeat: 0 }),
    );
    expect(row.readyMs).toBeGreaterThan(400);
    expect(row.copiedBytes).toBeGreaterThan(128 * 2 ** 20);
    expect(row.leftBytes).toBe(0);
    const host = await labHost();
    const options = { minMs: 30, budgetMs: 300, host, prior: host };
    const { kind, json } = validate(writesCsv([row]), 'mirror-writes.csv', options, () => undefined);
    expect(kind).toBe('mirror-writes');
    expect(json).toMatchObject({ convergence: { n: 1, agree: 1 } });
  });
});
