/**
 * The migration, told once for all strategies. Downtime is two readings of the clock around one stretch of this
 * file; everything in the stop is booked on a phase between them.
 *
 * Order of the stop:
 *   up to 9.2   stop, (mirrors), RAM, stream, devices, store, hand-over, load, start
 *   post-copy   stop, (mirrors), store, devices, hand-over, load, start; RAM, then bitmaps in the stream
 *   since 10.0  stop, (mirrors), store, RAM, stream, devices, hand-over, load, start
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { Draws } from '../../kernel/rng.js';
import type { Signal } from '../../kernel/signal.js';
import type { Disk } from '../machine/disk.js';
import { Machine, type Observer, type Surroundings, type Watchers } from '../machine/machine.js';
import { measured } from '../machine/measure.js';
import type { Metrics } from '../machine/metrics.js';
import type { MigrationResult } from '../machine/result.js';
import type { Scenario } from '../scenario.js';
import { dataFlushes } from '../stop/requests.js';
import { hooksOf } from '../strategies/lookup.js';
import type { StrategySpec } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';
import { load } from './load.js';
import { loadAfterResume } from './load-after-resume.js';
import { endExport, endMirrors, mirrorsOf, untilReady } from './mirrors.js';
import { type Precopy, precopy, precopyOf, ramSpeed } from './precopy.js';
import { runToEnd } from './run-to-end.js';

interface Readings {
  /** From the start of the migration to the stop. */
  runningNs: TimeNs;
  stopNs: TimeNs;
  sourceEndNs: TimeNs;
  resumeNs: TimeNs;
  bitmapReadyNs: TimeNs | null;
  precopy: Precopy | null;
  /** Why the rule never said stop; null where it did. */
  reason: string | null;
  /** Why the mirrors of the disks never were ready; null where they were, or there are none. */
  unready: string | null;
  bitsSetAtStop: number;
  guestSlowdown: number;
  complete: boolean;
  /** The story was told to its end. */
  isOver: boolean;
}

/** Simulates one migration under one strategy. Pure: the same arguments give the same result. */
export function migrate(
  scenario: Scenario,
  spec: StrategySpec,
  draws: Draws,
  observe?: Observer,
): MigrationResult {
  return migrateWith(scenario, hooksOf(spec), draws, { observe });
}

/** The same with a strategy that is in no registry. */
export function migrateWith(
  scenario: Scenario,
  strategy: Strategy,
  draws: Draws,
  watched?: Watchers,
): MigrationResult {
  const { machine, readings, result } = begin(scenario, strategy, draws, watched);
  return result(runToEnd(machine, () => readings.isOver));
}

/** A migration under way. */
export interface Migration {
  readonly machine: Machine;
  readonly readings: Readonly<Pick<Readings, 'isOver'>>;
  /** Fires when it is over. */
  readonly ended: Signal;
  /** What it came to; `stuck`: why it was given up, null where it is over. */
  result(stuck: string | null): MigrationResult;
}

/** Begins a migration; whoever asks for it runs the clock. `around`: what it has in common with others. */
export function begin(
  scenario: Scenario,
  strategy: Strategy,
  draws: Draws,
  watched?: Watchers,
  around?: Surroundings,
): Migration {
  const machine = new Machine(scenario, draws, strategy.chunkBytes, watched, around);
  const readings: Readings = {
    runningNs: 0,
    stopNs: 0,
    sourceEndNs: 0,
    resumeNs: 0,
    bitmapReadyNs: null,
    precopy: null,
    reason: null,
    unready: null,
    bitsSetAtStop: 0,
    guestSlowdown: 1,
    complete: false,
    isOver: false,
  };
  const ended = machine.kernel.spawn('migration', story(machine, strategy, readings));
  return { machine, readings, ended, result: (stuck) => resultOf(machine, strategy, readings, stuck) };
}

