/** Alike bitmaps told as one entry: what they take is what each takes that is listed, and the work is that of one. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Allocator } from '../../../src/sim/qcow2/allocator.js';
import { namesOf } from '../../../src/sim/qcow2/copies.js';
import { Qcow2Image } from '../../../src/sim/qcow2/image.js';
import { LIST_MAX } from '../../../src/sim/qcow2/oplog.js';
import type { StoredBitmap } from '../../../src/sim/qcow2/options.js';
import type { StoreOp } from '../../../src/sim/types.js';

const GIB = 2 ** 30;
const TIB = 2 ** 40;
const KIB = 1024;

/** Each of them by itself. */
function listed(bitmaps: readonly StoredBitmap[]): readonly StoredBitmap[] {
  return bitmaps.flatMap(({ count, ...bitmap }) =>
    namesOf({ ...bitmap, ...(count !== undefined && { count }) }).map((name) => ({ ...bitmap, name })),
  );
}

const group = (g: number, clustersMax: number) =>
  fc.record({
    name: fc.constant(`b${g}-`),
    count: fc.integer({ min: 1, max: 30 }),
    granularityBytes: fc.constant(64 * KIB),
    dirtyClusters: fc.integer({ min: 0, max: clustersMax }),
    fullClusters: fc.constant(0),
    unchanged: fc.boolean(),
  });

const options = fc.record({
  skipUnchanged: fc.boolean(),
  deferPunch: fc.boolean(),
  encodeAllOnes: fc.constant(false),
});

/** Small clusters, so that refcount blocks (of 256 clusters at 512 bytes) end among the bitmaps. */
const SIZES = { 512: 16 * GIB, 4096: 64 * GIB, 65536: TIB } as const;

const situation = fc.constantFrom<keyof typeof SIZES>(512, 4096, 65_536).chain((clusterBytes) =>
  fc.record({
    clusterBytes: fc.constant(Number(clusterBytes)),
    sizeBytes: fc.constant(SIZES[clusterBytes]),
    discard: fc.boolean(),
    allocatedBytes: fc.constantFrom(0, GIB),
    stores: fc.array(
      fc.record({
        groups: fc.tuple(group(0, 30), group(1, 20)),
        first: fc.boolean(),
        options,
        readBefore: fc.integer({ min: 0, max: 900 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);

describe('alike bitmaps', () => {
  afterEach(() => vi.restoreAllMocks());

  it('take the requests of as many that are listed, in their order', () => {
    fc.assert(
      fc.property(situation, ({ stores, ...image }) => {
        const [together, apart] = [new Qcow2Image(image), new Qcow2Image(image)];
        const same = (told: (image: Qcow2Image, list: typeof listed) => readonly StoreOp[]): void =>
          expect(told(together, (bitmaps) => bitmaps)).toEqual(told(apart, listed));
        let counts: readonly number[] | undefined;
        for (const { groups, first, options: how, readBefore } of stores) {
          // Bitmaps of a name stay as many as they were stored, or are other ones.
          counts ??= groups.map(({ count }) => count);
          const stored = groups.map((each, g) => ({ ...each, count: counts![g]! }));
          const chosen = first ? stored.slice(0, 1) : stored;
          same((each, list) => each.store(list(chosen), how));
          same((each) => each.takeDeferred());
          same((each) => each.activate({ readBefore }));
          expect(together.storedNames).toEqual(apart.storedNames);
          expect(together.allocatedClusters).toBe(apart.allocatedClusters);
        }
        same((each) => each.remove('b0-0'));
        same((each) => each.activate({ sourceTakesBack: true }));
      }),
      { numRuns: 10 },
    );
  });

  it('by the ten thousand are gone through a few a refcount block, and their requests told in short', () => {
    const allocations = vi.spyOn(Allocator.prototype, 'allocate');
    const releases = vi.spyOn(Allocator.prototype, 'free');
    const image = new Qcow2Image({ sizeBytes: TIB, clusterBytes: 64 * KIB, discard: true });
    const all = { name: 'b0-', count: 65_535, granularityBytes: 64 * KIB, dirtyClusters: 32 };
    image.store([all]);
    image.activate();
    const second = image.store([all]);
    const load = image.activate();
    // 33 clusters each, so 66 blocks a store, and a bitmap or two that lie across their borders.
    expect(allocations.mock.calls.length).toBeLessThan(2 * 66 * 6);
    expect(releases.mock.calls.length).toBeLessThan(66 * 12);
    const requests = (ops: readonly StoreOp[], purpose: StoreOp['purpose']): number =>
      ops.reduce((sum, op) => sum + (op.purpose === purpose ? op.count : 0), 0);
    for (const ops of [second, load]) expect(ops.length).toBeLessThan(LIST_MAX + 66 * 24);
    expect(requests(second, 'data')).toBe(65_535 * 32);
    expect(requests(second, 'punch')).toBe(65_535 * 32);
    expect(requests(second, 'table')).toBe(65_535);
    expect(requests(load, 'load')).toBeGreaterThan(65_535 * 33);
  });

  it('of which some have a cluster anew are kept by stretches, however they are written', () => {
    const image = new Qcow2Image({ sizeBytes: TIB, clusterBytes: 64 * KIB, discard: true });
    const allocations = vi.spyOn(Allocator.prototype, 'allocate');
    const copy = image.early('in-place', [
      { name: 'b0-', count: 50_000, granularityBytes: 64 * KIB, held: [] },
    ]);
    for (const entry of [3, 4]) copy.write({ group: 0, entry }, 0, 20_000);
    const rest = [3, 4, 5].map((entry) => ({ group: 0, entry }));
    expect(copy.preview(rest).length).toBeLessThan(20);
    expect(copy.finish(rest).length).toBeLessThan(LIST_MAX + 50);
    expect(image.activate().reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(50_000 * 4);
    expect(allocations.mock.calls.length).toBeLessThan(100);
  });
});
