/** Where no bit is left to chance: what they are at the start is known, and no write of the guest can change it. */
import type { BitmapSpec, GuestSpec, Scenario } from '../scenario.js';

const writesAtAll = (guest: GuestSpec): boolean =>
  guest.kind === 'trace' ? guest.timesNs.length > 0 : guest.writesPerS > 0;

function isFixed({ content, recording }: BitmapSpec, guestWrites: boolean): boolean {
  if (content.kind !== 'fraction') return false;
  const full = content.fraction === 1;
  // Clustered content lies in runs at random places.
  const known = full || content.fraction === 0 || content.layout === 'prefix';
  return known && (!guestWrites || !recording || full);
}

/** Whether bitmaps of images under the disks are fixed: nobody writes them. */
export function bitsBelowAreFixed({ disks }: Scenario): boolean {
  return disks.every(({ backing = [] }) =>
    backing.every((image) => image.bitmaps.every((bitmap) => isFixed(bitmap, false))),
  );
}

/** Whether all bitmaps are. */
export function bitsAreFixed(scenario: Scenario): boolean {
  const { disks, guest } = scenario;
  const guestWrites = writesAtAll(guest);
  return (
    disks.every((disk) => disk.bitmaps.every((bitmap) => isFixed(bitmap, guestWrites))) &&
    bitsBelowAreFixed(scenario)
  );
}
