/** What is played: slow sources and slow copies, little and much left to copy, and bitmaps that take long to send. */
import type { MirrorSituation } from './mirror-stop.js';
import { CHUNK_BYTES } from './sides.js';
import type { WritesSituation } from './until-ready.js';

const USUAL: MirrorSituation = {
  copyMode: 'background',
  sourceDelayMs: 1,
  targetDelayMs: 1,
  dirtyChunks: 1000,
  bitmaps: 1,
  granularityBytes: 4096,
};

const BLOCKING: Partial<MirrorSituation> = { copyMode: 'write-blocking', dirtyChunks: 0 };
const delays = (sourceDelayMs: number, targetDelayMs: number): Partial<MirrorSituation> => ({
  sourceDelayMs,
  targetDelayMs,
});

/** All are longer than the noise of the machine. */
export const MIRROR_GRID: readonly MirrorSituation[] = [
  {},
  { dirtyChunks: 3000 },
  { dirtyChunks: 2000, ...delays(2, 2) },
  { ...delays(1, 5) },
  { ...delays(5, 1) },
  { dirtyChunks: 400, ...delays(5, 5) },
  { dirtyChunks: 100, ...delays(10, 20) },
  { dirtyChunks: 16, ...delays(20, 20) },
  { dirtyChunks: 400, ...delays(2, 10), bitmaps: 2, granularityBytes: 512 },
  { bitmaps: 4, granularityBytes: 512 },
  { ...BLOCKING, bitmaps: 4, granularityBytes: 512 },
  { ...BLOCKING, bitmaps: 2, granularityBytes: 512, ...delays(5, 5) },
  { dirtyChunks: 0, bitmaps: 3, granularityBytes: 512, ...delays(2, 2) },
  { ...BLOCKING, bitmaps: 8, granularityBytes: 512 },
].map((change) => ({ ...USUAL, ...change }));

/**
 * What the figures of the host are taken from, before each round; never judged. A stop with nothing in it, the processor's part
 * of a request, what a request takes beside its read and write, and bitmaps in the stream.
 */
export const MIRROR_HOST_GRID: readonly MirrorSituation[] = [
  { ...BLOCKING, ...delays(0, 0) },
  { dirtyChunks: 2000, ...delays(0, 0) },
  { dirtyChunks: 600 },
  { dirtyChunks: 600, ...delays(3, 3) },
  { dirtyChunks: 256, ...delays(10, 10) },
  { ...BLOCKING, bitmaps: 3, granularityBytes: 512, ...delays(0, 0) },
  { ...BLOCKING, bitmaps: 6, granularityBytes: 512, ...delays(0, 0) },
].map((change) => ({ ...USUAL, ...change }));

/** 512 chunks a second, and volumes that are quick beside that. */
const BY_SPEED: Omit<WritesSituation, 'writesPerS'> = {
  by: 'speed',
  speedBytesPerS: 512 * CHUNK_BYTES,
  ...{ sourceDelayMs: 1, targetDelayMs: 1 },
};
/** Sixteen in flight, each of which takes some 45 ms: about 350 a second. */
const BY_DELAY: Omit<WritesSituation, 'writesPerS'> = {
  by: 'delay',
  speedBytesPerS: 0,
  ...{ sourceDelayMs: 2, targetDelayMs: 40 },
};

/** A guest at rest, and up to more than the mirror can copy. */
export const WRITES_GRID: readonly WritesSituation[] = [
  ...[0, 0.25, 0.5, 0.75, 0.9, 1.25].map((share) => ({ ...BY_SPEED, writesPerS: 512 * share })),
  ...[0, 35, 70, 105, 120, 280].map((writesPerS) => ({ ...BY_DELAY, writesPerS })),
];
