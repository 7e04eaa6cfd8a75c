import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { bitmapGeometry, directoryEntryBytes, smallestGranularity } from '../../../src/sim/qcow2/geometry.js';
import { type ImageOptions, Qcow2Image, type StoredBitmap } from '../../../src/sim/qcow2/image.js';
import { formatSequence } from '../../../src/sim/qcow2/oplog.js';
import { pendingBits, streamed } from '../../../src/sim/qcow2/stream.js';
import type { StoreOp } from '../../../src/sim/types.js';

const KIB = 1024;
const TIB = 2 ** 40;
const image = (options: Partial<ImageOptions> = {}): Qcow2Image =>
  new Qcow2Image({ sizeBytes: 16 * TIB, clusterBytes: 64 * KIB, discard: true, ...options });
const bitmap = (dirtyClusters: number, more: Partial<StoredBitmap> = {}): StoredBitmap => ({
  name: 'b0',
  granularityBytes: 64 * KIB,
  dirtyClusters,
  ...more,
});
const count = (ops: readonly StoreOp[], ...classes: StoreOp['op'][]): number =>
  ops.filter(({ op }) => classes.includes(op)).reduce((sum, op) => sum + op.count, 0);
const writes = (ops: readonly StoreOp[]): number => count(ops, 'write', 'smallWrite');

describe('the example of 16 TiB, by hand', () => {
  it('replaces 512 clusters with 517 writes, 512 punches, 2 small reads', () => {
    const disk = image({ idleFlushes: 'skipped' });
    disk.store([bitmap(512)]);
    disk.activate();
    const ops = disk.store([bitmap(512)]);
    // 512 data + table + directory + refcount block twice + header
    expect(writes(ops)).toBe(512 + 1 + 1 + 2 + 1);
    expect(ops.filter(({ op }) => /rite/.test(op)).reduce((sum, op) => sum + op.count * op.bytes, 0)).toBe(
      (512 + 2 + 1) * 65_536 + 4_096 + 32,
    );
    expect(count(ops, 'punch')).toBe(512);
    expect(ops.filter(({ op, bytes }) => op === 'read' && bytes < 65_536).map(({ bytes }) => bytes)).toEqual([
      32, 4096,
    ]);
    expect(count(ops, 'flush')).toBe(4);
  });
});

describe('flushes', () => {
  it('2 at the first store, 4 at a replacement, 3 with discards ignored, on a local file', () => {
    const flushes = (discard: boolean): number[] => {
      const disk = image({ sizeBytes: TIB, idleFlushes: 'skipped', discard });
      const first = [...disk.stop(), ...disk.store([bitmap(5)])];
      disk.activate({ sourceTakesBack: true });
      const second = [...disk.stop(), ...disk.store([bitmap(5)])];
      return [count(first, 'flush'), count(second, 'flush')];
    };
    expect(flushes(true)).toEqual([2, 4]);
    expect(flushes(false)).toEqual([2, 3]);
  });

  it('a stop without bitmaps has 4 over NBD and none on an idle local file', () => {
    expect(formatSequence([...image().stop(), ...image().store([])])).toBe('Fx4');
    const file = image({ idleFlushes: 'skipped' });
    expect([...file.stop(), ...file.store([])]).toEqual([]);
    file.guestWrote();
    expect(formatSequence([...file.stop(), ...file.store([])])).toBe('F');
  });
});

describe('what-ifs', () => {
  const replaced = (options: object, second: StoredBitmap): { ops: readonly StoreOp[]; disk: Qcow2Image } => {
    const disk = image();
    disk.store([bitmap(512, { fullClusters: 500 })], options);
    disk.activate();
    return { ops: disk.store([second], options), disk };
  };

  it('skipUnchanged writes only directory, header and refcounts', () => {
    const { ops } = replaced({ skipUnchanged: true }, bitmap(512, { unchanged: true }));
    expect(formatSequence(ops)).toBe('R32 R65536 W32 W65536 F W65536 Fx3 W65536 F');
  });

  it('deferPunch keeps the punches out of the stop, and loses none', () => {
    const { ops, disk } = replaced({ deferPunch: true }, bitmap(512));
    expect(count(ops, 'punch')).toBe(0);
    expect(count(disk.takeDeferred(), 'punch')).toBe(512);
    expect(disk.takeDeferred()).toEqual([]);
  });

  it('encodeAllOnes writes only clusters that are neither empty nor full', () => {
    const { ops } = replaced({ encodeAllOnes: true }, bitmap(512, { fullClusters: 500 }));
    expect(writes(ops)).toBe(12 + 5);
    expect(count(ops, 'punch')).toBe(12);
  });

  it('earlyAllocation moves the walk over the refcounts out of the stop', () => {
    const full = { sizeBytes: TIB, allocatedBytes: TIB };
    const scanned = (ops: readonly StoreOp[]): number =>
      ops.reduce((sum, op) => sum + (op.scannedClusters ?? 0), 0);
    const plain = image(full).store([bitmap(1)]);
    expect(count(plain, 'read')).toBe(513);
    expect(scanned(plain)).toBeGreaterThan(2 ** 24);
    const early = image(full);
    expect(count(early.allocateEarly(), 'read')).toBe(513);
    const ops = early.store([bitmap(1)]);
    expect(count(ops, 'read')).toBe(0);
    expect(scanned(ops)).toBeLessThan(10);
  });
});

