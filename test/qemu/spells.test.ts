/** Stops on a volume with spells and a neighbour, by real QEMU, nbdkit and fio: what `measure --spells` plays, once and small. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { labHost } from '../../src/lab/host.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { missingPackages } from '../../src/lab/process/programs.js';
import { SPELLS_GRID, type SpellsCell } from '../../src/lab/spells/grid.js';
import { playSpellsCell } from '../../src/lab/spells/spell-stop.js';
import { playSpells, spellsCsv } from '../../src/lab/spells/spells.js';
import { compileDevice } from '../../src/lab/spells/volume.js';
import { validate } from '../../src/lab/validate/registry.js';
import { installedQemu, missing } from './available.js';

/** Why the device cannot be made here; undefined: it can. It needs a compiler and headers, which QEMU itself does not. */
async function obstacle(): Promise<string | undefined> {
  const others = missingPackages(['cc', 'fio']);
  if (missing.length + others.length > 0) return `not installed: ${[...missing, ...others].join(', ')}`;
  return withCleanup((cleanup) => compileDevice(cleanup, cleanup.tempDir(tmpdir(), 'run'))).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

const why = await obstacle();
if (why !== undefined) process.stderr.write(`\nstops beside a neighbour SKIPPED: ${why}\n`);

const CELL: SpellsCell = {
  ...SPELLS_GRID.find(
    ({ neighbour, image }) => neighbour && image.bitmaps === 1 && image.diskBytes < 2 ** 39,
  )!,
  neighbour: { depth: 2, hereMs: 1, awayMs: 0 },
};

describe.skipIf(why !== undefined)('stops beside a neighbour on real QEMU', () => {
  test('the neighbour has its share of the device, and the requests are the model’s', async () => {
    const played = await withCleanup((cleanup) => playSpellsCell(cleanup, CELL, 2));
    const { law, neighbour } = CELL;
    for (const { stopMs, requests } of played.stops) {
      const { writes, reads, trims, flushes } = requests;
      const aloneMs = ((writes + reads + trims) * law.requestUs + flushes * law.flushUs) / 1000;
      // Three in flight share the device evenly. Between two of its writes the neighbour is away for a moment.
      expect(stopMs).toBeGreaterThan(0.7 * (1 + neighbour!.depth) * aloneMs);
    }
    const host = await labHost();
    const options = { minMs: 30, budgetMs: 300, host, prior: host };
    const { kind, mismatches } = validate(
      spellsCsv([played], installedQemu.name),
      'spells.csv',
      options,
      () => undefined,
    );
    expect(kind).toBe('spells');
    expect(mismatches).toBe(0);
  });

  test('a campaign goes on where it was: of a whole file nothing is played again', async () => {
    const before = readFileSync('results/validation/spells.csv', 'utf8');
    const save = (): never => {
      throw new Error('played again');
    };
    const steps: number[] = [];
    const csv = await withCleanup((cleanup) =>
      playSpells(cleanup, 20, (done) => steps.push(done), { before, save }),
    );
    expect(csv).toBe(before);
    expect(steps).toHaveLength(SPELLS_GRID.length);
  });
});
