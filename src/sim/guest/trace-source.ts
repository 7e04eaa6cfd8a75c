/** Recorded writes as a source, disk by disk. */
import type { TraceGuestSpec } from '../scenario.js';
import { BLOCK_WRITES, type WriteBlock, type WriteSource } from './write-source.js';

/** By guest and disk: every run of a replication and strategy replays the same writes. */
const ofDisk = new WeakMap<TraceGuestSpec, Uint32Array[]>();

/** Indices of the writes to one disk, in order of time. */
export function writesOfDisk(guest: TraceGuestSpec, diskIndex: number): Uint32Array {
  let known = ofDisk.get(guest);
  if (known === undefined) ofDisk.set(guest, (known = byDisk(guest.disks)));
  return known[diskIndex] ?? new Uint32Array(0);
}

function byDisk(disks: Uint16Array): Uint32Array[] {
  const counts: number[] = [];
  for (const disk of disks) counts[disk] = (counts[disk] ?? 0) + 1;
  const lists = Array.from(counts, (count) => new Uint32Array(count ?? 0));
  const filled = lists.map(() => 0);
  for (let i = 0; i < disks.length; i++) {
    const disk = disks[i]!;
    lists[disk]![filled[disk]!] = i;
    filled[disk] = filled[disk]! + 1;
  }
  return lists;
}

/** Recorded writes of one disk, from `startNs` on, over and over where the guest loops. */
export class TraceSource implements WriteSource {
  readonly fixedBytes = 0;
  private readonly guest: TraceGuestSpec;
  private readonly diskBytes: number;
  private readonly mine: Uint32Array;
  private next = 0;
  private baseNs: number;

  constructor(guest: TraceGuestSpec, diskBytes: number, diskIndex: number) {
    this.guest = guest;
    this.diskBytes = diskBytes;
    this.mine = writesOfDisk(guest, diskIndex);
    this.baseNs = -guest.startNs;
    while (this.next < this.mine.length && guest.timesNs[this.mine[this.next]!]! < guest.startNs) this.next++;
  }

  staysInGranule(): boolean {
    return false;
  }

  /** Writes beyond the disk's end wrap to its beginning; one that reaches over the end is cut. */
  fill(block: WriteBlock): void {
    const { guest, mine, diskBytes } = this;
    for (let i = 0; i < BLOCK_WRITES; i++) {
      if (this.next === mine.length && guest.loop && mine.length > 0 && guest.durationNs > 0) {
        this.next = 0;
        this.baseNs += guest.durationNs;
      }
      const at = mine[this.next];
      if (at === undefined) {
        block.timesNs[i] = Number.POSITIVE_INFINITY;
        block.lengthsBytes[i] = 0;
        continue;
      }
      this.next++;
      block.timesNs[i] = (this.baseNs + guest.timesNs[at]!) / guest.rate;
      const offset = Math.floor(guest.offsetsBytes[at]! * guest.stretch) % diskBytes;
      block.offsetsBytes[i] = offset;
      block.lengthsBytes[i] = Math.min(guest.lengthsBytes[at]!, diskBytes - offset);
    }
  }
}
