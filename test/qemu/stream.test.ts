/** Bitmaps through the migration stream: their bytes on the wire are those the model counts. */
import { describe, expect, test } from 'vitest';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { clustersTouched } from '../../src/lab/qemu/content.js';
import { measureHandover } from '../../src/lab/qemu/handover.js';
import { situationRuns } from '../../src/lab/qemu/store.js';
import { bitmapBits } from '../../src/sim/qcow2/geometry.js';
import { PIECE_BITS, streamed } from '../../src/sim/qcow2/stream.js';
import { missing } from './available.js';
import { situation } from './situations.js';

/** Names of node and bitmap, and the records that begin and end a bitmap. */
const FRAMING_BYTES_MAX = 200;

describe.skipIf(missing.length > 0)('bitmaps in the stream', () => {
  test.each([
    ['all set', 4_194_304],
    ['a few', 40],
  ] as const)('%s', async (_, bits) => {
    const wanted = situation({ bits });
    const rows = await withCleanup((cleanup) => measureHandover(cleanup, wanted, ['stream']));
    const { bytes } = streamed(
      bitmapBits(wanted.diskBytes, wanted.granularityBytes),
      clustersTouched(situationRuns(wanted), PIECE_BITS),
    );
    const measured = rows.find((row) => row.mode === 'stream')!.streamBytes!;
    expect(measured).toBeGreaterThanOrEqual(bytes);
    expect(measured - bytes).toBeLessThan(FRAMING_BYTES_MAX);
  });
});
