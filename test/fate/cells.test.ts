import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allCells, type CellKey, type FateCell, fateOf } from '../../src/fate/cells.js';
import { Granules } from '../../src/fate/granules.js';
import { ImageFile } from '../../src/fate/image-file.js';
import { type FateRules, fateRules } from '../../src/fate/rules.js';
import type { WriteGroups } from '../../src/fate/stage.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';

const asIs = fateRules(qemuSpec('7.2'));
const mended = fateRules(qemuSpec('fixed'));
const cells = allCells(asIs);

const fates = ({ journal: _, ...fate }: FateCell): unknown => fate;
const isWrong = (fate: FateCell): boolean =>
  [fate.source, fate.destination, fate.boot, fate.backupLive, fate.backupAfterBoot].includes('wrong');

describe('all cells', () => {
  it('mended QEMU never yields a wrong bitmap, QEMU as it is does', () => {
    const wrong = (rules: FateRules): string[] =>
      cells.filter((key) => isWrong(fateOf(key, rules))).map((key) => `${key.outcome}/${key.strategy}`);
    expect(wrong(mended)).toEqual([]);
    expect(new Set(wrong(asIs))).toEqual(
      new Set([
        'two-masters-kill/stream',
        'two-masters-kill/stream-postcopy',
        'two-masters-kill/stream-transient',
        'two-masters-kill/transient',
        'two-masters-quit/stream-transient',
        'two-masters-quit/transient',
      ]),
    );
  });

  it('mending costs nobody an incremental backup', () => {
    const worth = { incremental: 2, full: 1, wrong: 0 };
    const value = (word: keyof typeof worth | null): number => (word === null ? 0.5 : worth[word]);
    for (const key of cells) {
      const before = fateOf(key, asIs);
      const after = fateOf(key, mended);
      const name = JSON.stringify(key);
      expect(value(after.backupLive), name).toBeGreaterThanOrEqual(value(before.backupLive));
      expect(value(after.backupAfterBoot), name).toBeGreaterThanOrEqual(value(before.backupAfterBoot));
    }
  });

  it('does not depend on where the writes went', () => {
    const granules = fc.uniqueArray(fc.nat({ max: 262_143 }), { minLength: 12, maxLength: 40 });
    const distinct = granules.map((all): WriteGroups => {
      const nth = (n: number): number[] => all.filter((_, i) => i % 6 === n);
      return { A: nth(0), B: nth(1), M: nth(2), C: nth(3), D: nth(4), E: nth(5) };
    });
    // One bitmap cluster covers the whole disk here; with more, only the need for new clusters changes.
    fc.assert(
      fc.property(distinct, fc.nat({ max: cells.length - 1 }), (groups, i) => {
        const key = cells[i]!;
        expect(fates(fateOf(key, asIs, undefined, groups))).toEqual(fates(fateOf(key, asIs)));
      }),
      { seed: 1, numRuns: 1500 },
    );
  });

  it('the source that goes on is exact, whatever the strategy, unless the destination has run', () => {
    let seen = 0;
    for (const key of cells) {
      const fate = fateOf(key, asIs);
      const elsewhere = fate.journal.some((e) => e.event === 'resume' && e.process !== 'source');
      if (key.strategy === 'none' || key.history === 'inconsistent') continue;
      if (fate.survivor !== 'source' || elsewhere) continue;
      expect(fate.source, JSON.stringify(key)).toBe('exact');
      seen++;
    }
    expect(seen).toBeGreaterThan(50);
  });

  it('a persistent flag that lies: exact, persistent, and gone at the next start', () => {
    const fate = fateOf({ outcome: 'cancel-quit', strategy: 'stream', history: 'new' }, asIs);
    expect(fate).toMatchObject({ source: 'exact', survivorPersistent: true, boot: 'lost' });
  });
});

describe('pre-flush', () => {
  const of = (outcome: string, shadow: boolean, history: CellKey['history']): FateCell =>
    fateOf({ outcome, strategy: shadow ? 'pre-flush-shadow' : 'pre-flush', history }, asIs);

  it('in place: the copy is in use during the whole run, so a crash means inconsistent, never wrong', () => {
    for (const outcome of ['src-dies-running', 'src-dies-preswitch', 'cancel-kill'])
      for (const history of ['new', 'stored'] as const)
        expect(of(outcome, false, history)).toMatchObject({
          boot: 'inconsistent',
          imageAtEnd: 'in-use+auto',
        });
  });

  it('shadow: the directory is not touched before the stop', () => {
    expect(of('src-dies-preswitch', true, 'new').imageAtEnd).toBe('absent');
    expect(of('src-dies-preswitch', true, 'stored').imageAtEnd).toBe('in-use+auto');
  });

  it('a cancel harms nothing', () => {
    for (const shadow of [false, true])
      for (const history of ['new', 'stored'] as const)
        expect(of('cancel-quit', shadow, history)).toMatchObject({ source: 'exact', boot: 'exact' });
  });

  it('full storage is noticed while the guest runs, unless clusters can be overwritten', () => {
    const stops = (fate: FateCell): number => fate.journal.filter(({ event }) => event === 'stop').length;
    expect(stops(of('store-enospc', false, 'new'))).toBe(0);
    expect(stops(of('store-enospc', true, 'stored'))).toBe(0);
    expect(of('store-enospc', false, 'stored')).toMatchObject({
      destination: 'exact',
      survivor: 'destination',
    });
  });
});

describe('an image with few free clusters', () => {
  const bitmap = (granules: number[], inPlace = false) => ({
    name: 'b0',
    auto: true,
    bits: new Granules(granules),
    inPlace,
  });
  const image = (freeClusters: number): ImageFile => new ImageFile({ granulesPerCluster: 100, freeClusters });

  it('a first store takes data, table and directory; all or nothing', () => {
    expect(() => image(3).store([bitmap([1, 150])])).toThrow('No space left');
    const enough = image(4);
    enough.store([bitmap([1, 150])]);
    expect(enough.directory.get('b0')).toMatchObject({ inUse: false });
    const full = image(4);
    full.store([bitmap([1, 150])]);
    expect(() => full.store([bitmap([1, 150, 250])])).toThrow('No space left');
    expect([...full.directory.get('b0')!.bits]).toEqual([1, 150]);
  });

  it('a replacement needs room for both copies and gives the old one back', () => {
    const enough = image(8);
    for (let round = 0; round < 5; round++) enough.store([bitmap([1, 150])]);
    expect(() => image(0).store([bitmap([1])], 'in-use')).toThrow('No space left');
  });

  it('in place only new clusters are needed', () => {
    const tight = image(4);
    tight.store([bitmap([1, 150])]);
    tight.store([bitmap([1, 2, 150], true)]);
    expect(() => tight.store([bitmap([1, 150, 250], true)])).toThrow('No space left');
  });
});
