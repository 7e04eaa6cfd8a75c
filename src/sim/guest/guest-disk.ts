/** What a tracker is made for: one disk of the VM, and the guest whose writes its bitmaps record. */
import type { Draws } from '../../kernel/rng.js';
import type { DiskSpec, GuestSpec } from '../scenario.js';

export interface GuestDisk {
  readonly disk: DiskSpec;
  /** Its number among the VM's `disks`, which share a synthetic guest's writes evenly, each with its own streams. */
  readonly index: number;
  readonly disks: number;
  readonly guest: GuestSpec;
  /** What one bit of the meta-bitmap stands for. */
  readonly chunkBytes: number;
  readonly draws: Draws;
}
