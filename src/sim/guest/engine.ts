/** Chooses the engine for one disk: the fastest exact one, or the one asked for. */
import { InputError } from '../../base/errors.js';
import { namedStream } from '../../kernel/rng.js';
import type { GuestSpec, Scenario } from '../scenario.js';
import type { DirtyTracker } from '../types.js';
import { fillAge } from './age.js';
import { fillContent, oldestNs } from './content.js';
import { createFirstTouch } from './first-touch-setup.js';
import type { GuestDisk } from './guest-disk.js';
import { type Filler, fitsMemory, PerWriteTracker, perWriteGroups } from './per-write.js';
import { fillTraceAge } from './trace-age.js';
import { TraceSource } from './trace-source.js';
import { WordSource } from './word-source.js';
import { guestStream, SyntheticSource } from './write-source.js';

function createPerWrite(recorded: GuestDisk): DirtyTracker {
  const { disk, index, disks, guest, draws } = recorded;
  const { seed, replication } = draws;
  const oldest = oldestNs(disk);
  const fill: Filler = (words, group, spec, source) => {
    if (spec.content.kind !== 'age') {
      fillContent(words, group.bits, spec.content, source);
      return;
    }
    if (guest.kind === 'trace') {
      const { granularityBytes } = group;
      const recordedDisk = { guest, diskIndex: index, diskBytes: disk.sizeBytes, granularityBytes };
      fillTraceAge(words, recordedDisk, spec.content.ageNs);
      return;
    }
    const address = (part: number): WordSource =>
      new WordSource(namedStream(seed, replication, guestStream(index, `address/${part}`)));
    const context = { guest, diskBytes: disk.sizeBytes, disks, oldestNs: oldest, address };
    fillAge(words, group, spec.content.ageNs, context, source);
  };
  const groups = perWriteGroups(recorded, fill);
  const source =
    guest.kind === 'trace'
      ? new TraceSource(guest, disk.sizeBytes, index)
      : new SyntheticSource(guest, { diskBytes: disk.sizeBytes, index, disks, draws }, oldest);
  return new PerWriteTracker(groups, source);
}

/** Zipf classes make a flush dear (some hundred pieces a chunk): below this rate, writing every write is cheaper. */
const ZIPF_WRITES_MIN = 200_000;

function writesPerS(guest: GuestSpec): number {
  return guest.kind === 'synthetic' ? guest.writesPerS : 0;
}

function hasZipf(guest: GuestSpec): boolean {
  return guest.kind === 'synthetic' && guest.parts.some((part) => part.pattern.kind === 'zipf');
}

/**
 * The dirty bitmaps of a disk under its guest. `auto` takes first-touch wherever it is exact and cheaper;
 * `tracker.engine` says which engine was taken. Asked for where it is not exact, first-touch is refused with the reason.
 */
export function createTracker(recorded: GuestDisk, engine: Scenario['engine']): DirtyTracker {
  const { disk, disks, guest } = recorded;
  const cheap =
    engine === 'first-touch' ||
    !hasZipf(guest) ||
    writesPerS(guest) > ZIPF_WRITES_MIN ||
    !fitsMemory(disk, disks);
  if (engine !== 'per-write' && cheap) {
    const made = createFirstTouch(recorded);
    if (made.kind === 'exact') return made.value;
    if (engine === 'first-touch')
      throw new InputError(`engine first-touch: ${made.reason}; take engine per-write or auto`);
  }
  return createPerWrite(recorded);
}
