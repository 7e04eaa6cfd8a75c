/**
 * A guest that sets bits as fast as the observed one did. What is known of the guest is how many bits of each granularity
 * were set when, not where its writes went. So its writes are taken to be of two sorts:
 *
 *   fresh   to places anywhere on the disk, each an aligned stretch of one granule of one of the granularities
 *   again   to one place that is written over and over, and so sets nothing
 *
 * The rates of the fresh ones are those under which the model, begun with the bits of the first sample, is expected to
 * have as many bits set at the second as the VM had.
 */
import type { ObservedDisk } from './observation.js';

/** How often granules of this size are touched, anywhere on the disk and whether set before or not. */
export interface TouchRate {
  readonly granularityBytes: number;
  readonly touchesPerS: number;
}

/** Writes of this size to aligned places anywhere on the disk. */
export interface FreshWrites {
  readonly bytes: number;
  readonly perS: number;
}

/** Instead of none, where the last bits were set: how fast the last of all came to be set is not known. */
const LAST_BITS = 0.5;

/**
 * Of N granules B are set, and each touch hits one of all with the same chance: after t seconds at rate f the expected number
 * of unset ones is (N - B) e^(-f t / N). That it is N - B' gives f.
 */
function touchesPerS(bits: number, setBits: number, newBits: number, seconds: number): number {
  if (newBits === 0) return 0;
  const left = Math.max(LAST_BITS, bits - setBits);
  return (bits / seconds) * Math.log((bits - setBits + newBits) / left);
}

/**
 * One rate for each granularity at which a bitmap recorded all the time, ascending. Where several did, the emptiest one tells
 * it: a fuller one knows less of what was written.
 */
export function touchRates(bitmaps: ObservedDisk['bitmaps'], seconds: number): readonly TouchRate[] {
  const emptiest = new Map<number, ObservedDisk['bitmaps'][number]>();
  for (const bitmap of bitmaps) {
    if (!bitmap.recording || bitmap.newBits === undefined) continue;
    const known = emptiest.get(bitmap.granularityBytes);
    if (known === undefined || bitmap.setBits < known.setBits) emptiest.set(bitmap.granularityBytes, bitmap);
  }
  return [...emptiest.values()]
    .sort((a, b) => a.granularityBytes - b.granularityBytes)
    .map(({ granularityBytes, bits, setBits, newBits }) => ({
      granularityBytes,
      touchesPerS: touchesPerS(bits, setBits, newBits ?? 0, seconds),
    }));
}

/**
 * Fresh writes that touch granules at these rates (ascending granularities g). A stretch of g[k] bytes touches one granule of
 * each granularity that is not finer, and g[k] / g[j] of a finer one, so with rates p[k] of the stretches
 *
 *   rate[j] = sum over k <= j of p[k]  +  sum over k > j of p[k] g[k] / g[j]
 *
 * which the coarsest granularity downwards solves. Counts that no such guest can have (a coarse bitmap that is full already
 * while the fine one fills up) are met where they are higher and exceeded where they are lower.
 */
export function freshWrites(rates: readonly TouchRate[]): readonly FreshWrites[] {
  const sizes = rates.map((rate) => rate.granularityBytes);
  const perS = rates.map(() => 0);
  let upTo = rates.at(-1)?.touchesPerS ?? 0;
  for (let k = rates.length - 1; k > 0; k--) {
    const finer = sizes[k - 1]!;
    const coarser = perS.reduce((sum, rate, i) => (i > k ? sum + (rate * sizes[i]!) / finer : sum), 0);
    const wanted = rates[k - 1]!.touchesPerS - coarser;
    const ratio = sizes[k]! / finer;
    const possible = Math.max(0, (wanted - upTo) / (ratio - 1));
    perS[k] = possible > upTo ? wanted / ratio : possible;
    upTo = Math.max(0, upTo - perS[k]!);
  }
  if (rates.length > 0) perS[0] = upTo;
  return sizes.map((bytes, k) => ({ bytes, perS: perS[k]! })).filter((fresh) => fresh.perS > 0);
}

/** Bits that fresh writes are expected to set in the first second, where so many of them are set already. */
export function expectedPerS(
  fresh: readonly FreshWrites[],
  { granularityBytes, bits, setBits }: { granularityBytes: number; bits: number; setBits: number },
): number {
  const touches = fresh.reduce(
    (sum, { bytes, perS }) => sum + perS * Math.max(1, bytes / granularityBytes),
    0,
  );
  return -(bits - setBits) * Math.expm1(-touches / bits);
}