describe('size', () => {
  it('lays out and scans fully allocated images without a loop over clusters', () => {
    const start = process.cpuUsage();
    const shapes = [
      [16 * TIB, 64 * KIB],
      [4 * TIB, 4 * KIB],
      [256 * TIB, 2048 * KIB],
    ] as const;
    for (const [sizeBytes, clusterBytes] of shapes) {
      const disk = image({ sizeBytes, clusterBytes, allocatedBytes: sizeBytes });
      const data = sizeBytes / clusterBytes;
      expect(disk.allocatedClusters).toBeGreaterThan(data);
      expect(disk.allocatedClusters).toBeLessThan(data * 1.01 + 4);
      disk.store([bitmap(1, { granularityBytes: 1024 * KIB })]);
    }
    const { user } = process.cpuUsage(start);
    expect(user / 1000).toBeLessThan(200);
  });

  it('stores 16 bitmaps of 8192 clusters each', () => {
    const names = Array.from({ length: 16 }, (_, i) =>
      bitmap(8192, { name: `b${i}`, granularityBytes: 4 * KIB }),
    );
    expect(count(image().store(names), 'write')).toBeGreaterThan(16 * 8192);
  });
});

describe('geometry', () => {
  it.each([
    [TIB / 32, 64 * KIB, 64 * KIB, 65_536, 1],
    [TIB, 64 * KIB, 64 * KIB, 2 ** 21, 32],
    [16 * TIB, 4 * KIB, 64 * KIB, 2 ** 29, 8192],
    [64 * TIB, 64 * KIB, 64 * KIB, 2 ** 27, 2048],
  ])('%d bytes at %d: %d of clusters', (size, granularity, cluster, bytes, tableEntries) => {
    expect(bitmapGeometry(size, granularity, cluster)).toMatchObject({ bytes, tableEntries });
  });

  it('rounds bits up to whole words', () => {
    expect(bitmapGeometry(65 * 64 * KIB, 64 * KIB, 64 * KIB)).toMatchObject({
      bits: 65,
      bytes: 16,
      tableEntries: 1,
    });
  });

  it('refuses what QEMU refuses, and says what would do', () => {
    expect(() => bitmapGeometry(32 * TIB, 4 * KIB, 64 * KIB)).toThrow(/512 MiB, so take at least 8 KiB/);
    expect(smallestGranularity(32 * TIB)).toBe(8 * KIB);
    expect(() => bitmapGeometry(TIB, 256, 64 * KIB)).toThrow(InputError);
    expect(() => bitmapGeometry(TIB, 65_536, 3 * KIB)).toThrow(InputError);
    expect(() => directoryEntryBytes('x'.repeat(1024))).toThrow(InputError);
    expect(() => image().store([bitmap(513)])).toThrow(/513 dirty clusters/);
  });

  it('a directory entry is padded to 8 bytes', () => {
    expect([1, 8, 9].map((length) => directoryEntryBytes('n'.repeat(length)))).toEqual([32, 32, 40]);
  });
});

describe('the bitmap stream', () => {
  it('16 TiB: 416 KiB of zeros, 32.7 MiB where every piece has a bit', () => {
    const bits = (16 * TIB) / (64 * KIB);
    expect(streamed(bits, 0).bytes).toBe(13 * 32_768);
    expect(streamed(bits, 32_768).bytes).toBe(1045 * 32_768);
    expect(pendingBits(bits / 16)).toBe(16_777_216);
  });
});

describe('names', () => {
  it('keeps bitmaps that are not in memory, and removes on request', () => {
    const disk = image();
    disk.store([bitmap(3), bitmap(4, { name: 'other' })]);
    expect(disk.storedNames).toEqual(['other', 'b0']);
    disk.activate();
    disk.store([bitmap(5)]);
    expect(disk.storedNames).toEqual(['other', 'b0']);
    expect(count(disk.remove('other'), 'punch')).toBe(4);
    expect(disk.storedNames).toEqual(['b0']);
  });
});
