/** How a guest's writes are shared among the disks of its VM. */
import type { DiskSpec, GuestSpec, SyntheticGuestSpec } from '../scenario.js';
import { sharersOf } from '../storage/places.js';

const weightOf = (parts: SyntheticGuestSpec['parts']): number =>
  parts.reduce((sum, { weight }) => sum + weight, 0);

/** Kinds of write that go to any disk, and those that go to this one alone. */
function partsOf(
  guest: SyntheticGuestSpec,
  index: number,
): Record<'shared' | 'own', SyntheticGuestSpec['parts']> {
  return {
    shared: guest.parts.filter(({ disk }) => disk === undefined),
    own: guest.parts.filter(({ disk }) => disk === index),
  };
}

/** The part of all writes that one of the disks gets. */
export function shareOfWrites(guest: SyntheticGuestSpec, disks: readonly DiskSpec[], index: number): number {
  const { shared, own } = partsOf(guest, index);
  return (weightOf(shared) / sharersOf(disks, disks[index]!) + weightOf(own)) / weightOf(guest.parts);
}

/** A guest that writes to `disks` disks alike, and to one of them as this guest does to the disk of this number. */
export function guestOfDisk(
  guest: GuestSpec,
  disks: readonly DiskSpec[],
  index: number,
): { readonly guest: GuestSpec; readonly disks: number } {
  const sharers = sharersOf(disks, disks[index]!);
  if (guest.kind === 'trace' || guest.parts.every(({ disk }) => disk === undefined))
    return { guest, disks: sharers };
  const { shared, own } = partsOf(guest, index);
  const parts = [...shared.map((part) => ({ ...part, weight: part.weight / sharers })), ...own];
  const writesPerS = guest.writesPerS * shareOfWrites(guest, disks, index) * disks.length;
  return {
    guest: { ...guest, writesPerS, ...(weightOf(parts) > 0 && { parts }) },
    disks: disks.length,
  };
}
