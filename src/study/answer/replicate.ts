/** Replications of some strategies, as many as their verdicts need. */
import type { Scenario } from '../../sim/scenario.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { isDeterministic, type RunResult, runReplication } from '../run.js';
import type { Budget } from '../verdict.js';
import { verdictOn } from './summary.js';

/** A borderline verdict is given only after so many; a share of 5 % is then known to 1.4 %. */
const REPLICATIONS_MAX = 1000;
/** A spread is known roughly by then; below 74 even no stop over budget leaves open whether 5 % are, unless it is far. */
const STEPS = [10, 80];

export interface Replicated {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly replications: number;
  /** In nanoseconds. */
  readonly budget: Budget;
}

/** Runs for which writes were drawn one by one: more of them than were asked for may take minutes. */
export function isDear(runs: readonly RunResult[]): boolean {
  return runs.some(({ drawsWrites }) => drawsWrites);
}

/** Told after each replication, for a progress bar. */
export type Tick = (done: number, of: number) => void;

/**
 * The runs of each strategy: so many as were asked for, and more, up to a bound, of those whose verdict is still
 * borderline, unless they are dear or the verdict follows from elsewhere (`settled`). Where nothing is left to chance, one.
 */
export function replicate(
  { scenario, seed, replications, budget }: Replicated,
  specs: readonly StrategySpec[],
  tick: Tick = () => {},
  settled = false,
): RunResult[][] {
  const exact = isDeterministic(scenario);
  const runs: RunResult[][] = specs.map(() => []);
  let open = specs.map((spec, i) => ({ spec, runs: runs[i]! }));
  let target = exact ? 1 : replications;
  for (let n = 0; n < target && open.length > 0; ) {
    for (; n < target; n++) {
      const results = runReplication(
        scenario,
        open.map(({ spec }) => spec),
        seed,
        n,
      );
      for (const [i, result] of results.entries()) open[i]!.runs.push(result);
      tick(n + 1, target);
    }
    if (exact || runs.some(isDear)) break;
    open = open.filter((each) => !settled && verdictOn(each.runs, budget, false) === 'borderline');
    const more = STEPS.find((step) => step > n) ?? 2 * n;
    if (open.length > 0) target = Math.max(target, Math.min(REPLICATIONS_MAX, more));
  }
  return runs;
}
