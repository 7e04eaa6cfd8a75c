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
import { remembered } from '../../base/remembered.js';
import { Kernel, type TimeNs } from '../../kernel/kernel.js';
import { LocalKernel } from '../../kernel/local-kernel.js';
import type { Process } from '../../kernel/process.js';
import { type Draws, namedStream, type Rng } from '../../kernel/rng.js';
import { Signal } from '../../kernel/signal.js';
import { areEqual, totalOf } from '../guest/counts.js';
import type { DiskSpec, Scenario, StorageSpec } from '../scenario.js';
import { gathered } from '../stop/gathered.js';
import type { SharedStorage } from '../storage/shared-storage.js';
import { type Pace, paceFrom, spellsOn } from '../storage/spells.js';
import type { DirtyTracker, StoreOp } from '../types.js';
import { SharedDevice } from './contention.js';
import { Disk, type ImageFile } from './disk.js';
import { ImageTimer } from './image-timer.js';
import { noCounts } from './measure.js';
import { noPhases, type PhaseName, type PhaseTimes, phaseOfOp } from './phases.js';
import type { SharedLink } from './shared-link.js';
import type { Tape } from './tape.js';
import { trackerOn } from './trackers.js';

/** Told of what happens when, for traces of a run: spans of simulated time on a named track. */
export type Observer = (track: string, what: string, fromNs: TimeNs, untilNs: TimeNs) => void;

/** Who looks on at a run. */
export interface Watchers {
  readonly observe?: Observer | undefined;
  readonly tape?: Tape;
}

