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

/** By strategy. */
type Lasts = Map<string, Last>;

const known = new WeakMap<Scenario, Lasts>();
/** Of the scenario asked for last, as text: a worker is handed a copy of it with every few replications. */
let latest: { readonly text: string; readonly lasts: Lasts } | undefined;

function lastsOf(scenario: Scenario): Lasts {
  return remembered(known, scenario, () => {
    // Of a trace the text would be as long as the trace.
    if (scenario.guest.kind === 'trace') return new Map();
    const text = JSON.stringify(scenario);
    if (latest?.text !== text) latest = { text, lasts: new Map() };
    return latest.lasts;
  });
}

/** So many replications, from a multiple of this number on, come out of one simulation. */
export function simulatedTogether({ evacuation }: Scenario): number {
  return evacuation?.vms ?? 1;
}

/** Which of the simulations of its point a replication comes out of. */
export function simulationOf(scenario: Scenario, replication: number): number {
  return Math.floor(replication / simulatedTogether(scenario));
}

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
  const { parallel } = evacuation;
  const { seed, replication } = draws;
  const vms = simulatedTogether(scenario);
  const first = replication - (replication % vms);
  const lasts = lastsOf(scenario);
  const strategy = JSON.stringify(spec);
  let last = lasts.get(strategy);
  if (last?.seed !== seed || last.first !== first) {
    const kinds = evacuation.listed ?? [oneVm(scenario)];
    const all = Array.from({ length: vms }, (_, j) => kinds[j % kinds.length]!);
    last = { seed, first, results: evacuate(all, parallel, spec, { seed, replication: first }) };
    lasts.set(strategy, last);
  }
  return last.results[replication - first]!;
}
