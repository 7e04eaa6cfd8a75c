/** Random situations of real QEMU against the simulated image: every request of every stop, in order. */
import { describe, expect, test } from 'vitest';
import { namedStream } from '../../src/kernel/rng.js';
import { predictStops } from '../../src/lab/measure/predict.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { LAYOUTS } from '../../src/lab/qemu/content.js';
import { measureStore, type Situation } from '../../src/lab/qemu/store.js';
import { bitmapBits } from '../../src/sim/qcow2/geometry.js';
import { formatSequence } from '../../src/sim/qcow2/oplog.js';
import { installedQemu, missing } from './available.js';
import { situation } from './situations.js';

const SITUATIONS = 60;
const GIB = 1024 ** 3;
/** What can be set bit by bit in a second. */
const SCATTERED_MAX = 20_000;

function randomSituation(seed: number): Situation {
  const rng = namedStream(seed, 0, 'many-slow');
  const pick = <T>(values: readonly T[]): T => values[rng.below(values.length)]!;
  for (;;) {
    const diskBytes = (1 + rng.below(pick([16, 256, 4096]))) * GIB + 512 * rng.below(1000);
    const granularityBytes = pick([4096, 16_384, 65_536, 262_144, 1_048_576]);
    const clusterBytes = pick([4096, 16_384, 65_536, 65_536, 262_144, 2_097_152]);
    const bitmaps = pick([1, 1, 2, 3, 5]);
    const total = bitmapBits(diskBytes, granularityBytes);
    const clusters = (bitmaps * total) / 8 / clusterBytes;
    const layout = pick(LAYOUTS);
    const most = layout === 'uniform' ? Math.min(total, SCATTERED_MAX) : total;
    const bits = pick([0, 1, rng.below(most + 1), layout === 'uniform' ? most : total]);
    // Large enough to matter, small enough for a quick run and for one bitmap's 512 MiB.
    if (clusters > 2000 || total / 8 > 2 ** 26) continue;
    const discard = pick([true, false]);
    const change = { diskBytes, granularityBytes, clusterBytes, bitmaps, layout, bits, discard };
    return situation({ ...change, repeats: 2, seed });
  }
}

describe.skipIf(missing.length > 0)('requests of many real stops', () => {
  test.each(Array.from({ length: SITUATIONS }, (_, seed) => [seed] as const))('seed %i', async (seed) => {
    const wanted = randomSituation(seed);
    const rows = await withCleanup((cleanup) => measureStore(cleanup, wanted));
    expect(
      rows.map((row) => row.sequence),
      JSON.stringify(wanted),
    ).toEqual(predictStops(wanted, installedQemu).map((stop) => formatSequence(stop.work.ops)));
  });
});
