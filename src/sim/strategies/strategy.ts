/**
 * The plug of the model: what to do with the bitmaps, told in four hooks. The controller owns the story
 * (migration/controller.ts) and is the only one to measure.
 *
 * Contract
 * - `whileRunning` (optional) runs beside the guest; it ends soon after `machine.stopAsked` fires, and what it still
 *   does then is downtime.
 * - `pending` (optional) is what QEMU's core is told of work left; it is compared with a threshold in bytes.
 * - `explain` (optional) is asked where the migration did not converge: the core's reason, with what it cannot know.
 * - `inStream` (optional) is sent in the stop between RAM and device state.
 * - `atInactivate` (optional) runs when the source gives the image up; all of it is downtime.
 * - `readBefore` (optional) says how many stored clusters of a disk the destination need not read in the stop.
 * - `afterResume` (optional) runs while the guest runs on the destination, until the bitmap is usable there.
 * - `isPlain` (optional) says for which scenarios it does nothing before the stop, always reports the same as pending
 *   (`steadyPending`; absent: nothing) and makes requests in the stop that follow from the bits alone: of those one is told,
 *   and the others follow its requests (migration/replay.ts).
 * - `settles` (optional) says for which scenarios it has nothing left to do beside the guest once it is through, and from then
 *   on always reports the same share of the threshold as pending (migration/settled.ts).
 * - Whatever it copies it notes with `markStored`; at resume the copies are compared with the truth.
 */
import type { Process } from '../../kernel/process.js';
import type { Disk } from '../machine/disk.js';
import type { Machine } from '../machine/machine.js';
import type { Scenario } from '../scenario.js';

export interface Strategy {
  /** False: the bitmap stays behind on purpose; there is nothing to compare at resume. */
  readonly delivers: boolean;
  /** True: the destination finds bitmaps in the image and reads them before it resumes. */
  readonly loadsFromImage: boolean;
  /** False: the VM has no bitmap at all, also none in the images under its disks. */
  readonly hasBitmaps?: boolean;
  /** What one meta-bitmap bit stands for; absent: one cluster. */
  readonly chunkBytes?: number;
  isPlain?(scenario: Scenario): boolean;
  steadyPending?(scenario: Scenario): number;
  settles?(scenario: Scenario): boolean;
  whileRunning?(machine: Machine): Process;
  pending?(machine: Machine, thresholdBytes: number): number;
  explain?(machine: Machine, reason: string): string;
  inStream?(machine: Machine): Process;
  atInactivate?(machine: Machine): Process;
  readBefore?(disk: Disk): number;
  afterResume?(machine: Machine): Process;
}
