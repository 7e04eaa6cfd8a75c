/**
 * Replications of a plain strategy (`Strategy.isPlain`) without telling the migration anew. The pre-copy and the guest's bits
 * of each are its own; the requests of the stop follow from the bits, so those of the first replication with such bits
 * are gone through again, each timed as its own streams say. The result is that of the whole story, to the last digit.
 */
import { remembered } from '../../base/remembered.js';
import type { TimeNs } from '../../kernel/kernel.js';
import { type Draws, namedStream } from '../../kernel/rng.js';
import { bitsBelowAreFixed } from '../guest/fixed-bits.js';
import { guestDemand } from '../machine/guest-demand.js';
import { ImageTimer } from '../machine/image-timer.js';
import { measured } from '../machine/measure.js';
import type { RunEnd } from '../machine/metrics.js';
import { mapPhases, PHASES } from '../machine/phases.js';
import type { MigrationResult } from '../machine/result.js';
import { Tape, type TapedTimer } from '../machine/tape.js';
import type { Scenario, StorageSpec } from '../scenario.js';
import { atMeanTimes } from '../storage/mean-times.js';
import { hasSpells, Spells } from '../storage/spells.js';
import type { TimerOptions } from '../storage/timer.js';
import { TokenBucket } from '../storage/token-bucket.js';
import { hooksOf } from '../strategies/lookup.js';
import type { StrategySpec } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';
import type { StoreOp } from '../types.js';
import { Bits, type BitsAtStop, NO_BITS } from './bits-at-stop.js';
import { migrate, migrateWith } from './controller.js';
import { precopyOf, ramSpeed } from './precopy.js';
import { type EndedPrecopy, precopyAlone, type SteadyPending, steadily } from './precopy-alone.js';

/** What all replications of a scenario have in common. */
interface Known {
  readonly bits: Bits;
  readonly strategies: WeakMap<StrategySpec, Replays | null>;
  /** The pre-copy at the last speed, by what is pending beside it: strategies of one replication share it. */
  readonly last: Map<number, LastPrecopy>;
}

interface LastPrecopy {
  readonly speed: number;
  readonly precopy: EndedPrecopy | null;
}

const known = new WeakMap<Scenario, Known>();

/** How a replication ended, before its metrics are worked out. */
export interface Replayed extends Omit<MigrationResult, 'metrics'> {
  readonly end: RunEnd;
}

/** The same as `migrate`, several times as fast where the strategy is plain. */
export function migrateAgain(scenario: Scenario, spec: StrategySpec, draws: Draws): MigrationResult {
  const result = replaysOf(scenario, spec)?.run(draws) ?? migrate(scenario, spec, draws);
  if ('metrics' in result) return result;
  const { end, ...ended } = result;
  return { ...ended, metrics: measured(end) };
}

/** What others are about is not in any tape, nor what mirrors have left to copy; post-copy has another order. */
export function isRepeatable({ evacuation, mirror, migration }: Scenario): boolean {
  return !evacuation && !mirror && !migration.postcopyRam && !migration.autoConverge;
}

/** The replications of a strategy that is plain in this scenario; null: it is not. */
export function replaysOf(scenario: Scenario, spec: StrategySpec): Replays | null {
  if (!isRepeatable(scenario)) return null;
  const common = remembered(known, scenario, () => ({
    bits: new Bits(scenario),
    strategies: new WeakMap(),
    last: new Map(),
  }));
  return remembered(common.strategies, spec, () => {
    const strategy = hooksOf(spec);
    const isPlain =
      strategy.isPlain?.(scenario) && (strategy.hasBitmaps === false || bitsBelowAreFixed(scenario));
    return isPlain ? new Replays(scenario, strategy, common) : null;
  });
}

/** Of this many replications whose bits nobody met before, one in two at least must have helped another. */
const TRIALS = 32;

/** Where the bits are fixed all stops make the same requests, and only their times differ. */
export interface OneForAll {
  readonly pending: SteadyPending;
  /** A run of mean times; `heard` is told of its requests. */
  mean(precopy: EndedPrecopy, heard: (run: TapedTimer, op: StoreOp) => void): RunEnd;
}

/** Where the bits are fixed the draws do not matter: one run is made for all. */
export const FIRST: Draws = { seed: 0, replication: 0 };

/** Of one strategy in one scenario. */
export class Replays {
  private readonly scenario: Scenario;
  private readonly strategy: Strategy;
  private readonly common: Known;
  /** What the core is told to be pending. */
  readonly pendingBytes: number;
  private readonly taped = new Map<string, Taped>();
  private met = 0;

