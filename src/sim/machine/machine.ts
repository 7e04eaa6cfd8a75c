/**
 * The wired machine of one run:
 *
 *   guest ──writes──▶ bitmaps ──0→1──▶ meta-bitmap          one DirtyTracker a disk
 *                        │                  │ stale chunks
 *                        ▼                  ▼
 *                 store: op list ──▶ storage device ◀── flusher (while the guest runs)
 *   RAM pre-copy ──▶ link ──▶ destination
 *   controller: over all of them; the only one that reads the clock for downtime
 */
import { Kernel, type TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { type Draws, namedStream, type Rng } from '../../kernel/rng.js';
import { Signal } from '../../kernel/signal.js';
import { createTracker } from '../guest/engine.js';
import type { Qcow2Image } from '../qcow2/image.js';
import type { ImageOptions } from '../qcow2/options.js';
import type { DiskSpec, Scenario } from '../scenario.js';
import { bitmapsNow } from '../stop/bitmaps.js';
import { gathered } from '../stop/gathered.js';
import { imageOptions, openImage } from '../stop/requests.js';
import type { DirtyTracker, StoreOp } from '../types.js';
import { SharedDevice } from './contention.js';
import { heldBack } from './guest-demand.js';
import { ImageTimer } from './image-timer.js';
import { noCounts } from './metrics.js';
import { noPhases, type PhaseName, type PhaseTimes, phaseOfOp } from './phases.js';

/** One disk of the VM: its image, and its bitmaps under the guest's writes. Both are made when first asked for. */
export class Disk {
  readonly index: number;
  readonly spec: DiskSpec;
  private readonly options: ImageOptions;
  private readonly makeTracker: () => DirtyTracker;
  private madeTracker: DirtyTracker | undefined;
  private madeImage: Qcow2Image | undefined;

  constructor(index: number, spec: DiskSpec, scenario: Scenario, makeTracker: () => DirtyTracker) {
    this.index = index;
    this.spec = spec;
    this.options = imageOptions(spec, scenario);
    this.makeTracker = makeTracker;
  }

  get tracker(): DirtyTracker {
    this.madeTracker ??= this.makeTracker();
    return this.madeTracker;
  }

  /**
   * The image as the source has it open. Bitmaps that were stored before have a copy in it, which covers the
   * clusters that are dirty when the image is first asked for: ask before the guest runs.
   */
  get image(): Qcow2Image {
    if (this.madeImage) return this.madeImage;
    // A tracker is made only where there is something to ask it: bitmaps that stay behind have none.
    const held = this.spec.bitmaps.some(({ stored }) => stored)
      ? bitmapsNow(this.tracker, this.spec).filter(({ stored }) => stored)
      : [];
    this.madeImage = openImage(this.options, held);
    return this.madeImage;
  }

  /** Notes what the image holds of its bitmaps now, before the guest goes on. */
  openImage(): void {
    void this.image;
  }

  /** The image as it is opened where no bitmap is in it. */
  bareImage(): Qcow2Image {
    return openImage(this.options);
  }
}

/** Told of what happens when, for traces of a run: spans of simulated time on a named track. */
export type Observer = (track: string, what: string, fromNs: TimeNs, untilNs: TimeNs) => void;

/** What the guest did over all disks. */
export interface Activity {
  readonly writes: number;
  readonly firstTouches: number;
}

/** When the migration began, and what the guest had done until then. */
interface Beginning extends Activity {
  readonly atNs: TimeNs;
}

/** `512 x write 65536 B (data)`: a run of requests in a trace. */
export function opText(op: StoreOp): string {
  return `${op.count} x ${op.op} ${op.bytes} B (${op.purpose})`;
}

/** Everything one run owns; two runs in one process cannot meet. */
export class Machine {
  readonly kernel = new Kernel();
  readonly stopAsked = new Signal();
  /** Requests counted by who caused them and when. */
  readonly counters = noCounts();
  readonly phases: PhaseTimes = noPhases();
  readonly disks: readonly Disk[];
  readonly scenario: Scenario;
  readonly device: SharedDevice;
  private readonly draws: Draws;
  readonly observe: Observer;
  private lapNs: TimeNs = 0;
  private begin: Beginning = { atNs: 0, writes: 0, firstTouches: 0 };

  /** `chunkBytes`: what one meta-bitmap bit stands for; undefined: one cluster. */
  constructor(
    scenario: Scenario,
    draws: Draws,
    chunkBytes: number | undefined,
    observe: Observer = () => {},
  ) {
    this.scenario = scenario;
    this.observe = observe;
    this.draws = draws;
    this.device = new SharedDevice(this.kernel, scenario);
    const { disks, engine } = scenario;
    const guest = heldBack(scenario);
    this.disks = disks.map((disk, index) => {
      const bytes = chunkBytes ?? disk.clusterBytes;
      const recorded = { disk, index, disks: disks.length, guest, chunkBytes: bytes, draws };
      return new Disk(index, disk, scenario, () => createTracker(recorded, engine));
    });
  }

  /** The random stream of one decision; strategies of one replication share it by name. */
  stream(name: string): Rng {
    return namedStream(this.draws.seed, this.draws.replication, name);
  }

  /** Ends the warm-up: the migration begins now. `watched`: somebody keeps track of the guest's writes. */
  beginMigration(watched: boolean): void {
    const { nowNs } = this.kernel;
    if (watched) this.catchUp();
    this.begin = { atNs: nowNs, ...(watched ? this.guestSoFar() : { writes: 0, firstTouches: 0 }) };
  }

  /** Time since the migration began. */
  get migrationNs(): TimeNs {
    return this.kernel.nowNs - this.begin.atNs;
  }

  /** Writes of the guest since the migration began, and the bits they set. */
  guestActivity(): Activity {
    const { writes, firstTouches } = this.guestSoFar();
    return { writes: writes - this.begin.writes, firstTouches: firstTouches - this.begin.firstTouches };
  }

  private guestSoFar(): Activity {
    const sum = (pick: (tracker: DirtyTracker) => number): number =>
      this.disks.reduce((total, { tracker }) => total + pick(tracker), 0);
    return { writes: sum((t) => t.writes), firstTouches: sum((t) => t.firstTouches) };
  }

  /** Begins the timing of the stop. */
  startLaps(): void {
    this.lapNs = this.kernel.nowNs;
  }

  /** Books the time since the last lap on a phase. */
  lap(phase: PhaseName): void {
    const { nowNs } = this.kernel;
    if (nowNs > this.lapNs) this.observe('stop', phase, this.lapNs, nowNs);
    this.phases[phase] += nowNs - this.lapNs;
    this.lapNs = nowNs;
  }

  /** Applies every guest write up to now to all bitmaps. */
  catchUp(): void {
    for (const { tracker } of this.disks) {
      tracker.advance(this.kernel.nowNs);
      tracker.sync();
    }
  }

  /** Bits set over all bitmaps of all disks; alike bitmaps count each. */
  bitsSet(): number {
    let bits = 0;
    for (const { tracker } of this.disks)
      for (const group of tracker.groups)
        bits += group.count * group.setCount.reduce((sum, count) => sum + count, 0);
    return bits;
  }

  /** Notes that the destination (or the image it reads) now has every bit of the disk's bitmaps. */
  markAllStored(disk: Disk): void {
    disk.tracker.markAllStored();
  }

  /** True where every copy holds every bit: bits only go 0 to 1 in a run, so equal counts are equal bits. */
  copiesComplete(): boolean {
    return this.disks.every(({ tracker }) =>
      tracker.groups.every((group) =>
        group.setCount.every((count, chunk) => count === group.storedCount[chunk]),
      ),
    );
  }

  /** Times requests to the disk's image; each decision draws from a stream of its own. */
  timer(disk: Disk, decision: string): ImageTimer {
    const rng = this.stream(`storage/${decision}/${disk.index}`);
    const shared = { tokens: this.device.tokens, now: () => this.kernel.nowNs };
    return new ImageTimer(this.scenario, disk.spec, rng, shared);
  }

  /** Tells expected times from now on; what it is asked for is not taken from the device. */
  estimator(disk: Disk): ImageTimer {
    const shared = { tokens: this.device.tokens.copy(), now: () => this.kernel.nowNs };
    return new ImageTimer(this.scenario, disk.spec, this.stream('storage/estimate'), shared);
  }

  /** Performs requests one after another inside the stop, and books each on its phase. */
  *performStopped(ops: readonly StoreOp[], timer: ImageTimer): Process {
    for (const op of gathered(ops)) {
      const fromNs = this.kernel.nowNs;
      yield timer.durationNs(op);
      this.observe('image', opText(op), fromNs, this.kernel.nowNs);
      this.lap(phaseOfOp(op));
      this.count(op);
    }
  }

  private count(op: StoreOp): void {
    const counters = this.counters;
    if (op.op === 'write' || op.op === 'smallWrite') {
      counters.storeWrites += op.count;
      counters.bytesWrittenStopped += op.count * op.bytes;
      if (op.purpose === 'data') counters.clustersWritten += op.count;
    } else if (op.op === 'read') counters.storeReads += op.count;
    else if (op.op === 'punch') counters.storePunches += op.count;
    else counters.storeFlushes += op.count;
  }
}
