/** What-if loadAfterResume: what becomes of the copies while the destination runs and has not yet read them. */
import { describe, expect, it } from 'vitest';
import { allCells, type CellKey, DEFAULT_IMAGE, type FateCell, fateOf } from '../../src/fate/cells.js';
import { pathDowntime } from '../../src/fate/downtime.js';
import { Granules } from '../../src/fate/granules.js';
import { ImageFile } from '../../src/fate/image-file.js';
import { Journal } from '../../src/fate/journal.js';
import { BlockNode } from '../../src/fate/node.js';
import { type FateRules, fateRules } from '../../src/fate/rules.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';
import { powersOfTen } from './times.js';

const later = { loadAfterResume: true };
const asIs = fateRules(qemuSpec('7.2'));
const mended = fateRules(qemuSpec('fixed'));
const both = [
  ['QEMU as it is otherwise', fateRules(qemuSpec('7.2'), later)],
  ['QEMU mended otherwise', fateRules(qemuSpec('fixed'), later)],
] as const;

/** The ways that bitmaps go through the image. */
const stored = ['store', 'pre-flush', 'pre-flush-shadow'].flatMap((strategy) =>
  (['new', 'stored'] as const).map((history) => ({ strategy, history })),
);

const fates = ({ journal: _, ...fate }: FateCell): Omit<FateCell, 'journal'> => fate;
const merges = (rules: FateRules): CellKey[] =>
  allCells(rules).filter(({ outcome }) => outcome.startsWith('merge-'));

describe.each(both)('bitmaps that are read after the resume, %s', (_, rules) => {
  const plain = rules.clearSkipStore ? mended : asIs;

  it('end as those read before it, whatever fails before or after the merge', () => {
    const keys = allCells(plain);
    for (const key of keys)
      expect(fates(fateOf(key, rules)), JSON.stringify(key)).toEqual(fates(fateOf(key, plain)));
    expect(keys.length).toBeGreaterThan(200);
  });

  it('are never wrong before the merge', () => {
    const keys = merges(rules);
    expect(keys).toHaveLength(6 * stored.length);
    for (const key of keys) {
      const { source, destination, boot } = fateOf(key, rules);
      expect([source, destination, boot], JSON.stringify(key)).not.toContain('wrong');
    }
  });

  it.each(stored)('destination killed: as lost as if killed after it: $strategy, $history', (of) => {
    const before = fateOf({ outcome: 'merge-dst-dies', ...of }, rules);
    const after = fateOf({ outcome: 'ok-kill', ...of }, rules);
    expect(before).toMatchObject({ destination: 'incomplete', backupLive: null });
    expect(before.imageAtEnd).toBe('in-use+auto');
    expect([before.boot, before.backupAfterBoot]).toEqual(['inconsistent', 'full']);
    expect([after.boot, after.backupAfterBoot]).toEqual(['inconsistent', 'full']);
  });

  it.each(stored)('destination shut down: merged first, then stored: $strategy, $history', (of) => {
    expect(fateOf({ outcome: 'merge-dst-quits', ...of }, rules)).toMatchObject({
      destination: 'incomplete',
      imageAtEnd: 'auto',
      boot: 'exact',
      backupAfterBoot: 'incremental',
    });
  });

  it.each(stored)('storage refuses: the guest runs on without: $strategy, $history', (of) => {
    expect(fateOf({ outcome: 'merge-eio', ...of }, rules)).toMatchObject({
      destination: 'inconsistent',
      guestRuns: true,
      imageAtEnd: 'in-use+auto',
      boot: 'inconsistent',
    });
  });

  it.each(stored)('onwards: merged in the next stop, refused by the stream: $strategy, $history', (of) => {
    const plainly = fateOf({ outcome: 'merge-hop-plain', ...of }, rules);
    expect(plainly).toMatchObject({ survivor: 'destination', destination: 'exact', boot: 'exact' });
    const resumes = (fate: FateCell): string[] =>
      fate.journal.flatMap((entry) => (entry.event === 'resume' ? [entry.process] : []));
    expect(resumes(plainly)).toEqual(['destination', 'destination2']);
    const refused = fateOf({ outcome: 'merge-hop-cap', ...of }, rules);
    expect(refused).toMatchObject({ survivor: 'destination', destination: 'exact', boot: 'exact' });
    expect(resumes(refused)).toEqual(['destination']);
    const texts = refused.journal.flatMap((entry) => (entry.event === 'message' ? [entry.text] : []));
    expect(texts).toContain("Bitmap 'b0' is currently in use by another operation and cannot be used");
  });

  it.each(stored)(
    'source resumed after the destination wrote: it knows better: $strategy, $history',
    (of) => {
      expect(fateOf({ outcome: 'merge-two-masters', ...of }, rules)).toMatchObject({
        source: 'inconsistent',
        backupLive: 'full',
        boot: 'inconsistent',
      });
    },
  );
});

describe('the stop', () => {
  const timesOf = (outcome: string) => {
    const fate = fateOf({ outcome, strategy: 'store', history: 'stored' }, both[0][1]);
    return pathDowntime(fate.journal, powersOfTen, fate.guestRuns).downtimeNs;
  };

  it('has directory and marks alone; who takes an image back, or gives it away unmerged, reads in the stop', () => {
    expect(timesOf('ok-quit')).toBe(10_501_000_011);
    expect(timesOf('dst-dies-preswitch')).toBe(11_101_000_001);
    expect(timesOf('ok-hop-plain')).toBe(21_002_000_022);
    expect(timesOf('merge-hop-plain')).toBe(21_602_000_022);
  });
});

describe('a node that the guest arrives at', () => {
  const node = (directory: Record<string, { inUse: boolean; auto: boolean }>): [BlockNode, ImageFile] => {
    const image = new ImageFile(DEFAULT_IMAGE);
    for (const [name, flags] of Object.entries(directory))
      image.directory.set(name, { ...flags, bits: new Granules([1]) });
    return [new BlockNode('destination', image, both[0][1], new Journal()), image];
  };

  it('marks what it has not read in use before the first write', () => {
    const [arrived, image] = node({ b0: { inUse: false, auto: true } });
    arrived.activate();
    expect(image.directory.get('b0')).toMatchObject({ inUse: true });
    expect(arrived.merging).toBe(true);
    arrived.write([2]);
    arrived.mergeLoaded();
    expect([...arrived.bitmaps.get('b0')!.bits]).toEqual([1, 2]);
    arrived.write([3]);
    expect([...arrived.bitmaps.get('b0')!.bits]).toEqual([1, 2, 3]);
  });

  it('keeps a frozen bitmap as it was, and one that was in use inconsistent', () => {
    const [arrived] = node({ frozen: { inUse: false, auto: false }, broken: { inUse: true, auto: true } });
    arrived.activate();
    arrived.write([2]);
    arrived.mergeLoaded();
    expect([...arrived.bitmaps.get('frozen')!.bits]).toEqual([1]);
    expect(arrived.bitmaps.get('broken')).toMatchObject({ inconsistent: true, busy: false });
  });
});