function resultOf(
  machine: Machine,
  strategy: Strategy,
  readings: Readings,
  stuck: string | null,
): MigrationResult {
  if (stuck !== null) giveUp(machine, readings);
  const ended = {
    metrics: measure(machine, strategy, readings),
    pendingBytes: readings.precopy?.othersBytes ?? 0,
    drawsWrites: strategy.delivers && machine.disks.some(({ tracker }) => tracker.engine === 'per-write'),
  };
  if (stuck !== null) return { state: 'failed', reason: `the strategy ${stuck}`, ...ended };
  if (strategy.delivers && !readings.complete)
    return { state: 'failed', reason: 'the destination lacks bits that the guest set', ...ended };
  if (readings.unready !== null) return { state: 'not-converged', reason: readings.unready, ...ended };
  if (readings.precopy?.state === 'not-converged')
    return { state: 'not-converged', reason: readings.reason, ...ended };
  return { state: 'completed', reason: null, ...ended };
}

function* story(machine: Machine, strategy: Strategy, readings: Readings): Process {
  const { kernel, scenario } = machine;
  const { qemu, host, link } = scenario;
  if (scenario.migration.warmUpNs > 0) yield* warmUp(machine, strategy);
  readings.unready = yield* untilReady(machine, strategy.delivers);
  const background = strategy.whileRunning ? kernel.spawn('strategy', strategy.whileRunning(machine)) : null;
  const outcome = yield* precopy(
    {
      kernel,
      sharedLink: machine.sharedLink,
      ...precopyOf(
        scenario,
        ramSpeed(host, () => machine.stream('ram/speed')),
      ),
    },
    (threshold) => strategy.pending?.(machine, threshold) ?? 0,
  );
  readings.precopy = outcome;
  if (outcome.reason !== null)
    readings.reason = strategy.explain?.(machine, outcome.reason) ?? outcome.reason;
  machine.observe('migration', 'RAM pre-copy', kernel.nowNs - machine.migrationNs, kernel.nowNs);
  machine.stopAsked.fire();

  readings.stopNs = kernel.nowNs;
  readings.runningNs = machine.migrationNs;
  readings.guestSlowdown =
    machine.guestSlowdown(readings.runningNs) * (mirrorsOf(scenario)?.guestSlowdown ?? 1) * outcome.slowdown;
  machine.ramFollows = outcome.followsNs !== null;
  machine.guestStops();
  machine.startLaps();
  if (strategy.delivers) {
    machine.catchUp();
    readings.bitsSetAtStop = machine.bitsSet();
  }
  if (background) yield background;
  yield* stopGuest(machine);
  yield* endMirrors(machine);
  const storesFirst = qemu.storeFirst || machine.ramFollows;
  if (storesFirst) yield* inactivate(machine, strategy);
  yield* sendRam(machine, outcome);
  machine.lap('ram');
  if (strategy.inStream) yield* strategy.inStream(machine);
  machine.lap('stream');
  yield host.deviceStateNs;
  machine.lap('devices');
  if (!storesFirst) yield* inactivate(machine, strategy);
  readings.sourceEndNs = kernel.nowNs;
  yield Math.round(link.roundTripNs / 2);
  machine.lap('switch');
  if (machine.ramFollows) yield host.postcopyRamNs;
  machine.lap('devices');
  yield* machine.awaitDestination();
  machine.lap('stream');
  yield* load(machine, strategy);
  yield* endExport(machine);
  yield host.startNs;
  machine.lap('start');

  readings.resumeNs = kernel.nowNs;
  yield* ramAfterResume(machine, readings, outcome, strategy);
  if (scenario.migration.returnPath) readings.sourceEndNs = readings.resumeNs;
  if (strategy.afterResume) yield* strategy.afterResume(machine);
  if (strategy.loadsFromImage && scenario.whatIf.loadAfterResume) yield* loadAfterResume(machine, strategy);
  if (strategy.delivers) {
    readings.complete = machine.copiesComplete();
    readings.bitmapReadyNs = kernel.nowNs - readings.resumeNs;
  }
  readings.isOver = true;
}

/** The last RAM, in the stop: as fast as the link takes it then. */
function* sendRam({ sharedLink }: Machine, { ramStopNs, linkBytesPerS }: Precopy): Process {
  if (sharedLink) yield* sharedLink.send(ramStopNs, linkBytesPerS.now, linkBytesPerS.most);
  else yield ramStopNs;
}

