/** One replication with what becomes of the bitmap: the runs as ever, and beside each the path of its outcome. */
import { assert } from '../../base/assert.js';
import { namedStream } from '../../kernel/rng.js';
import { drawOutcome, type MigrationTimeline, outcomeAt } from '../../sim/fate/draw.js';
import { fateRules } from '../../sim/fate/rules.js';
import type { StrategyKey } from '../../sim/fate/strategies.js';
import type { OutcomeSpec, Scenario, StrategySpec } from '../../sim/scenario.js';
import { type RunResult, runReplication } from '../run.js';
import { historyOf, type OutcomeCell, outcomeCell } from './cells.js';
import { preFlushOf, timesOnDemand } from './stop-times.js';

export interface RunWithFate extends RunResult {
  readonly fate: OutcomeCell;
}

const DONT_STORE = { drop: 'transient', stream: 'stream', postcopy: 'stream-postcopy' } as const;

function keyOf(spec: StrategySpec): StrategyKey {
  if (spec.name === 'store-at-stop') return 'store';
  if (spec.name === 'dont-store') return DONT_STORE[spec.variant];
  if (spec.name === 'pre-flush') return spec.layout === 'shadow' ? 'pre-flush-shadow' : 'pre-flush';
  return spec.name;
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
  const preFlush = preFlushOf(strategies);
  const times = timesOnDemand({ scenario, preFlush, seed, replications: [replication] });
  const rules = fateRules(scenario.qemu);
  const results = runReplication(scenario, strategies, seed, replication);
  return results.map((result, i) => {
    const key = keyOf(strategies[i]!);
    const name = nameOf(outcome, () => times[key].timeline, seed, replication);
    const fate = outcomeCell(name, key, historyOf(scenario), rules, (each) => times[each].stop);
    return { ...result, fate };
  });
}