  constructor(scenario: Scenario, strategy: Strategy, common: Known) {
    this.scenario = scenario;
    this.strategy = strategy;
    this.common = common;
    this.pendingBytes = strategy.steadyPending?.(scenario) ?? 0;
  }

  /** Null: the bits differ so much that the whole story is no dearer. */
  run(draws: Draws): Replayed | MigrationResult | null {
    if (this.taped.size >= TRIALS && this.met < 2 * this.taped.size) return null;
    const precopy = this.precopyOf(draws);
    if (precopy === null) return null;
    const { warmUpNs } = this.scenario.migration;
    const bits = this.bitsAt(warmUpNs + precopy.ns, draws);
    this.met++;
    const taped = this.taped.get(bits.key);
    if (taped) return taped.again({ draws, precopy, bits });
    const tape = new Tape();
    const result = migrateWith(this.scenario, this.strategy, draws, { tape });
    if (result.state !== 'failed') this.taped.set(bits.key, new Taped(this.scenario, tape, result));
    return result;
  }

  /** Where the bits are fixed: the one stop. Null: it comes to no good end, or is no sum of requests and constants. */
  get onlyOne(): OneForAll | null {
    const { warmUpNs } = this.scenario.migration;
    const bits = (ns: TimeNs): BitsAtStop => this.bitsAt(warmUpNs + ns, FIRST);
    const { key } = bits(0);
    const taped = this.taped.get(key) ?? this.tapedAtMeanTimes();
    if (taped === null) return null;
    this.taped.set(key, taped);
    if (!taped.isSum) return null;
    return {
      pending: steadily(this.pendingBytes),
      mean: (precopy, heard) =>
        taped.mean({ draws: FIRST, precopy, bits: bits(Math.round(precopy.ns)) }, heard),
    };
  }

  private tapedAtMeanTimes(): Taped | null {
    const { scenario, original } = atMeanTimes(this.scenario);
    const tape = new Tape(original);
    const result = migrateWith(scenario, this.strategy, FIRST, { tape });
    return result.state === 'failed' ? null : new Taped(this.scenario, tape, result);
  }

  private bitsAt(stopNs: TimeNs, draws: Draws): BitsAtStop {
    return this.strategy.delivers ? this.common.bits.at(stopNs, draws) : NO_BITS;
  }

  private precopyOf({ seed, replication }: Draws): EndedPrecopy | null {
    const { scenario, common, pendingBytes } = this;
    const speed = ramSpeed(scenario.host, () => namedStream(seed, replication, 'ram/speed'));
    let last = common.last.get(pendingBytes);
    if (last?.speed !== speed) {
      last = { speed, precopy: precopyAlone(precopyOf(scenario, speed), steadily(pendingBytes)) };
      common.last.set(pendingBytes, last);
    }
    return last.precopy;
  }
}

interface Replication {
  readonly draws: Draws;
  readonly precopy: EndedPrecopy;
  readonly bits: BitsAtStop;
}

/** What a timer shares with others on its device. */
type Shared = Pick<TimerOptions, 'tokens' | 'spells'>;

const UNLIMITED: Shared = { tokens: new TokenBucket(Number.POSITIVE_INFINITY, 0) };

/** One stop, to be gone through again. */
export class Taped {
  private readonly scenario: Scenario;
  private readonly tape: Tape;
  private readonly first: MigrationResult;
  /** Of each stretch the place of its phase in PHASES, and what phases have come to so far. */
  private readonly phases: readonly number[];
  private readonly phasesNs = new Float64Array(PHASES.length);
  private made: ImageTimer[] | undefined;
  private readonly devices = new Map<string, Shared>();
  /** What the timers' devices see of the time. */
  private readonly clock = { nowNs: 0 };

  constructor(scenario: Scenario, tape: Tape, first: MigrationResult) {
    this.scenario = scenario;
    this.tape = tape;
    this.phases = tape.stretches.map(({ phase }) => PHASES.indexOf(phase));
    this.first = first;
  }

  /** Requests and constants, one after another. */
  get isSum(): boolean {
    return !this.tape.hasWaits;
  }

  again(replication: Replication): Replayed {
    const { clock } = this;
    clock.nowNs = this.scenario.migration.warmUpNs + replication.precopy.ns;
    const end = this.through(replication, clock, this.timers(replication.draws));
    const { outcome } = replication.precopy;
    const isReady = outcome.state === 'ready';
    return {
      state: isReady ? 'completed' : 'not-converged',
      reason: isReady ? null : outcome.reason,
      end,
      pendingBytes: outcome.othersBytes,
      drawsWrites: replication.bits.drawsWrites,
    };
  }

