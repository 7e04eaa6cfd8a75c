/**
 * Replications of a plain strategy (`Strategy.isPlain`) without telling the migration anew. The pre-copy and the guest's bits
 * of each are its own; the requests of the stop follow from the bits, so those of the first replication with such bits
 * are gone through again, each timed as its own streams say. The result is that of the whole story, to the last digit.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import { type Draws, namedStream } from '../../kernel/rng.js';
import { bitsBelowAreFixed } from '../guest/fixed-bits.js';
import { guestDemand } from '../machine/guest-demand.js';
import { ImageTimer } from '../machine/image-timer.js';
import { measured } from '../machine/measure.js';
import { noPhases } from '../machine/phases.js';
import type { MigrationResult } from '../machine/result.js';
import { Tape } from '../machine/tape.js';
import type { Scenario, StorageSpec } from '../scenario.js';
import { hasSpells, Spells } from '../storage/spells.js';
import type { TimerOptions } from '../storage/timer.js';
import { TokenBucket } from '../storage/token-bucket.js';
import { hooksOf } from '../strategies/lookup.js';
import type { StrategySpec } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';
import { Bits, type BitsAtStop, NO_BITS } from './bits-at-stop.js';
import { migrate, migrateWith } from './controller.js';
import { ramSpeed } from './precopy.js';
import { type EndedPrecopy, precopyAlone } from './precopy-alone.js';

/** What all replications of a scenario have in common. */
interface Known {
  readonly bits: Bits;
  readonly strategies: WeakMap<StrategySpec, Replays | null>;
  /** The pre-copy at the last speed: strategies of one replication share it. */
  last: { readonly speed: number; readonly precopy: EndedPrecopy | null } | undefined;
}

const known = new WeakMap<Scenario, Known>();

/** The same as `migrate`, several times as fast where the strategy is plain. */
export function migrateAgain(scenario: Scenario, spec: StrategySpec, draws: Draws): MigrationResult {
  const common = known.get(scenario) ?? {
    bits: new Bits(scenario),
    strategies: new WeakMap(),
    last: undefined,
  };
  known.set(scenario, common);
  let replays = common.strategies.get(spec);
  if (replays === undefined) {
    const strategy = hooksOf(spec);
    const isPlain =
      strategy.isPlain?.(scenario) && (strategy.hasBitmaps === false || bitsBelowAreFixed(scenario));
    replays = isPlain ? new Replays(scenario, strategy, common) : null;
    common.strategies.set(spec, replays);
  }
  return replays?.run(draws) ?? migrate(scenario, spec, draws);
}

/** Of this many replications whose bits nobody met before, one in two at least must have helped another. */
const TRIALS = 32;

class Replays {
  private readonly scenario: Scenario;
  private readonly strategy: Strategy;
  private readonly common: Known;
  private readonly taped = new Map<string, Taped>();
  private met = 0;

  constructor(scenario: Scenario, strategy: Strategy, common: Known) {
    this.scenario = scenario;
    this.strategy = strategy;
    this.common = common;
  }

  /** Null: the bits differ so much that the whole story is no dearer. */
  run(draws: Draws): MigrationResult | null {
    if (this.taped.size >= TRIALS && this.met < 2 * this.taped.size) return null;
    const precopy = this.precopyOf(draws);
    if (precopy === null) return null;
    const { warmUpNs } = this.scenario.migration;
    const bits = this.strategy.delivers ? this.common.bits.at(warmUpNs + precopy.ns, draws) : NO_BITS;
    this.met++;
    const taped = this.taped.get(bits.key);
    if (taped) return taped.again({ draws, precopy, bits });
    const tape = new Tape();
    const result = migrateWith(this.scenario, this.strategy, draws, { tape });
    if (result.state !== 'failed') this.taped.set(bits.key, new Taped(this.scenario, tape, result));
    return result;
  }

  private precopyOf({ seed, replication }: Draws): EndedPrecopy | null {
    const { scenario, common } = this;
    const speed = ramSpeed(scenario.host, () => namedStream(seed, replication, 'ram/speed'));
    if (common.last?.speed !== speed) common.last = { speed, precopy: precopyAlone(scenario, speed, 0) };
    return common.last.precopy;
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
class Taped {
  private readonly scenario: Scenario;
  private readonly tape: Tape;
  private readonly first: MigrationResult;

  constructor(scenario: Scenario, tape: Tape, first: MigrationResult) {
    this.scenario = scenario;
    this.tape = tape;
    this.first = first;
  }

  again({ draws, precopy: { ns: runningNs, outcome }, bits }: Replication): MigrationResult {
    const { migration } = this.scenario;
    const stopNs = migration.warmUpNs + runningNs;
    const clock = { nowNs: stopNs };
    const timers = this.timers(draws, stopNs, clock);
    const phasesNs = noPhases();
    let sourceEndNs = stopNs;
    for (const { phase, parts, restNs } of this.tape.stretches) {
      const fromNs = clock.nowNs;
      if (phase === 'switch') sourceEndNs = fromNs;
      for (const part of parts) {
        clock.nowNs += part.beforeNs;
        clock.nowNs += 'op' in part ? timers[part.timer]!.durationNs(part.op) : bits.recountNs[part.disk]!;
      }
      clock.nowNs += phase === 'ram' ? outcome.ramStopNs : restNs;
      phasesNs[phase] += clock.nowNs - fromNs;
    }
    const { metrics } = this.first;
    const end = {
      runningNs,
      stopNs,
      sourceEndNs: migration.returnPath ? clock.nowNs : sourceEndNs,
      resumeNs: clock.nowNs,
      phasesNs,
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
    const isReady = outcome.state === 'ready';
    return {
      state: isReady ? 'completed' : 'not-converged',
      reason: isReady ? null : outcome.reason,
      metrics: measured(end),
      pendingBytes: 0,
      drawsWrites: bits.drawsWrites,
    };
  }

  private timers(
    { seed, replication }: Draws,
    stopNs: TimeNs,
    clock: { readonly nowNs: TimeNs },
  ): ImageTimer[] {
    const devices = new Map<string, Shared>();
    const now = (): TimeNs => clock.nowNs;
    const stream = (name: string) => namedStream(seed, replication, name);
    return this.tape.timers.map(({ file: { storage, spec }, stream: name }) => {
      const device = devices.get(storage.name) ?? this.deviceAtStop(storage, stopNs, stream);
      devices.set(storage.name, device);
      return new ImageTimer(this.scenario, storage, spec, stream(name), { ...device, now });
    });
  }

  /** As the guest alone leaves it (machine/contention.ts). */
  private deviceAtStop(
    storage: StorageSpec,
    stopNs: TimeNs,
    stream: (name: string) => ReturnType<typeof namedStream>,
  ): Shared {
    const { opsPerS, burstOps } = storage;
    const spells = hasSpells(storage)
      ? { spells: new Spells(storage, stream(`storage/spells/${storage.name}`)) }
      : {};
    if (opsPerS === Number.POSITIVE_INFINITY) return { ...UNLIMITED, ...spells };
    const tokens = new TokenBucket(opsPerS, burstOps);
    tokens.setRate(opsPerS - guestDemand(this.scenario, storage).writesPerS, 0);
    tokens.setRate(opsPerS, stopNs);
    return { tokens, ...spells };
  }
}
