/**
 * The stops that tell what a host is like: few, and each long because of one figure, on a volume without latency so that
 * little else is in them. What a stop is long because of stands beside it.
 */
import type { Situation } from '../qemu/store.js';

const GIB = 2 ** 30;
const TIB = 2 ** 40;
const KIB = 2 ** 10;
const MIB = 2 ** 20;

type Told = Pick<Situation, 'diskBytes' | 'granularityBytes' | 'bits'> & Partial<Situation>;

function situation(told: Told): Situation {
  return {
    disks: 1,
    clusterBytes: 64 * KIB,
    bitmaps: 1,
    layout: 'uniform',
    discard: true,
    preallocated: false,
    repeats: 1,
    seed: 1,
    storage: { kind: 'nbdkit', volume: {} },
    ...told,
  };
}

/** Stored by the source. Scattered bits touch as many clusters of the bitmap, which are then written one by one. */
export const STORES: readonly Situation[] = [
  // The walk over the refcounts of two million clusters that have their place. They are large, so that 16 reads bring all the
  // refcounts: what else the machine does makes requests longer, and would be taken for the walk.
  situation({
    diskBytes: 512 * GIB,
    clusterBytes: 256 * KIB,
    granularityBytes: 256 * KIB,
    bits: 1,
    preallocated: true,
  }),
  // 500 writes, and as many punches in a replacement; an L1 table of 1024 entries.
  situation({ diskBytes: 512 * GIB, granularityBytes: KIB, bits: 2000 }),
  // 260 writes, each of which looks through an L1 table of 262,144 entries.
  situation({ diskBytes: 128 * TIB, granularityBytes: MIB, bits: 2000 }),
  // 64 MiB of bitmap in memory, one cluster of it to be written.
  situation({ diskBytes: 512 * GIB, granularityBytes: KIB, bits: 1 }),
];

/** Stored, and loaded by a destination: 64 MiB of bitmap with one bit, so that what it reads is little and its memory is much. */
export const LOADED: Situation = situation({ diskBytes: 512 * GIB, granularityBytes: KIB, bits: 1 });

const STREAMED = { diskBytes: 512 * GIB, granularityBytes: KIB } as const;

/** Sent to a destination, which loads and counts them: 65,536 pieces, all of them full, and all but one empty. */
export const STREAMS: readonly Situation[] = [
  situation({ ...STREAMED, bits: (512 * GIB) / KIB }),
  situation({ ...STREAMED, bits: 1 }),
];
