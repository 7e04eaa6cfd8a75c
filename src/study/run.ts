/** The only way to run a simulation: one replication of a scenario under strategies, with common random numbers. */

import { InputError } from '../base/errors.js';
import { remembered } from '../base/remembered.js';
import { ClockError } from '../kernel/kernel.js';
import type { Draws } from '../kernel/rng.js';
import { migrateMember } from '../sim/evacuation/member.js';
import { bitsAreFixed } from '../sim/guest/fixed-bits.js';
import { compared, onDemand } from '../sim/machine/measure.js';
import type { Pair, RunMetrics } from '../sim/machine/metrics.js';
import { mapPhases, type PhaseTimes } from '../sim/machine/phases.js';
import type { MigrationState } from '../sim/machine/result.js';
import { leastRamNs } from '../sim/migration/least-ram.js';
import { replaysOf } from '../sim/migration/replay.js';
import type { Replayed } from '../sim/migration/taped.js';
import type { LatencySpec, Scenario } from '../sim/scenario.js';
import { floorNs } from '../sim/stop/floor.js';
import { storagesOf } from '../sim/storage/places.js';
import { hasSpells } from '../sim/storage/spells.js';
import { isReference, proposedMark, REFERENCE, variantOfSpec } from '../sim/strategies/lookup.js';
import type { StrategySpec } from '../sim/strategies/registry.js';
import { mostExtreme } from './extreme.js';
import type { OutcomeCell } from './outcomes/cells.js';

/** What results call a strategy and its variant. */
export interface Labelled {
  readonly strategy: string;
  readonly variant: string | null;
}

export interface RunResult extends Labelled {
  readonly state: MigrationState;
  readonly reason: string | null;
  readonly metrics: RunMetrics;
  /** As in `MigrationResult`. */
  readonly drawsWrites?: boolean;
  /** Each phase minus that of the run without bitmaps: they add up to the bitmap downtime. */
  readonly addedNs: Readonly<PhaseTimes>;
  /** Where the outcome that the scenario asks for leaves each copy of the bitmap; absent where it asks for none. */
  readonly fate?: OutcomeCell;
}

const labels = new WeakMap<StrategySpec, Labelled>();

/** A strategy that is to be run, as results will call it. */
export function labelled(spec: StrategySpec): Labelled {
  return remembered(labels, spec, () => ({ strategy: spec.name, variant: variantOfSpec(spec).name }));
}

/** `dont-store/stream`, `store-at-stop`: how tables and sentences call a strategy. */
export function strategyLabel({ strategy, variant }: Labelled): string {
  return variant === null ? strategy : `${strategy}/${variant}`;
}

/** The same for readers: `pre-flush/in-place (proposed)`. */
export function strategyTitle(named: Labelled): string {
  return strategyLabel(named) + proposedMark(named.strategy);
}

/** What a run gives; where the clock cannot tell how long it takes, the parameter to blame. */
function withinClock<T>(scenario: Scenario, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ClockError)) throw error;
    throw new InputError(
      `${mostExtreme(scenario)}: the migration lasts longer than the clock can tell (104 days)`,
    );
  }
}

/**
 * All strategies of one replication. They share every random stream, so their differences are paired
 * (common random numbers); the run without bitmaps that they are compared with is made here. Pure.
 */
export function runReplication(
  scenario: Scenario,
  strategies: readonly StrategySpec[],
  seed: number,
  replication: number,
): RunResult[] {
  return withinClock(scenario, () => pairedRuns(scenario, strategies, { seed, replication }));
}

/** What a stop takes, in ns, or by how much it is over something; infinitely much where the migration outlasts the clock. */
export function orEndless(tell: () => number): number {
  try {
    return tell();
  } catch (error) {
    if (!(error instanceof ClockError)) throw error;
    return Number.POSITIVE_INFINITY;
  }
}

function pairedRuns(scenario: Scenario, strategies: readonly StrategySpec[], draws: Draws): RunResult[] {
  const reference = migrateMember(scenario, REFERENCE, draws);
  const least = floorNs(scenario);
  return strategies.map((spec) => {
    const result = isReference(spec.name) ? reference : migrateMember(scenario, spec, draws);
    const { metrics } = result;
    return {
      ...labelled(spec),
      state: result.state,
      reason: result.reason,
      drawsWrites: result.drawsWrites,
      metrics: compared({
        own: metrics,
        reference: reference.metrics,
        floorNs: least,
        leastRamNs: leastRamNs(scenario, result.pendingBytes),
      }),
      addedNs: mapPhases((phase) => metrics.phasesNs[phase] - reference.metrics.phasesNs[phase]),
    };
  });
}

/** Who tells the replications of one scenario, one after another. */
export type Replicator = (replication: number) => readonly RowOutcome[];

/** What a row of a file needs of a result; its metrics are to be read before the next replication. */
export type RowOutcome = Omit<RunResult, 'addedNs' | 'drawsWrites'>;

/** What a run is compared with beside its reference. */
type Beside = Pick<Pair, 'floorNs' | 'leastRamNs'>;

/** runReplication for a reader who takes what he needs of a replication at once: several times as fast where stops are plain. */
export function replicator(
  scenario: Scenario,
  strategies: readonly StrategySpec[],
  seed: number,
): Replicator {
  const plain = [REFERENCE, ...strategies].map((spec) => replaysOf(scenario, spec));
  if (plain.some((replays) => replays === null))
    return (replication) => runReplication(scenario, strategies, seed, replication);
  const besides = new Map<number, Beside>();
  const besideOf = ({ pendingBytes }: Replayed): Beside =>
    remembered(besides, pendingBytes, () => ({
      floorNs: floorNs(scenario),
      leastRamNs: leastRamNs(scenario, pendingBytes),
    }));
  const labels = strategies.map(labelled);
  const [reference, ...others] = plain;
  const told = (replication: number): readonly RowOutcome[] => {
    const draws = { seed, replication };
    const alone = reference!.run(draws);
    if (alone === null || 'metrics' in alone) return runReplication(scenario, strategies, seed, replication);
    const compareWith = onDemand(alone.end, besideOf(alone));
    const results: RowOutcome[] = [];
    for (const [i, { strategy, variant }] of labels.entries()) {
      const replayed = isReference(strategy) ? alone : others[i]!.run(draws);
      if (replayed === null || 'metrics' in replayed)
        return runReplication(scenario, strategies, seed, replication);
      const { state, reason, end } = replayed;
      const metrics = onDemand(end, besideOf(replayed), compareWith);
      results.push({ strategy, variant, state, reason, metrics });
    }
    return results;
  };
  return (replication) => withinClock(scenario, () => told(replication));
}

const isConstant = (latency: LatencySpec): boolean => latency.kind === 'constant';

/**
 * True where nothing is left to chance: no faults drawn, RAM always sent at the same speed, constant latencies, no spells, and
 * bitmaps that no random write can change. One run says it all. (Of VMs that leave together each waits for others in its own way.)
 */
export function isDeterministic(scenario: Scenario): boolean {
  const { host, outcome, evacuation, mirror } = scenario;
  return (
    evacuation === undefined &&
    mirror === undefined &&
    outcome?.kind !== 'fault-rates' &&
    host.ramSpread === 0 &&
    storagesOf(scenario).every(
      (storage) =>
        !hasSpells(storage) && Object.values(storage.ops).every(({ latency }) => isConstant(latency)),
    ) &&
    bitsAreFixed(scenario)
  );
}
