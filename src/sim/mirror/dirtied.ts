/**
 * How many chunks of a disk the guest dirties in a time, in the mean: a chunk that is written twice is one. Zones and
 * uniform writes in closed form, Zipf by ranks of nearly equal rate, sequential streams by their pace, a trace by counting.
 */
import { zipfNormaliser, zipfTail } from '../../kernel/distributions.js';
import type { TimeNs } from '../../kernel/kernel.js';
import { regionOf } from '../guest/layout.js';
import { zonesInSlots } from '../guest/patterns.js';
import { writesOfDisk } from '../guest/trace-source.js';
import type { GuestSpec, SyntheticGuestSpec, TraceGuestSpec, WritePartSpec } from '../scenario.js';

/** One disk under its guest. */
export interface WrittenDisk {
  readonly guest: GuestSpec;
  /** The guest's writes are shared by so many such disks. */
  readonly disks: number;
  readonly index: number;
  readonly sizeBytes: number;
}

/** Chunks by the time they are looked at after. */
export type Dirtied = (ns: TimeNs) => number;

/** Ranks within this ratio of one another count as alike. */
const RANKS_RATIO = 1.1;

/** So many places, each hit at this rate. */
interface Alike {
  readonly places: number;
  readonly perNs: number;
}

/** Chunks of this size that the guest dirties on one disk, from a moment at which none is dirty. */
export function dirtiedOn(disk: WrittenDisk, chunkBytes: number): Dirtied {
  const { guest } = disk;
  return guest.kind === 'trace'
    ? dirtiedByTrace(guest, disk, chunkBytes)
    : dirtiedByParts(guest, disk, chunkBytes);
}

function dirtiedByParts(
  guest: SyntheticGuestSpec,
  { disks, sizeBytes }: WrittenDisk,
  chunkBytes: number,
): Dirtied {
  const weights = guest.parts.reduce((sum, { weight }) => sum + weight, 0);
  const parts = guest.parts.map((part) =>
    dirtiedByPart(part, ((guest.writesPerS / disks) * part.weight) / weights / 1e9, sizeBytes, chunkBytes),
  );
  const most = Math.ceil(sizeBytes / chunkBytes);
  return (ns) =>
    Math.min(
      most,
      parts.reduce((sum, part) => sum + part(ns), 0),
    );
}

/** `perNs`: writes of the part. */
function dirtiedByPart(part: WritePartSpec, perNs: number, diskBytes: number, chunkBytes: number): Dirtied {
  const region = regionOf(part, diskBytes);
  const { alignBytes, slots } = region;
  const most = Math.max(1, (slots * alignBytes) / chunkBytes);
  const chunks = chunksOfWrite(part, chunkBytes);
  const { pattern } = part;
  if (pattern.kind === 'sequential') {
    const bytes = meanBytes(part);
    return (ns) => Math.min(most, (perNs * ns * bytes) / chunkBytes);
  }
  const classes =
    pattern.kind === 'zipf' && pattern.theta > 0
      ? ranksOf(Math.max(1, Math.floor(most)), pattern.theta)
      : pattern.kind === 'zones'
        ? zonesInSlots(slots, pattern.zones).map(({ slots: places, writes }) => ({
            places: Math.max(1, (places * alignBytes) / chunkBytes),
            share: writes,
          }))
        : [{ places: most, share: 1 }];
  const alike = classes.map(
    ({ places, share }): Alike => ({ places, perNs: (perNs * share * chunks) / places }),
  );
  return (ns) => alike.reduce((sum, { places, perNs: hits }) => sum - places * Math.expm1(-hits * ns), 0);
}

/** Ranks 1…n in classes of nearly the same rate, each with its share of the writes. */
function ranksOf(n: number, theta: number): { readonly places: number; readonly share: number }[] {
  const all = zipfNormaliser(n, theta);
  const classes: { places: number; share: number }[] = [];
  for (let first = 1; first <= n; ) {
    const last = Math.min(n, Math.max(first, Math.floor(first * RANKS_RATIO)));
    classes.push({ places: last - first + 1, share: zipfTail(first, last, theta) / all });
    first = last + 1;
  }
  return classes;
}

const meanBytes = ({ sizes }: WritePartSpec): number =>
  sizes.reduce((sum, { bytes, weight }) => sum + bytes * weight, 0) /
  sizes.reduce((sum, { weight }) => sum + weight, 0);

/** Chunks that one write touches, in the mean: aligned to the smallest write of its part. */
function chunksOfWrite(part: WritePartSpec, chunkBytes: number): number {
  const alignBytes = Math.min(...part.sizes.map(({ bytes }) => bytes));
  const bytes = meanBytes(part);
  return alignBytes >= chunkBytes ? bytes / chunkBytes : 1 + (bytes - alignBytes) / chunkBytes;
}

/** The mean over windows of that length, one after another. */
function dirtiedByTrace(
  guest: TraceGuestSpec,
  { index, sizeBytes }: WrittenDisk,
  chunkBytes: number,
): Dirtied {
  const writes = writesOfDisk(guest, index);
  return (ns) => {
    const windowNs = Math.max(1, ns * guest.rate);
    const windows = Math.max(1, guest.durationNs / windowNs);
    let dirtied = 0;
    let window = -1;
    let seen = new Set<number>();
    for (const at of writes) {
      const own = Math.floor(guest.timesNs[at]! / windowNs);
      if (own !== window) {
        dirtied += seen.size;
        seen = new Set();
        window = own;
      }
      const offset = Math.floor(guest.offsetsBytes[at]! * guest.stretch) % sizeBytes;
      const last = Math.floor((offset + Math.max(1, guest.lengthsBytes[at]!) - 1) / chunkBytes);
      for (let chunk = Math.floor(offset / chunkBytes); chunk <= last; chunk++) seen.add(chunk);
    }
    return (dirtied + seen.size) / windows;
  };
}
