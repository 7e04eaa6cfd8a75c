/**
 * A replication of a scenario that is one of many VMs leaving a host (`Scenario.evacuation`): replication r is VM r mod n of
 * evacuation r div n, so that what is asked of replications is asked of VMs.
 */
import { remembered } from '../../base/remembered.js';
import type { Draws } from '../../kernel/rng.js';
import type { MigrationResult } from '../machine/result.js';
import { migrateAgain } from '../migration/replay.js';
import type { Scenario } from '../scenario.js';
import type { StrategySpec } from '../strategies/registry.js';
import { type Evacuated, evacuate } from './evacuate.js';

/** The evacuation that was asked for last: its VMs are asked for one after another. */
interface Last {
  readonly seed: number;
  readonly first: number;
  readonly results: Evacuated;
}

const known = new WeakMap<Scenario, Map<StrategySpec, Last>>();
const alone = new WeakMap<Scenario, Scenario>();

/** The scenario as one VM sees it. */
export function oneVm(scenario: Scenario): Scenario {
  return remembered(alone, scenario, () => {
    const { evacuation: _, ...own } = scenario;
    return own;
  });
}

/** One replication, wherever the VM is. */
export function migrateMember(scenario: Scenario, spec: StrategySpec, draws: Draws): MigrationResult {
  const { evacuation } = scenario;
  if (!evacuation) return migrateAgain(scenario, spec, draws);
  const { vms, parallel } = evacuation;
  const { seed, replication } = draws;
  const first = replication - (replication % vms);
  const ofScenario = remembered(known, scenario, () => new Map<StrategySpec, Last>());
  let last = ofScenario.get(spec);
  if (last?.seed !== seed || last.first !== first) {
    const kinds = evacuation.listed ?? [oneVm(scenario)];
    const all = Array.from({ length: vms }, (_, j) => kinds[j % kinds.length]!);
    last = { seed, first, results: evacuate(all, parallel, spec, { seed, replication: first }) };
    ofScenario.set(spec, last);
  }
  return last.results[replication - first]!;
}
