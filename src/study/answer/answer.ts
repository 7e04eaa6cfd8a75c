/**
 * One situation answered: replications of all strategies, summarised as `ask --json` gives them (its keys are a
 * contract with other programs), with the verdict and its reason.
 */
import { toMs } from '../../base/units.js';
import type { Resolved } from '../../input/resolve.js';
import { floorNs } from '../../sim/stop/floor.js';
import { isJudged } from '../../sim/strategies/lookup.js';
import { isDeterministic, type RunResult, runReplication } from '../run.js';
import { isTooMuch } from '../verdict.js';
import { type Bound, because, boundBy, chooseBest } from './because.js';
import { type BreakEven, breakEven } from './break-even.js';
import { type StrategyAnswer, summariseStrategy } from './summary.js';

export interface Answer {
  readonly question: Readonly<Record<string, unknown>>;
  readonly budget_ms: number;
  readonly strategies: readonly StrategyAnswer[];
  /** Of what QEMU does today (store-at-stop): is it too much? Null where it was not among the strategies asked for. */
  readonly verdict: 'fits' | 'too-much' | null;
  readonly best: string | null;
  readonly because: string;
  /** What most of the time of store-at-stop goes to; null as `verdict`. */
  readonly bound_by: Bound | null;
  readonly break_even: BreakEven;
  /** The least that bitmaps can add if a durable copy is left. */
  readonly floor_ms: number;
}

/** Runs all replications of one resolved situation. `onReplication` is told after each, for a progress bar. */
export function answer(
  resolved: Resolved,
  onReplication: (done: number, of: number) => void = () => {},
): Answer {
  const { scenario, strategies, seed, budgetNs } = resolved;
  const replications = isDeterministic(scenario) ? 1 : resolved.replications;
  const runs: RunResult[][] = [];
  for (let replication = 0; replication < replications; replication++) {
    runs.push(runReplication(scenario, strategies, seed, replication));
    onReplication(replication + 1, replications);
  }
  const summaries = strategies.map((_, s) =>
    summariseStrategy(
      runs.map((results) => results[s]!),
      budgetNs,
      replications === 1 && isDeterministic(scenario),
    ),
  );
  const store = summaries.find(({ strategy }) => isJudged(strategy));
  const best = chooseBest(summaries);
  return {
    question: resolved.question,
    budget_ms: budgetNs / 1e6,
    strategies: summaries,
    verdict: store === undefined ? null : isTooMuch(store.verdict),
    best: best?.label ?? null,
    because: because(resolved, summaries, best),
    bound_by: store === undefined ? null : boundBy(resolved, store),
    break_even: breakEven(resolved, store),
    floor_ms: toMs(floorNs(scenario)),
  };
}
