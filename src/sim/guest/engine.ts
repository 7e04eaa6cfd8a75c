/** Chooses the engine for one disk: the fastest exact one, or the one asked for. */
import type { DiskSpec, GuestSpec, Scenario } from '../scenario.js';
import type { DirtyTracker } from '../types.js';
import { fillContent } from './content.js';
import { type Filler, PerWriteTracker, perWriteGroups } from './per-write.js';
import { SyntheticSource, TraceSource } from './write-source.js';

/**
 * The dirty bitmaps of disk `diskIndex` of `disks` under this guest. Synthetic writes are spread evenly over the
 * disks, each with its own random streams.
 */
export function createTracker(
  disk: DiskSpec,
  diskIndex: number,
  disks: number,
  guest: GuestSpec,
  chunkBytes: number,
  engine: Scenario['engine'],
  seed: number,
  replication: number,
): DirtyTracker {
  void engine;
  const fill: Filler = (words, group, spec, source) => fillContent(words, group.bits, spec.content, source);
  const groups = perWriteGroups(disk, diskIndex, disks, chunkBytes, seed, replication, fill);
  const source =
    guest.kind === 'trace'
      ? new TraceSource(guest, disk.sizeBytes, diskIndex)
      : new SyntheticSource(guest, disk.sizeBytes, diskIndex, disks, seed, replication);
  return new PerWriteTracker(groups, source);
}