  /** Each request at its mean time. */
  mean(replication: Replication, heard: (run: TapedTimer, op: StoreOp) => void): RunEnd {
    const clock = { nowNs: this.scenario.migration.warmUpNs + replication.precopy.ns };
    const timers = this.tape.timers.map((run) => {
      const { storage, spec } = run;
      const timer = new ImageTimer(this.scenario, storage, spec, run.stream, replication.draws, UNLIMITED);
      const durationNs = (op: StoreOp): TimeNs => {
        heard(run, op);
        return timer.expect([op]).meanNs;
      };
      return { durationNs };
    });
    return this.through(replication, clock, timers);
  }

  /** The stop from its begin to its end, as these timers have it. */
  private through(
    { precopy: { ns: runningNs, outcome }, bits }: Replication,
    clock: { nowNs: TimeNs },
    timers: readonly Pick<ImageTimer, 'durationNs'>[],
  ): RunEnd {
    const { migration } = this.scenario;
    const stopNs = clock.nowNs;
    const phasesNs = this.phasesNs.fill(0);
    let [sourceEndNs, destinationDoneNs] = [stopNs, 0];
    const { stretches } = this.tape;
    for (let i = 0; i < stretches.length; i++) {
      const { phase, parts, restNs } = stretches[i]!;
      const fromNs = clock.nowNs;
      if (phase === 'switch') sourceEndNs = fromNs;
      for (const part of parts) {
        clock.nowNs += part.beforeNs;
        if ('op' in part) clock.nowNs += timers[part.timer]!.durationNs(part.op);
        else if ('disk' in part) clock.nowNs += bits.recountNs[part.disk]!;
        else if (part.busyNs === null) clock.nowNs = Math.max(clock.nowNs, destinationDoneNs);
        else destinationDoneNs = clock.nowNs + part.busyNs;
      }
      clock.nowNs += phase === 'ram' ? outcome.ramStopNs : restNs;
      phasesNs[this.phases[i]!]! += clock.nowNs - fromNs;
    }
    const { metrics } = this.first;
    return {
      runningNs,
      stopNs,
      sourceEndNs: migration.returnPath ? clock.nowNs : sourceEndNs,
      resumeNs: clock.nowNs,
      phasesNs: mapPhases((_, index) => phasesNs[index]!),
      bitmapReadyNs: metrics.bitmapReadyNs,
      ramOverNs: outcome.ramMostNs - outcome.ramStopNs,
      limitNs: outcome.limitNs,
      ramLeftBytes: outcome.ramLeftBytes,
      bitsSetAtStop: bits.bitsSet,
      guestSlowdown: metrics.guestSlowdown,
      guest: bits,
      // Of all metrics of the first, those that are counted are taken, and the others replaced by what is measured here.
      counters: metrics,
    };
  }

  /** Timers that begin anew: each replication's streams, and its devices as the guest alone leaves them (contention.ts). */
  private timers(draws: Draws): readonly ImageTimer[] {
    const { timers } = this.tape;
    this.devices.clear();
    this.made ??= timers.map(
      ({ storage, spec, stream }) =>
        new ImageTimer(this.scenario, storage, spec, stream, draws, {
          ...UNLIMITED,
          now: () => this.clock.nowNs,
        }),
    );
    for (let i = 0; i < timers.length; i++)
      this.made[i]!.beginAnew(draws, this.deviceAtStop(timers[i]!.storage, draws));
    return this.made;
  }

  private deviceAtStop(storage: StorageSpec, { seed, replication }: Draws): Shared {
    const { opsPerS, burstOps, name } = storage;
    const isLimited = opsPerS !== Number.POSITIVE_INFINITY;
    if (!isLimited && !hasSpells(storage)) return UNLIMITED;
    const before = this.devices.get(name);
    if (before) return before;
    const spells = hasSpells(storage)
      ? new Spells(storage, namedStream(seed, replication, `storage/spells/${name}`))
      : undefined;
    const tokens = new TokenBucket(opsPerS, burstOps);
    if (isLimited) {
      tokens.setRate(opsPerS - guestDemand(this.scenario, storage).writesPerS, 0);
      tokens.setRate(opsPerS, this.clock.nowNs);
    }
    const device = { tokens, ...(spells && { spells }) };
    this.devices.set(name, device);
    return device;
  }
}
