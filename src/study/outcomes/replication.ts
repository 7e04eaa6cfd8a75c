/** One replication with what becomes of the bitmap: the runs as ever, and beside each the path of its outcome. */
import { assert } from '../../base/assert.js';
import { drawOutcome, type MigrationTimeline, outcomeAt } from '../../fate/draw.js';
import { rulesOf } from '../../fate/rules.js';
import { namedStream } from '../../kernel/rng.js';
import type { OutcomeSpec, Scenario } from '../../sim/scenario.js';
import { usualRouteOf } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { type RunResult, runReplication } from '../run.js';
import { historyOf, type OutcomeCell, outcomeCell } from './cells.js';
import { timesOnDemand } from './stop-times.js';

export interface RunWithFate extends RunResult {
  readonly fate: OutcomeCell;
}

/** Every strategy meets the same faults: the stream is named after the draw, not after who draws. */
function nameOf(
  spec: OutcomeSpec,
  timeline: () => MigrationTimeline,
  seed: number,
  replication: number,
): string {
  if (spec.kind === 'named') return spec.name;
  if (spec.kind === 'fault') return outcomeAt(spec.fault, spec.atNs, timeline());
  return drawOutcome(namedStream(seed, replication, 'fault'), spec.perS, timeline(), spec.killShare).outcome;
}

/** runReplication, and for each strategy where the scenario's outcome leaves every copy. Pure. */
export function runWithFates(
  scenario: Scenario,
  strategies: readonly StrategySpec[],
  seed: number,
  replication: number,
): RunWithFate[] {
  const { outcome } = scenario;
  assert(outcome, 'the scenario asks for an outcome');
  const times = timesOnDemand({ scenario, strategies, seed, replications: [replication] });
  const rules = rulesOf(scenario);
  const results = runReplication(scenario, strategies, seed, replication);
  return results.map((result, i) => {
    const route = usualRouteOf(strategies[i]!);
    const name = nameOf(outcome, () => times[route.name]!.timeline, seed, replication);
    const fate = outcomeCell(name, route, historyOf(scenario), rules, (each) => times[each]?.stop);
    return { ...result, fate };
  });
}
