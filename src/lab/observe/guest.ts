/** The writes of one disk, as parts of a workload: fresh ones that set bits, and the rest, which come back to one place. */
import { type FreshWrites, freshWrites, touchRates } from './first-touch.js';
import type { ObservedDisk } from './observation.js';

/** One kind of write: anywhere on the disk, or, with a footprint, to one place at its beginning. */
export interface WritePart {
  readonly perS: number;
  readonly bytes: number;
  readonly footprintBytes: number | undefined;
}

export interface DiskGuest {
  readonly parts: readonly WritePart[];
  readonly fresh: readonly FreshWrites[];
  /** Bits were set faster than the guest's own requests can have done: something else writes to the disk too. */
  readonly othersWrite: boolean;
}

const SECTOR_BYTES = 512;
const LARGEST_BYTES = 2 ** 26;
/** Writes that set bits and those that do not are not taken to differ in size by more than this. */
const UNLIKE = 4;
/** The last bits of a full bitmap tell the rate within some ten per cent. */
const OTHERS = 1.2;

/** The power of two that is not above, within what a write may be. */
const powerBelow = (bytes: number): number =>
  Math.min(LARGEST_BYTES, Math.max(SECTOR_BYTES, 2 ** Math.floor(Math.log2(bytes))));

/** Writes of two neighbouring powers of two, which stay inside aligned granules, with the mean that was seen. */
function again(perS: number, meanBytes: number, granularityBytes: number): readonly WritePart[] {
  const small = powerBelow(meanBytes);
  const large = Math.min(LARGEST_BYTES, 2 * small);
  const share = large > small ? Math.min(1, Math.max(0, (meanBytes - small) / small)) : 0;
  const footprintBytes = Math.max(granularityBytes, large);
  return [
    { perS: perS * (1 - share), bytes: small },
    { perS: perS * share, bytes: large },
  ]
    .filter((part) => part.perS > 0)
    .map((part) => ({ ...part, footprintBytes }));
}

const perSOf = (fresh: readonly FreshWrites[]): number => fresh.reduce((sum, { perS }) => sum + perS, 0);

/**
 * The same touches by writes of likelier sizes. The finest stretches lie in one granule each, so they may be as small as the
 * guest's writes; the coarsest are joined, two by two, while there are more of them than the guest writes at all.
 */
function likely(
  fresh: readonly FreshWrites[],
  finestBytes: number,
  writesPerS: number,
  meanBytes: number,
): readonly FreshWrites[] {
  if (meanBytes === 0) return fresh;
  const last = fresh.length - 1;
  const others = perSOf(fresh.slice(0, last));
  return fresh.map(({ bytes, perS }, i) => {
    let joined = 1;
    if (i === last)
      while (others + perS / joined > writesPerS && 2 * joined * bytes <= meanBytes) joined *= 2;
    if (joined === 1 && bytes === finestBytes) return { bytes: Math.min(bytes, powerBelow(meanBytes)), perS };
    return { bytes: bytes * joined, perS: perS / joined };
  });
}

/** What is written to the disk. */
export function diskGuest({ bitmaps, requests }: ObservedDisk, seconds: number): DiskGuest {
  const rates = touchRates(bitmaps, seconds);
  const writes = requests?.write;
  const writesPerS = (writes?.count ?? 0) / seconds;
  const meanBytes = writes && writes.count > 0 ? writes.bytes / writes.count : 0;
  const fresh = likely(freshWrites(rates), rates[0]?.granularityBytes ?? 0, writesPerS, meanBytes);
  const parts = fresh.map(({ bytes, perS }): WritePart => ({ perS, bytes, footprintBytes: undefined }));
  const againPerS = writesPerS - perSOf(fresh);
  if (againPerS <= 0) return { parts, fresh, othersWrite: perSOf(fresh) > OTHERS * writesPerS };
  const freshBytesPerS = fresh.reduce((sum, { perS, bytes }) => sum + perS * bytes, 0);
  // The mean of all is that which was seen, as far as likely sizes of the rest allow.
  const restBytes = (writesPerS * meanBytes - freshBytesPerS) / againPerS;
  const likelyBytes = Math.min(UNLIKE * meanBytes, Math.max(meanBytes / UNLIKE, restBytes));
  const largest = rates.at(-1)?.granularityBytes ?? SECTOR_BYTES;
  return {
    parts: [...parts, ...again(againPerS, likelyBytes, largest)],
    fresh,
    othersWrite: false,
  };
}