/**
 * Post-copy: the rest of RAM has been on its way since the source gave the guest away; bitmaps in the stream come after it.
 * Whatever is in the image need not wait for it.
 */
function* ramAfterResume(
  machine: Machine,
  { sourceEndNs }: Readings,
  { followsNs }: Precopy,
  { inStream }: Strategy,
): Process {
  if (followsNs === null) return;
  const leftNs = Math.max(0, sourceEndNs + followsNs - machine.kernel.nowNs);
  machine.counters.ramFollowsNs += leftNs;
  if (inStream) yield leftNs;
}

/** Where the story has no end, its times are those of the moment at which it is given up. */
function giveUp({ kernel, stopAsked }: Machine, readings: Readings): void {
  if (!stopAsked.fired) readings.stopNs = kernel.nowNs;
  if (readings.resumeNs === 0) readings.resumeNs = kernel.nowNs;
  if (readings.sourceEndNs === 0) readings.sourceEndNs = readings.resumeNs;
}

/** The guest runs before the migration begins. What the image holds of its bitmaps is older than these writes. */
function* warmUp(machine: Machine, strategy: Strategy): Process {
  const { warmUpNs } = machine.scenario.migration;
  if (strategy.loadsFromImage) for (const disk of machine.disks) disk.openImage();
  yield warmUpNs;
  machine.observe('migration', 'the guest warms up', 0, warmUpNs);
  machine.beginMigration(strategy.delivers);
}

/** vCPUs halt, requests drain, every image is flushed (vm_stop_force_state): the same in every strategy. */
function* stopGuest(machine: Machine): Process {
  yield machine.scenario.host.stopNs;
  // The first flush is for what the guest wrote, and the strategy beside it.
  yield* flushAll(machine, ({ device, data }) =>
    (data ? device.wroteBeside : device.wasWritten) ? 'stopAfterWrites' : 'stop',
  );
  for (const { data, index } of machine.disks) {
    if (!data) continue;
    const timer = machine.timerOn(data, `storage/stop/${index}/data`);
    for (const op of dataFlushes(data.storage, data.device.guestWrites)) yield* timer.perform(op);
  }
  machine.lap('stop');
}

/** bdrv_inactivate_all, disk after disk; without bitmaps to store it is flushes alone. */
function* inactivate(machine: Machine, strategy: Strategy): Process {
  if (strategy.hasBitmaps !== false) yield* inactivateBacking(machine);
  if (strategy.atInactivate) yield* strategy.atInactivate(machine);
  else yield* flushAll(machine, () => 'inactivate');
}

/** Images under a disk have nothing to store; QEMU reads what bitmaps are in them to find that out. */
function* inactivateBacking(machine: Machine): Process {
  for (const { backing, index } of machine.disks)
    for (const [depth, image] of backing.entries()) {
      const timer = machine.timerOn(image, `storage/store/${index}/backing/${depth}`);
      yield* machine.performStopped(image.image.store([]), timer);
    }
}

/** Requests of the stop that have nothing to do with bitmaps; a bare image stands for the real one. */
function* flushAll(machine: Machine, asked: (disk: Disk) => Parameters<Disk['bareRequests']>[0]): Process {
  for (const disk of machine.disks) {
    const timer = machine.timer(disk, 'stop');
    for (const op of disk.bareRequests(asked(disk))) yield* timer.perform(op);
  }
  machine.lap('stop');
}

function measure(machine: Machine, strategy: Strategy, readings: Readings): Metrics {
  return measured({
    ...readings,
    phasesNs: machine.phases,
    ramOverNs: readings.precopy ? readings.precopy.ramMostNs - readings.precopy.ramStopNs : 0,
    limitNs: readings.precopy?.limitNs ?? machine.scenario.migration.downtimeLimitNs,
    ramLeftBytes: readings.precopy?.ramLeftBytes ?? 0,
    guest: strategy.delivers ? machine.guestActivity() : { writes: 0, firstTouches: 0 },
    counters: machine.counters,
  });
}
