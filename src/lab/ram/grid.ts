/**
 * What is measured: guests that dirty more and less of their memory, quickly and slowly, under the limits that matter
 * for when QEMU stops them. Small guests and slow wires, so that a stop is long beside the noise of a busy machine.
 */
import type { RamSituation } from './ram-stop.js';

const MIB = 2 ** 20;

const USUAL: RamSituation = {
  spanBytes: 64 * MIB,
  usedBytes: 64 * MIB,
  workingSetBytes: 16 * MIB,
  pagesPerS: 1000,
  maxBytesPerS: 0,
  limitMs: 300,
  wireBytesPerS: 50e6,
  bitmapBits: 0,
};

type Changes = Partial<RamSituation>;

/** Every choice of the one with every choice of the other. */
const times = (some: readonly Changes[], others: readonly Changes[]): Changes[] =>
  some.flatMap((one) => others.map((other) => ({ ...one, ...other })));
const limits = (...ms: number[]): Changes[] => ms.map((limitMs) => ({ limitMs }));
const rates = (...pages: number[]): Changes[] => pages.map((pagesPerS) => ({ pagesPerS }));

const wire = (bytesPerS: number): Changes => ({ wireBytesPerS: bytesPerS });
const SLOW_MAX: Changes = { maxBytesPerS: 32 * MIB };
const MOSTLY_ZERO: Changes = { spanBytes: 1024 * MIB, usedBytes: 32 * MIB };

/**
 * Limits, rates, wires, working sets, zero pages, a bitmap in the stream, and guests that never stop. Always over a wire:
 * over a socket both processors would be measured, at that hour.
 */
export const RAM_GRID: readonly RamSituation[] = [
  ...times(limits(100, 300, 1000), rates(1000, 4000, 8000)),
  ...times([wire(100e6)], times(limits(100, 300), rates(2000, 8000))),
  ...times([wire(25e6)], times(limits(300, 1000), rates(1000, 3000))),
  ...times([SLOW_MAX], times(limits(300, 1000), rates(1000, 4000))),
  ...times([{ maxBytesPerS: 16 * MIB }], limits(300, 1000)),
  ...[4, 8, 32].map((mib) => ({ workingSetBytes: mib * MIB, pagesPerS: 4000 })),
  { workingSetBytes: 64 * MIB, pagesPerS: 8000 },
  { limitMs: 0 },
  ...times([MOSTLY_ZERO], limits(300, 1000, 2_000_000)),
  ...times([{ bitmapBits: 2 ** 22 }], [...rates(1000, 4000), { limitMs: 100 }]),
  { workingSetBytes: 64 * MIB, pagesPerS: 16_000 },
  { ...SLOW_MAX, workingSetBytes: 64 * MIB, pagesPerS: 16_000 },
].map((change) => ({ ...USUAL, ...change }));

const POSTCOPY: Changes = { way: 'postcopy-ram', workingSetBytes: 64 * MIB, limitMs: 100 };
const HELD_BACK: Changes = { way: 'auto-converge', workingSetBytes: 64 * MIB };

/** The other ways of RAM, with guests that plain pre-copy hardly stops, or never. */
export const WAYS_GRID: readonly RamSituation[] = [
  ...times([POSTCOPY], [...rates(8000, 16_000), { pagesPerS: 4000, ...wire(25e6) }]),
  { ...POSTCOPY, pagesPerS: 16_000, bitmapBits: 2 ** 22 },
  ...times([HELD_BACK], [...rates(12_000, 16_000), { pagesPerS: 16_000, workingSetBytes: 32 * MIB }]),
  ...times([{ way: 'multifd' }], [...rates(1000, 4000)]),
].map((change) => ({ ...USUAL, ...change }));

const IDLE: RamSituation = { ...USUAL, wireBytesPerS: 0, pagesPerS: 0, limitMs: 0 };

/** An idle guest that is sent whole before it stops, as fast as both processors can. */
export const PAGES: RamSituation = { ...IDLE, spanBytes: 512 * MIB, usedBytes: 512 * MIB };

/** One that has hardly anything to send: a stop without RAM. */
export const BARE_STOP: RamSituation = { ...IDLE, usedBytes: 2 * MIB };
