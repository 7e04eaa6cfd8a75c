/** How studies have simulations run: they say which, and whoever calls them brings the threads. */
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