/** What a machine has in common with others that migrate at the same time. */
export interface Surroundings {
  /** The clock that all of them follow. */
  readonly kernel: Kernel;
  readonly link: SharedLink;
  storage(spec: StorageSpec): { readonly pace: Pace; readonly shared: SharedStorage };
}

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
  readonly kernel: Kernel;
  readonly stopAsked = new Signal();
  /** Requests counted by who caused them and when. */
  readonly counters = noCounts();
  readonly phases: PhaseTimes = noPhases();
  readonly disks: readonly Disk[];
  readonly scenario: Scenario;
  /** By the name of the storage, the scenario's own first. */
  private readonly devices = new Map<string, SharedDevice>();
  private readonly draws: Draws;
  readonly observe: Observer;
  private readonly tape: Tape | undefined;
  private readonly around: Surroundings | undefined;
  /** The migration has become a post-copy: the rest of RAM follows after the resume, and bitmaps in the stream with it. */
  ramFollows = false;
  private lapNs: TimeNs = 0;
  private destinationDoneNs: TimeNs = 0;
  private begin: Beginning = { atNs: 0, writes: 0, firstTouches: 0 };

  /** `chunkBytes`: what one meta-bitmap bit stands for; undefined: one cluster. */
  constructor(
    scenario: Scenario,
    draws: Draws,
    chunkBytes: number | undefined,
    watched: Watchers = {},
    around?: Surroundings,
  ) {
    this.scenario = scenario;
    this.around = around;
    this.kernel = around ? new LocalKernel(around.kernel) : new Kernel();
    this.observe = watched.observe ?? (() => {});
    this.tape = watched.tape;
    this.draws = draws;
    const deviceOf = (storage: StorageSpec): SharedDevice => this.deviceOn(storage);
    this.disks = scenario.disks.map((disk, index) => {
      const trackerOf = (spec: DiskSpec): DirtyTracker => trackerOn(scenario, index, spec, chunkBytes, draws);
      return new Disk(index, disk, { scenario, deviceOf, trackerOf });
    });
  }

  /** Disks that a strategy has something to do for. */
  get disksWithBitmaps(): readonly Disk[] {
    return this.disks.filter(({ hasBitmaps }) => hasBitmaps);
  }

  private deviceOn(storage: StorageSpec): SharedDevice {
    return remembered(
      this.devices,
      storage.name,
      () => new SharedDevice(this.kernel, this.scenario, storage, ...this.partsOf(storage)),
    );
  }

  private partsOf(storage: StorageSpec): [spells: Pace, others?: SharedStorage] {
    const { around, kernel } = this;
    if (!around) return [spellsOn(storage, this.draws)];
    const { pace, shared } = around.storage(storage);
    return [paceFrom(pace, around.kernel.nowNs - kernel.nowNs), shared];
  }

  /** The link, where others send over it too. */
  get sharedLink(): SharedLink | undefined {
    return this.around?.link;
  }

  /** Sends so many bytes, which takes this long where nobody else does. */
  *send(ns: TimeNs, bytes: number): Process {
    const { sharedLink } = this;
    const bytesPerS = ns > 0 ? (bytes / ns) * 1e9 : 0;
    if (sharedLink && bytesPerS > 0) yield* sharedLink.send(ns, bytesPerS, bytesPerS);
    else yield ns;
  }

  /** The guest halts and leaves the devices to the store. */
  guestStops(): void {
    for (const device of this.devices.values()) device.guestStops();
  }

  /** The guest takes its share of the devices, on the destination. */
  guestRuns(): void {
    for (const device of this.devices.values()) device.guestRuns();
  }

  /** Mean slowdown of the guest's writes since the migration began, each device weighing as much as it is written to. */
  guestSlowdown(overNs: TimeNs): number {
    const [first, ...others] = this.devices.values();
    if (others.length === 0) return first?.guestSlowdown(overNs) ?? 1;
    const devices = [...this.devices.values()];
    const writes = devices.reduce((sum, device) => sum + device.guestWritesPerS, 0);
    if (writes === 0) return 1;
    const weighed = devices.map((device) => device.guestWritesPerS * device.guestSlowdown(overNs));
    return weighed.reduce((sum, part) => sum + part, 0) / writes;
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

  /** The destination is busy for so long from now, while the source goes on. */
  destinationBusy(ns: TimeNs): void {
    const busyNs = Math.round(ns);
    this.destinationDoneNs = this.kernel.nowNs + busyNs;
    this.tape?.destinationBusy(this.kernel.nowNs, busyNs);
  }

  /** Until it is no more. */
  *awaitDestination(): Process {
    const leftNs = Math.max(0, this.destinationDoneNs - this.kernel.nowNs);
    if (this.destinationDoneNs > 0) this.tape?.awaitDestination(this.kernel.nowNs, leftNs);
    yield leftNs;
  }

  /** Begins the timing of the stop. */
  startLaps(): void {
    this.lapNs = this.kernel.nowNs;
    this.tape?.start(this.lapNs);
  }

  /** The destination counts the bits of a disk anew. */
  *recount(disk: Disk, ns: TimeNs): Process {
    this.tape?.recount(disk.index, this.kernel.nowNs, ns);
    yield ns;
  }

  /** Books the time since the last lap on a phase. */
  lap(phase: PhaseName): void {
    const { nowNs } = this.kernel;
    if (nowNs > this.lapNs) this.observe('stop', phase, this.lapNs, nowNs);
    this.phases[phase] += nowNs - this.lapNs;
    this.lapNs = nowNs;
    this.tape?.lap(phase, nowNs);
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
      for (const group of tracker.groups) bits += group.count * totalOf(group.setCount);
    return bits;
  }

  /** Notes that the destination (or the image it reads) now has every bit of the disk's bitmaps. */
  markAllStored(disk: Disk): void {
    disk.tracker.markAllStored();
  }

  /** True where every copy holds every bit: bits only go 0 to 1 in a run, so equal counts are equal bits. */
  copiesComplete(): boolean {
    return this.disks.every(({ tracker }) =>
      tracker.groups.every(({ setCount, storedCount }) => areEqual(setCount, storedCount)),
    );
  }

  /** Times requests to the disk's image; each decision draws from a stream of its own. */
  timer(disk: Disk, decision: string): ImageTimer {
    return this.timerOn(disk, `storage/${decision}/${disk.index}`);
  }

  /** The same for another file of a disk: its data, or an image under it. */
  timerOn(file: ImageFile, stream: string): ImageTimer {
    const { spec, storage, device } = file;
    const { tokens, spells, others } = device;
    const { tape } = this;
    const shared = { tokens, spells, others, now: () => this.kernel.nowNs };
    const timer = new ImageTimer(this.scenario, storage, spec, stream, this.draws, shared);
    if (tape === undefined) return timer;
    const number = tape.timer(file, stream);
    timer.heard = (op, ns) => tape.heard(number, op, this.kernel.nowNs, ns);
    return timer;
  }

  /** Tells expected times from now on; what it is asked for is not taken from the device. */
  estimator({ spec, storage, device }: Disk): ImageTimer {
    const shared = { tokens: device.tokens.copy(), now: () => this.kernel.nowNs };
    return new ImageTimer(this.scenario, storage, spec, 'storage/estimate', this.draws, shared);
  }

  /** Performs requests one after another inside the stop, and books each on its phase. */
  *performStopped(ops: readonly StoreOp[], timer: ImageTimer): Process {
    for (const op of gathered(ops)) {
      const fromNs = this.kernel.nowNs;
      yield* timer.perform(op);
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
