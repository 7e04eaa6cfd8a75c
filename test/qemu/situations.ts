/** The one place that makes situations for the real-QEMU suite. */
import type { Situation } from '../../src/lab/qemu/store.js';

const GIB = 1024 ** 3;

export function situation(change: Partial<Situation> = {}): Situation {
  return {
    diskBytes: 256 * GIB,
    disks: 1,
    clusterBytes: 65_536,
    granularityBytes: 65_536,
    bitmaps: 1,
    bits: 4_194_304,
    layout: 'uniform',
    discard: true,
    preallocated: false,
    repeats: 1,
    seed: 1,
    storage: { kind: 'nbdkit', volume: {} },
    ...change,
  };
}
