import { describe, expect, it } from 'vitest';
import { Qcow2Image } from '../../../src/sim/qcow2/image.js';
import { formatSequence } from '../../../src/sim/qcow2/oplog.js';

const TIB = 2 ** 40;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** 1 TiB, 32 clusters of bitmap, of which `held` are in the image already. */
function begin(layout: 'in-place' | 'shadow', held: number) {
  const image = new Qcow2Image({ sizeBytes: TIB, clusterBytes: 65_536, discard: true });
  const granularityBytes = 65_536;
  if (held > 0) image.store([{ name: 'b0', granularityBytes, dirtyClusters: held }]);
  image.activate();
  return { image, copy: image.early(layout, [{ names: ['b0'], granularityBytes, held: range(held) }]) };
}

describe('pre-flush in place', () => {
  it('overwrites what is there, and the stop has the directory only', () => {
    const { copy } = begin('in-place', 32);
    for (const entry of range(32)) expect(formatSequence(copy.write({ group: 0, entry }))).toBe('W65536');
    // Directory and header as in a store; the old directory is freed; no table, no punch.
    expect(formatSequence(copy.finish([]))).toBe('R32 R65536 W32 W65536 F W65536 Fx3 W65536 F');
  });

  it('allocates clusters that are new, and then the table has changed', () => {
    const { image, copy } = begin('in-place', 8);
    expect(formatSequence(copy.write({ group: 0, entry: 20 }))).toBe('R65536 W65536');
    expect(formatSequence(copy.sync())).toBe('W65536 F');
    expect(
      formatSequence(
        copy.finish([
          { group: 0, entry: 3 },
          { group: 0, entry: 21, bytes: 4096 },
        ]),
      ),
    ).toBe('W65536x2 W256 R32 W32 W65536 F W65536 Fx3 W65536 F');
    expect(formatSequence(image.activate())).toContain('R256 R65536x10');
  });

  it('writes chunks smaller than a cluster as they are, once the cluster exists', () => {
    const { copy } = begin('in-place', 1);
    expect(formatSequence(copy.write({ group: 0, entry: 0, bytes: 4096 }))).toBe('W4096');
    expect(formatSequence(copy.write({ group: 0, entry: 1, bytes: 4096 }))).toBe('R65536 W65536');
    expect(formatSequence(copy.write({ group: 0, entry: 1, bytes: 4096 }))).toBe('W4096');
  });
});

describe('the preview of the last pass', () => {
  it.each(['in-place', 'shadow'] as const)('%s: is what finish then sends', (layout) => {
    for (const [held, rest] of [
      [32, []],
      [32, [{ group: 0, entry: 4 }]],
      [8, [{ group: 0, entry: 30 }]],
      [
        0,
        [
          { group: 0, entry: 1 },
          { group: 0, entry: 2 },
        ],
      ],
    ] as const) {
      const { copy } = begin(layout, held);
      // A first new cluster brings the refcount block into the cache.
      copy.write({ group: 0, entry: 31 });
      if (layout === 'in-place' && held === 32) continue;
      copy.sync();
      const preview = formatSequence(copy.preview(rest));
      expect(formatSequence(copy.preview(rest))).toBe(preview);
      expect(formatSequence(copy.finish(rest))).toBe(preview);
    }
  });
});

describe('pre-flush in the shadow', () => {
  it('moves each cluster once and gives the old copy back in the stop', () => {
    const { image, copy } = begin('shadow', 32);
    for (const entry of range(31)) copy.write({ group: 0, entry });
    expect(formatSequence(copy.write({ group: 0, entry: 5 }))).toBe('W65536');
    copy.sync();
    expect(formatSequence(copy.finish([{ group: 0, entry: 31 }]))).toBe(
      'W65536 W256 R32 W32 W65536 F W65536 F R256 T65536x32 Fx2 W65536 F',
    );
    expect(formatSequence(image.activate())).toContain('R256 R65536x32');
  });

  it('of a bitmap that was never stored there is nothing to give back', () => {
    const { copy } = begin('shadow', 0);
    copy.write({ group: 0, entry: 0 });
    expect(formatSequence(copy.finish([]))).toBe('W256 W32 W65536 F W65536 Fx3');
  });
});

describe('a thousand alike bitmaps', () => {
  const names = range(1000).map((member) => `b0-${member}`);
  const granularityBytes = 65_536;

  it('have a look ahead as short as that of one, with a thousand times the requests', () => {
    const of = (some: readonly string[]) => {
      const image = new Qcow2Image({ sizeBytes: TIB, clusterBytes: 65_536, discard: true });
      return image.early('in-place', [{ names: some, granularityBytes, held: [] }]);
    };
    const rest = range(32).map((entry) => ({ group: 0, entry }));
    const [one, all] = [of(['b0-0']).preview(rest), of(names).preview(rest)];
    expect(all).toHaveLength(one.length);
    expect(all[0]).toMatchObject({ purpose: 'data', count: 1000 * one[0]!.count });
    expect(all[1]).toMatchObject({ purpose: 'table', count: 1000 });
  });

  it('are written one after another', () => {
    const image = new Qcow2Image({ sizeBytes: TIB, clusterBytes: 65_536, discard: true });
    const copy = image.early('in-place', [{ names, granularityBytes, held: [] }]);
    const data = copy.write({ group: 0, entry: 7 }).filter(({ purpose }) => purpose === 'data');
    expect(data.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    expect(copy.holds(0, 999, 7)).toBe(true);
  });
});
