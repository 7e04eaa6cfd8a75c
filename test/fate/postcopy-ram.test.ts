/** A post-copy of RAM that breaks: the guest is lost, and what is left of its bitmaps with it. */
import { describe, expect, it } from 'vitest';
import { allCells, type FateCell, fateOf } from '../../src/fate/cells.js';
import { fateRules } from '../../src/fate/rules.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';

const plain = fateRules(qemuSpec('7.2'));
const follows = fateRules(qemuSpec('7.2'), { ramFollows: true });
const cell = (outcome: string, strategy: string): FateCell =>
  fateOf({ outcome, strategy, history: 'stored' }, follows);

describe('a post-copy of RAM', () => {
  it('is what these outcomes are of; plain pre-copy cannot meet them', () => {
    const met = (rules: typeof plain): boolean =>
      allCells(rules).some(({ outcome }) => outcome.startsWith('postcopy-ram-'));
    expect(met(plain)).toBe(false);
    expect(met(follows)).toBe(true);
  });

  it.each(['postcopy-ram-dst-dies', 'postcopy-ram-src-dies'])(
    '%s: nobody has the guest, and its bitmaps are in use in the image, stored or streamed',
    (outcome) => {
      for (const strategy of ['store', 'stream'])
        expect(cell(outcome, strategy), strategy).toMatchObject({
          survivor: 'none',
          guestRuns: false,
          imageAtEnd: 'in-use+auto',
          boot: 'inconsistent',
          backupAfterBoot: 'full',
        });
    },
  );

  it('that is recovered has the guest back, but not the bitmaps that were on the link', () => {
    expect(cell('postcopy-ram-recovers', 'stream')).toMatchObject({
      survivor: 'destination',
      guestRuns: true,
      destination: 'lost',
      backupLive: 'full',
    });
    expect(cell('postcopy-ram-recovers', 'store')).toMatchObject({
      destination: 'exact',
      backupAfterBoot: 'incremental',
    });
  });

  it('takes the image at once though told to wait, up to QEMU 9.2', () => {
    const late = (rules: typeof plain): FateCell =>
      fateOf({ outcome: 'dst-dies-unactivated-quit', strategy: 'store', history: 'stored' }, rules);
    expect(late(plain).source).toBe('exact');
    expect(late(follows).source).toBe('inconsistent');
    expect(late(fateRules(qemuSpec('10.0'), { ramFollows: true })).source).toBe('exact');
  });

  it('loses its guest on a copied disk at the destination, whose image counts', () => {
    const both = fateRules(qemuSpec('7.2'), { ramFollows: true, mirrored: true });
    const lost = fateOf({ outcome: 'postcopy-ram-src-dies', strategy: 'stream', history: 'stored' }, both);
    expect(lost).toMatchObject({ imageAtEnd: 'absent', boot: 'lost', backupAfterBoot: 'full' });
  });

  it('that succeeds ends as pre-copy does', () => {
    for (const strategy of ['store', 'stream'])
      for (const outcome of ['ok-quit', 'ok-kill']) {
        const { journal: _, ...after } = cell(outcome, strategy);
        const { journal: __, ...before } = fateOf({ outcome, strategy, history: 'stored' }, plain);
        expect(after, `${strategy} ${outcome}`).toEqual(before);
      }
  });
});
