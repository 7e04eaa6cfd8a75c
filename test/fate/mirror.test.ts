/** Disks that are copied along: what a mirror that fails, or a migration that does, leaves of the bitmaps. */
import { describe, expect, it } from 'vitest';
import { allCells, type FateCell, fateOf } from '../../src/fate/cells.js';
import { fateRules } from '../../src/fate/rules.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';

const shared = fateRules(qemuSpec('7.2'));
const copied = fateRules(qemuSpec('7.2'), { mirrored: true });
const mended = fateRules(qemuSpec('fixed'), { mirrored: true });

const cell = (outcome: string, rules = copied): FateCell =>
  fateOf({ outcome, strategy: 'stream', history: 'stored' }, rules);

describe('mirrored disks', () => {
  it('can meet a mirror that fails; others cannot', () => {
    const names = (rules: typeof copied): string[] =>
      allCells(rules).flatMap(({ outcome }) => (outcome.startsWith('mirror-') ? outcome : []));
    expect(names(shared)).toEqual([]);
    expect(new Set(names(copied)).size).toBe(8);
  });

  it.each(['mirror-fails-copying', 'mirror-cancelled', 'mirror-dst-dies-copying', 'mirror-dst-dies-ready'])(
    '%s: nothing is lost before the migration has begun',
    (outcome) => {
      expect(cell(outcome)).toMatchObject({
        source: 'exact',
        backupLive: 'incremental',
        boot: 'exact',
        backupAfterBoot: 'incremental',
      });
    },
  );

  it('lose their bitmaps, and nothing else, where the destination cannot tell whose they are', () => {
    expect(cell('mirror-unmapped')).toMatchObject({
      survivor: 'destination',
      guestRuns: true,
      destination: 'lost',
      backupLive: 'full',
      imageAtEnd: 'absent',
    });
    const { journal } = cell('mirror-unmapped');
    expect(journal).toContainEqual({
      event: 'migration',
      process: 'source',
      status: 'completed',
    });
  });

  it.each(['mirror-fails-running', 'mirror-fails-preswitch'])(
    '%s: exact in memory, and not stored at the quit (skip_store), unless that is mended',
    (outcome) => {
      expect(cell(outcome)).toMatchObject({ source: 'exact', boot: 'inconsistent', backupAfterBoot: 'full' });
      expect(cell(outcome, mended)).toMatchObject({ source: 'exact', boot: 'exact' });
    },
  );

  it('have their bitmap in the copy once the destination is shut down, and nowhere if it is killed', () => {
    expect(cell('ok-quit')).toMatchObject({ destination: 'exact', imageAtEnd: 'auto', boot: 'exact' });
    // The copy never held one: absent, where on shared storage the old copy is in use.
    expect(cell('ok-kill')).toMatchObject({ imageAtEnd: 'absent', boot: 'lost', backupAfterBoot: 'full' });
    expect(cell('ok-kill', shared)).toMatchObject({ imageAtEnd: 'in-use+auto', boot: 'inconsistent' });
  });

  it('are never wrong after two masters: each has a disk of its own', () => {
    expect(cell('two-masters-kill', shared).source).toBe('wrong');
    expect(cell('two-masters-kill').source).toBe('exact');
  });
});
