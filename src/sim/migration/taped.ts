/** One stop, noted by a run that told the whole story (machine/tape.ts), gone through again with other times. */
import type { TimeNs } from '../../kernel/kernel.js';
import { type Draws, namedStream } from '../../kernel/rng.js';
import { guestDemand } from '../machine/guest-demand.js';
import { ImageTimer } from '../machine/image-timer.js';
import type { RunEnd } from '../machine/metrics.js';
import { mapPhases, PHASES } from '../machine/phases.js';
import type { MigrationResult } from '../machine/result.js';
import type { Tape, TapedTimer } from '../machine/tape.js';
import type { Scenario, StorageSpec } from '../scenario.js';
import { hasSpells, Spells } from '../storage/spells.js';
import type { TimerOptions } from '../storage/timer.js';
import { TokenBucket } from '../storage/token-bucket.js';
import type { StoreOp } from '../types.js';
import type { BitsAtStop } from './bits-at-stop.js';
import type { EndedPrecopy, SteadyPending } from './precopy-alone.js';

/** How a replication ended, before its metrics are worked out. */
export interface Replayed extends Omit<MigrationResult, 'metrics'> {
  readonly end: RunEnd;
}

/** What others are about is not in any tape, nor what mirrors have left to copy; post-copy has another order. */
export function isRepeatable({ evacuation, mirror, migration }: Scenario): boolean {
  return !evacuation && !mirror && !migration.postcopyRam && !migration.autoConverge;
}

/** Where the bits are fixed all stops make the same requests, and only their times differ. */
export interface OneForAll {
  readonly pending: SteadyPending;
  /** A run of mean times; `heard` is told of its requests. */
  mean(precopy: EndedPrecopy, heard: (run: TapedTimer, op: StoreOp) => void): RunEnd;
}

/** Where the bits are fixed the draws do not matter: one run is made for all. */
export const FIRST: Draws = { seed: 0, replication: 0 };

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
