/** Rates of first touches: what stretches of every granularity do is found again from the counts that they leave. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expectedPerS,
  type FreshWrites,
  freshWrites,
  touchRates,
} from '../../../src/lab/observe/first-touch.js';
import { diskGuest } from '../../../src/lab/observe/guest.js';
import type { ObservedBitmap, ObservedDisk } from '../../../src/lab/observe/observation.js';

const bitmap = (change: Partial<ObservedBitmap> = {}): ObservedBitmap => ({
  name: 'daily',
  granularityBytes: 65_536,
  recording: true,
  stored: true,
  bits: 1_000_000,
  setBits: 0,
  newBits: 0,
  ...change,
});

const NONE = { count: 0, bytes: 0, totalNs: 0, spread: undefined };

const disk = (bitmaps: readonly ObservedBitmap[], writes: number, bytes: number): ObservedDisk => ({
  node: 'disk0',
  file: 'disk0.qcow2',
  sizeBytes: 2 ** 36,
  clusterBytes: 65_536,
  allocatedBytes: undefined,
  grew: false,
  cached: false,
  unflushed: false,
  dataFile: false,
  bitmaps,
  backing: [],
  requests: { write: { ...NONE, count: writes, bytes }, read: NONE, flush: NONE, unmap: NONE },
});

/** Touches a second at each granularity, by what a stretch is. */
const touched = (fresh: readonly FreshWrites[], sizes: readonly number[]) =>
  sizes.map((granularityBytes) => ({
    granularityBytes,
    touchesPerS: fresh.reduce(
      (sum, { bytes, perS }) => sum + perS * Math.max(1, bytes / granularityBytes),
      0,
    ),
  }));

describe('rates of touches', () => {
  test('a uniform guest that fills half of what is left: N ln 2 touches', () => {
    const [rate] = touchRates([bitmap({ setBits: 750_000, newBits: 250_000 })], 10);
    expect(rate!.touchesPerS).toBeCloseTo((1_000_000 * Math.log(2)) / 10, 6);
  });

  test('of a nearly empty bitmap every touch is a first one', () => {
    const [rate] = touchRates([bitmap({ setBits: 100, newBits: 100 })], 10);
    expect(rate!.touchesPerS).toBeCloseTo(10, 2);
  });

  test('the emptiest bitmap of a granularity tells its rate; frozen and cleared ones tell nothing', () => {
    const rates = touchRates(
      [
        bitmap({ setBits: 900_000, newBits: 0 }),
        bitmap({ setBits: 1000, newBits: 500 }),
        bitmap({ setBits: 10, newBits: undefined }),
        bitmap({ granularityBytes: 4096, recording: false, newBits: 7 }),
      ],
      5,
    );
    expect(rates).toHaveLength(1);
    expect(rates[0]!.touchesPerS).toBeCloseTo(100, 0);
  });

  test('a bitmap that filled up gives a rate, not infinity', () => {
    const [rate] = touchRates([bitmap({ setBits: 1_000_000, newBits: 1000 })], 1);
    expect(rate!.touchesPerS).toBeGreaterThan(1000);
    expect(Number.isFinite(rate!.touchesPerS)).toBe(true);
  });
});

describe('fresh writes', () => {
  test('any mixture of stretches is found again from the rates that it makes', () => {
    const rate = fc.double({ min: 0.001, max: 10_000, noNaN: true });
    const sizes = fc.uniqueArray(fc.integer({ min: 9, max: 24 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.array(rate, { minLength: 4, maxLength: 4 }), (exponents, rates) => {
        const bytes = exponents.sort((a, b) => a - b).map((exponent) => 2 ** exponent);
        const made = bytes.map((each, i): FreshWrites => ({ bytes: each, perS: rates[i]! }));
        const found = freshWrites(touched(made, bytes));
        for (const { bytes: each, perS } of made)
          expect(found.find((one) => one.bytes === each)?.perS ?? 0).toBeCloseTo(perS, 3);
      }),
    );
  });

  test('whatever the counts are, no granularity is touched more rarely than was seen', () => {
    const rate = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(rate, rate, rate, (a, b, c) => {
        const sizes = [4096, 65_536, 2 ** 20];
        const seen = [a, b, c].map((touchesPerS, i) => ({ granularityBytes: sizes[i]!, touchesPerS }));
        const model = touched(freshWrites(seen), sizes);
        for (const [i, { touchesPerS }] of seen.entries())
          expect(model[i]!.touchesPerS).toBeGreaterThanOrEqual(touchesPerS * (1 - 1e-9) - 1e-9);
      }),
    );
  });
});

describe('the writes of a disk', () => {
  test('as many and as large as were seen, and as many first touches', () => {
    const seen = bitmap({ setBits: 500, newBits: 400 });
    const { parts, fresh, othersWrite } = diskGuest(disk([seen], 10_000, 10_000 * 6000), 20);
    expect(parts.reduce((sum, { perS }) => sum + perS, 0)).toBeCloseTo(500, 6);
    expect(parts.reduce((sum, { perS, bytes }) => sum + perS * bytes, 0)).toBeCloseTo(500 * 6000, 0);
    expect(expectedPerS(fresh, seen)).toBeCloseTo(20, 1);
    expect(othersWrite).toBe(false);
  });

  test('large writes set several bits each', () => {
    const seen = bitmap({ setBits: 1600, newBits: 1600 });
    const { parts, fresh, othersWrite } = diskGuest(disk([seen], 100, 100 * 2 ** 20), 10);
    expect(parts.reduce((sum, { perS }) => sum + perS, 0)).toBeCloseTo(10, 1);
    expect(fresh[0]!.bytes).toBe(2 ** 20);
    expect(expectedPerS(fresh, seen)).toBeCloseTo(160, 0);
    expect(othersWrite).toBe(false);
  });

  test('bits that the device cannot have set are somebody else’s', () => {
    const seen = bitmap({ setBits: 1600, newBits: 1600 });
    expect(diskGuest(disk([seen], 10, 10 * 4096), 10)).toMatchObject({ othersWrite: true });
    expect(diskGuest({ ...disk([seen], 0, 0), requests: undefined }, 10).parts).toHaveLength(1);
  });
});
