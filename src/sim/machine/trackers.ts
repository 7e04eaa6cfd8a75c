/** The dirty bitmaps of a scenario's images under its guest: what does not change from one replication to the next is kept. */
import { remembered } from '../../base/remembered.js';
import type { Draws } from '../../kernel/rng.js';
import { guestOfDisk } from '../guest/disk-guest.js';
import { createTracker } from '../guest/engine.js';
import type { DiskSpec, GuestSpec, Scenario } from '../scenario.js';
import { dataStorage } from '../storage/places.js';
import type { DirtyTracker } from '../types.js';
import { heldBack } from './guest-demand.js';

/** What writes to one disk, and with how many others it shares the guest. */
type DiskGuest = ReturnType<typeof guestOfDisk>;

const known = new WeakMap<Scenario, readonly DiskGuest[]>();

function guestsOf(scenario: Scenario): readonly DiskGuest[] {
  const { disks } = scenario;
  const held = new Map<string, GuestSpec>();
  return disks.map((disk, index) => {
    const data = dataStorage(scenario, disk);
    return guestOfDisk(
      remembered(held, data.name, () => heldBack(scenario, data)),
      disks,
      index,
    );
  });
}

/** What writes to the disk of this number. */
export function guestOn(scenario: Scenario, index: number): DiskGuest {
  return remembered(known, scenario, () => guestsOf(scenario))[index]!;
}

/**
 * The bitmaps of an image (`spec`) that is, or lies under, the disk of this number. `chunkBytes`: what one meta-bitmap bit
 * stands for; undefined: one cluster.
 */
export function trackerOn(
  scenario: Scenario,
  index: number,
  spec: DiskSpec,
  chunkBytes: number | undefined,
  draws: Draws,
): DirtyTracker {
  const bytes = chunkBytes ?? spec.clusterBytes;
  const recorded = { disk: spec, index, ...guestOn(scenario, index), chunkBytes: bytes, draws };
  return createTracker(recorded, scenario.engine);
}
