/** The bits of a replication's disks at two moments, without a machine around them: when its images are opened and at the stop. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Draws } from '../../kernel/rng.js';
import { totalOf } from '../guest/counts.js';
import { bitsAreFixed } from '../guest/fixed-bits.js';
import { trackerOn } from '../machine/trackers.js';
import type { Scenario } from '../scenario.js';
import { bitmapsNow, type DiskBitmap } from '../stop/bitmaps.js';
import { recountedNs } from '../stop/recount.js';
import type { DirtyTracker } from '../types.js';

export interface BitsAtStop {
  /** Equal keys: the same clusters are dirty, so the same requests are made. */
  readonly key: string;
  readonly bitsSet: number;
  /** Of the guest since the migration began. */
  readonly writes: number;
  readonly firstTouches: number;
  /** How long the destination counts the bits of each disk. */
  readonly recountNs: readonly TimeNs[];
  readonly drawsWrites: boolean;
}

/** Where no strategy cares for the bitmaps. */
export const NO_BITS: BitsAtStop = {
  key: '',
  bitsSet: 0,
  writes: 0,
  firstTouches: 0,
  recountNs: [],
  drawsWrites: false,
};

const keyOf = (bitmaps: readonly DiskBitmap[]): string =>
  bitmaps.map(({ dirtyClusters, fullClusters }) => `${dirtyClusters}+${fullClusters}`).join();

const sumOf = (trackers: readonly DirtyTracker[], pick: (tracker: DirtyTracker) => number): number =>
  trackers.reduce((sum, tracker) => sum + pick(tracker), 0);

const bitsOf = ({ groups }: DirtyTracker): number =>
  groups.reduce((sum, { count, setCount }) => sum + count * totalOf(setCount), 0);

/** The bits of one scenario, replication by replication. */
export class Bits {
  private readonly scenario: Scenario;
  private readonly isFixed: boolean;
  private fixed: { readonly bits: BitsAtStop; readonly trackers: readonly DirtyTracker[] } | undefined;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.isFixed = bitsAreFixed(scenario);
  }

  /** At this moment, of a migration that began when the warm-up was over. */
  at(stopNs: TimeNs, draws: Draws): BitsAtStop {
    if (this.fixed)
      return { ...this.fixed.bits, writes: writesUpTo(this.fixed.trackers, this.begin, stopNs) };
    const { disks } = this.scenario;
    const trackers = disks.map((disk, index) => trackerOn(this.scenario, index, disk, undefined, draws));
    const now = (): string[] => disks.map((disk, i) => keyOf(bitmapsNow(trackers[i]!, disk)));
    const opened = disks.some(({ bitmaps }) => bitmaps.some(({ stored }) => stored)) ? now() : [];
    const advance = (untilNs: TimeNs): void => {
      for (const tracker of trackers) {
        tracker.advance(untilNs);
        tracker.sync();
      }
    };
    if (this.begin > 0) advance(this.begin);
    const before = {
      writes: sumOf(trackers, (t) => t.writes),
      touches: sumOf(trackers, (t) => t.firstTouches),
    };
    advance(stopNs);
    const bits: BitsAtStop = {
      key: [...opened, ...now()].join('/'),
      bitsSet: sumOf(trackers, bitsOf),
      writes: sumOf(trackers, (t) => t.writes) - before.writes,
      firstTouches: sumOf(trackers, (t) => t.firstTouches) - before.touches,
      recountNs: trackers.map((tracker) => Math.round(recountedNs(this.scenario.host, tracker))),
      drawsWrites: trackers.some(({ engine }) => engine === 'per-write'),
    };
    if (this.isFixed && trackers.every(({ writesBy }) => writesBy)) this.fixed = { bits, trackers };
    return bits;
  }

  private get begin(): TimeNs {
    return this.scenario.migration.warmUpNs;
  }
}

function writesUpTo(trackers: readonly DirtyTracker[], beginNs: TimeNs, stopNs: TimeNs): number {
  return (
    sumOf(trackers, (tracker) => tracker.writesBy!(stopNs)) -
    sumOf(trackers, (tracker) => tracker.writesBy!(beginNs))
  );
}
