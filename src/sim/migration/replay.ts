/**
 * Replications of a plain strategy (`Strategy.isPlain`) without telling the migration anew. The pre-copy and the guest's bits
 * of each are its own; the requests of the stop follow from the bits, so those of the first replication with such bits
 * are gone through again, each timed as its own streams say. The result is that of the whole story, to the last digit.
 */
import { remembered } from '../../base/remembered.js';
import type { TimeNs } from '../../kernel/kernel.js';
import { type Draws, namedStream } from '../../kernel/rng.js';
import { bitsBelowAreFixed } from '../guest/fixed-bits.js';
import { measured } from '../machine/measure.js';
import type { MigrationResult } from '../machine/result.js';
import { Tape } from '../machine/tape.js';
import type { Scenario } from '../scenario.js';
import { atMeanTimes } from '../storage/mean-times.js';
import { hooksOf } from '../strategies/lookup.js';
import type { StrategySpec } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';
import { Bits, type BitsAtStop, NO_BITS } from './bits-at-stop.js';
import { migrate, migrateWith } from './controller.js';
import { precopyOf, ramSpeed } from './precopy.js';
import { type EndedPrecopy, precopyAlone, steadily } from './precopy-alone.js';
import { FIRST, isRepeatable, type OneForAll, type Replayed, Taped } from './taped.js';

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

/** The same as `migrate`, several times as fast where the strategy is plain. */
export function migrateAgain(scenario: Scenario, spec: StrategySpec, draws: Draws): MigrationResult {
  const result = replaysOf(scenario, spec)?.run(draws) ?? migrate(scenario, spec, draws);
  if ('metrics' in result) return result;
  const { end, ...ended } = result;
  return { ...ended, metrics: measured(end) };
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
