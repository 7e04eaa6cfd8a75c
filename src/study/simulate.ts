/** How studies have simulations run: they say which, and whoever calls them brings the threads. */
import { simulatedTogether } from '../sim/evacuation/member.js';
import type { RunMetrics } from '../sim/machine/metrics.js';
import type { MigrationState } from '../sim/machine/result.js';
import type { Scenario } from '../sim/scenario.js';
import type { StrategySpec } from '../sim/strategies/registry.js';

/** Replications of one situation under some strategies. */
export interface Work {
  readonly scenario: Scenario;
  readonly strategies: readonly StrategySpec[];
  readonly seed: number;
  readonly replications: readonly number[];
}

/** What a run came to; no metrics where the run itself broke. */
export interface Ran {
  readonly state: MigrationState;
  readonly reason: string | null;
  readonly metrics: RunMetrics | null;
}

/** Results by replication, and in each by strategy. The same whoever runs it. */
export type Simulate = (work: Work) => Promise<readonly (readonly Ran[])[]>;

/** The replications from one number up to another, that one left out. */
export function replicationsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Equal parts of the work, in order, for so many threads; what comes out of one simulation stays together. */
export function inParts(work: Work, threads: number): Work[] {
  const { replications, scenario } = work;
  const whole = simulatedTogether(scenario);
  const each = Math.ceil(replications.length / threads);
  const size = whole * Math.max(1, Math.ceil(each / whole));
  const starts = Array.from({ length: Math.ceil(replications.length / size) }, (_, i) => i * size);
  return starts.map((start) => ({ ...work, replications: replications.slice(start, start + size) }));
}

/** What the model says of a migration that outlasts its clock: for a budget that is only "too long". */
const OUTLASTS = /lasts longer than the clock can tell/;

/** What the stop is read from. */
export type Stopped = Pick<Ran, 'state' | 'reason'> & {
  readonly metrics: Pick<RunMetrics, 'downtimeNs'> | null;
};

/** The whole stop in ns; Infinity where the migration does not end as it should. */
export function stopNs({ state, reason, metrics }: Stopped): number {
  if (metrics === null && !OUTLASTS.test(reason ?? '')) throw new Error(reason ?? 'a run without a result');
  return state === 'completed' && metrics !== null ? metrics.downtimeNs : Number.POSITIVE_INFINITY;
}
