import { describe, expect, it } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import { Qcow2Image } from '../../../src/sim/qcow2/image.js';
import { formatSequence } from '../../../src/sim/qcow2/oplog.js';
import type { StoreOp } from '../../../src/sim/types.js';

const TIB = 2 ** 40;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const requests = (ops: readonly StoreOp[], purpose: StoreOp['purpose']): number =>
  ops.reduce((sum, op) => sum + (op.purpose === purpose ? op.count : 0), 0);

const dataWrites = (ops: readonly StoreOp[]): number => requests(ops, 'data');

/** How many requests of each kind, in whatever order. */
function totals(ops: readonly StoreOp[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { op, bytes, purpose, count } of ops) {
    const kind = `${op} ${bytes} ${purpose}`;
    sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return sums;
}

/** 1 TiB, 32 clusters of bitmap, of which `held` are in the image already. */
function begin(layout: 'in-place' | 'shadow', held: number) {
  const image = new Qcow2Image({ sizeBytes: TIB, clusterBytes: 65_536, discard: true });
  const granularityBytes = 65_536;
  if (held > 0) image.store([{ name: 'b0', granularityBytes, dirtyClusters: held }]);
  image.activate();
  return { image, copy: image.early(layout, [{ name: 'b0', granularityBytes, held: range(held) }]) };
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

describe('alike bitmaps', () => {
  const granularityBytes = 65_536;
  const namesOf = (count: number): string[] => range(count).map((member) => `b0-${member}`);
  const emptyImage = () => new Qcow2Image({ sizeBytes: TIB, clusterBytes: 65_536, discard: true });

  it('by the thousand have a look ahead as short as that of one, with a thousand times the requests', () => {
    const lookAhead = (count: number) =>
      emptyImage()
        .early('in-place', [{ name: 'b0-', count, granularityBytes, held: [] }])
        .preview(range(32).map((entry) => ({ group: 0, entry })));
    const [one, all] = [lookAhead(1), lookAhead(1000)];
    expect(all).toHaveLength(one.length);
    expect(all[0]).toMatchObject({ purpose: 'data', count: 1000 * one[0]!.count });
    expect(all[1]).toMatchObject({ purpose: 'table', count: 1000 });
  });

  it('are written one by one, or some at once', () => {
    const copy = emptyImage().early('in-place', [{ name: 'b0-', count: 1000, granularityBytes, held: [] }]);
    expect(dataWrites(copy.write({ group: 0, entry: 7 }, 0, 1))).toBe(1);
    expect(dataWrites(copy.write({ group: 0, entry: 7 }, 1, 900))).toBe(899);
    expect(copy.holds(0, 899, 7)).toBe(true);
    expect(copy.holds(0, 900, 7)).toBe(false);
  });

  it.each(
    (['in-place', 'shadow'] as const).flatMap((layout) => range(20).map((round) => [layout, round] as const)),
  )(
    '%s: take what they take if each is a group by itself, wherever writes broke off (%i)',
    (layout, round) => {
      const random = namedStream(round, 0, 'breaks');
      const below = (n: number): number => Math.floor(random.uniform() * n);
      const count = 6;
      const held = range(below(33));
      const names = namesOf(count);
      const begin = (groups: readonly { readonly name: string; readonly count?: number }[]) => {
        const image = emptyImage();
        if (held.length > 0)
          image.store(names.map((name) => ({ name, granularityBytes, dirtyClusters: held.length })));
        image.activate();
        return image.early(
          layout,
          groups.map((some) => ({ ...some, granularityBytes, held })),
        );
      };
      const together = begin([{ name: 'b0-', count }]);
      const apart = begin(names.map((name) => ({ name })));
      const full = new Set<number>();
      const stale = new Map<number, number>();
      for (let i = below(40); i > 0; i--) {
        const entry = below(32);
        if (below(4) === 0) full.add(entry);
        const cluster = { entry, full: full.has(entry) };
        const reached = below(count + 1);
        for (const member of range(reached)) {
          expect(together.write({ ...cluster, group: 0 }, member, member + 1)).toEqual(
            apart.write({ ...cluster, group: member }),
          );
        }
        // Broken off: written again, all of them or those that are left.
        if (reached < count) stale.set(entry, below(2) * reached);
        else stale.delete(entry);
      }
      const rest = [...stale]
        .sort(([a], [b]) => a - b)
        .map(([entry, from]) => ({ group: 0, from, entry, full: full.has(entry) }));
      const each = rest.flatMap(({ from, ...write }) =>
        range(count - from).map((i) => ({ ...write, group: from + i })),
      );
      const lookAhead = together.preview(rest);
      expect(totals(lookAhead)).toEqual(totals(apart.preview(each)));
      const done = together.finish(rest);
      expect(done).toEqual(apart.finish(each));
      for (const purpose of ['data', 'table', 'old-table', 'punch', 'directory', 'flush'] as const)
        expect(requests(lookAhead, purpose), purpose).toBe(requests(done, purpose));
    },
  );
});

describe('a preview of chunks smaller than a cluster', () => {
  it.each(['in-place', 'shadow'] as const)(
    '%s: one whole cluster where it is new, then chunks, as finish writes',
    (layout) => {
      const image = new Qcow2Image({ sizeBytes: 2 ** 40, clusterBytes: 65_536, discard: true });
      const early = image.early(layout, [{ name: 'chunky', granularityBytes: 65_536, held: [] }]);
      const chunk = (entry: number) => ({ group: 0, entry, bytes: 4096 });
      const rest = [chunk(0), chunk(0), chunk(0), chunk(5)];
      const data = (ops: readonly { purpose: string; bytes: number; count: number }[]) =>
        ops.filter(({ purpose }) => purpose === 'data').map(({ bytes, count }) => [bytes, count]);
      const seen = data(early.preview(rest));
      expect(seen).toEqual([
        [65_536, 1],
        [4096, 2],
        [65_536, 1],
      ]);
      expect(data(early.finish(rest))).toEqual(seen);
    },
  );
});
