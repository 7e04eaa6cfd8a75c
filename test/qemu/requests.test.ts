/** Every request of real stops, in order, against the simulated image: exact, whatever the machine is doing. */
import { describe, expect, test } from 'vitest';
import { predictStops } from '../../src/lab/measure/predict.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { minusCounts } from '../../src/lab/qemu/requests.js';
import { measureStore, type Situation } from '../../src/lab/qemu/store.js';
import { countOps } from '../../src/sim/qcow2/op-counts.js';
import { formatSequence } from '../../src/sim/qcow2/oplog.js';
import { installedQemu, missing } from './available.js';
import { situation } from './situations.js';

const GIB = 1024 ** 3;

const CASES: readonly (readonly [string, Situation])[] = [
  ['one full bitmap, discards on, two rounds', situation({ repeats: 2 })],
  ['discards off', situation({ discard: false })],
  ['an empty bitmap', situation({ bits: 0 })],
  ['three bitmaps, scattered bits', situation({ bitmaps: 3, bits: 9, seed: 7 })],
  ['a prefix at 4 KiB granularity', situation({ granularityBytes: 4096, layout: 'prefix', bits: 3_000_000 })],
  ['clusters of 4 KiB', situation({ clusterBytes: 4096, diskBytes: 64 * GIB, bits: 1_048_576, bitmaps: 2 })],
  ['clusters of 1 MiB', situation({ clusterBytes: 2 ** 20, diskBytes: 4096 * GIB, bits: 67_108_864 })],
  ['two disks', situation({ disks: 2, bits: 100, layout: 'clustered' })],
];

describe.skipIf(missing.length > 0)('requests of real stops', () => {
  test.each(CASES)('%s', async (_, wanted) => {
    const rows = await withCleanup((cleanup) => measureStore(cleanup, wanted));
    const predicted = predictStops(wanted, installedQemu);
    expect(rows.map(({ repeat, phase }) => [repeat, phase])).toEqual(
      predicted.map(({ repeat, phase }) => [repeat, phase]),
    );
    const counts = predicted.map((stop) => countOps(stop.work.ops, wanted.disks));
    const baseline = (repeat: number) => counts[predicted.findIndex((stop) => stop.repeat === repeat)]!;
    expect(rows.map((row) => row.requests)).toEqual(
      predicted.map((stop, i) => minusCounts(counts[i]!, baseline(stop.repeat))),
    );
    // Requests of two disks alternate only at the stop's flushes; the order is told for one disk.
    if (wanted.disks === 1)
      expect(rows.map((row) => row.sequence)).toEqual(predicted.map((stop) => formatSequence(stop.work.ops)));
  });
});
