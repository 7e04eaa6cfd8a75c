/**
 * One situation answered: replications of all strategies, summarised as `ask --json` gives them (its keys are a
 * contract with other programs), with the verdict and its reason.
 */
import { toMs } from '../../base/units.js';
import type { Resolved } from '../../input/resolve.js';
import { floorNs } from '../../sim/stop/floor.js';
import { isJudged } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { doubtsFor } from '../doubts.js';
import { judgedOf } from '../judged.js';
import { isDeterministic, type RunResult } from '../run.js';
import type { Uncertainty } from '../uncertainty/uncertainty.js';
import type { Verdict } from '../verdict.js';
import { type Bound, because, boundBy, chooseBest } from './because.js';
import { type BreakEven, breakEven } from './break-even.js';
import { exactly } from './exact.js';
import { limitThatFits } from './limit.js';
import { replicate, type Tick } from './replicate.js';
import { type StrategyAnswer, summariseStrategy } from './summary.js';

export interface Answer {
  readonly question: Readonly<Record<string, unknown>>;
  readonly budget_ms: number;
  readonly strategies: readonly StrategyAnswer[];
  /** Of the judged strategy: what QEMU does today, or the only one asked for. Null where it is not among several. */
  readonly verdict: Verdict | null;
  /** Which strategy that is, as an index of `strategies`; null as `verdict`. */
  readonly judged: number | null;
  /** Mean stop of the same guest without bitmaps, and what downtime-limit lets it take. */
  readonly guest_alone_ms: number;
  readonly guest_alone_most_ms: number;
  /** The judged strategy's bitmap work as a part of the budget; null as `verdict`. */
  readonly bitmap_share_of_budget: number | null;
  /** The largest downtime-limit at which the judged strategy's whole stop fits and RAM converges; null: none. */
  readonly limit_that_fits_ms: number | null;
  readonly best: string | null;
  readonly because: string;
  /** What most of the time of store-at-stop goes to; null where it was not asked for. */
  readonly bound_by: Bound | null;
  readonly break_even: BreakEven;
  /** The least that bitmaps can add if a durable copy is left. */
  readonly floor_ms: number;
  /** How many figures of the presets may be off; intervals and shares over budget are of chance alone, without them. */
  readonly doubtful_figures: number;
  /** How far all of this may be off; where it was asked for. */
  readonly uncertainty?: Uncertainty;
}

/** The answer without what is searched for: each search takes about as many runs as all the rest, or several times so many. */
export type Judgement = Omit<Answer, 'limit_that_fits_ms' | 'break_even'>;

/** A situation that was run: what its runs say, and what can be searched for from there. */
export interface Studied {
  readonly judgement: Judgement;
  limitMs(): number | null;
  breakEven(): BreakEven;
}

/** Runs all replications of one resolved situation, and searches for nothing yet. `tick` as in `answer`. */
export function studied(resolved: Resolved, tick: Tick = () => {}): Studied {
  const { scenario, strategies, seed, budgetNs, bitmapBudgetNs, allowedShare } = resolved;
  const budget = { stop: budgetNs, bitmaps: bitmapBudgetNs, allowed: allowedShare };
  const situation = { scenario, seed, replications: resolved.replications, budget };
  const exact = isDeterministic(scenario);
  const known = strategies.map((spec) =>
    exact || resolved.replicationsAsked ? null : exactly(scenario, spec, budget),
  );
  // Those whose law is not known go together; of the others replications are made only where somebody searches with them.
  const open = strategies.filter((_, i) => known[i] === null);
  const made = new Map<StrategySpec, RunResult[]>();
  const runs = (spec: StrategySpec): RunResult[] => {
    if (!made.has(spec)) {
      const isOpen = open.includes(spec);
      const together = isOpen ? open : [spec];
      for (const [i, each] of replicate(situation, together, tick, !isOpen).entries())
        made.set(together[i]!, each);
    }
    return made.get(spec)!;
  };
  const summaries = known.map((each, i) => each ?? summariseStrategy(runs(strategies[i]!), budget, exact));
  const first = summaries[0]!;
  const judged = judgedOf(resolved);
  const main = judged === null ? undefined : summaries[judged]!;
  const best = chooseBest(summaries);
  const store = summaries.find(({ strategy }) => isJudged(strategy));
  return {
    judgement: {
      question: resolved.question,
      budget_ms: budgetNs / 1e6,
      strategies: summaries,
      verdict: main?.verdict ?? null,
      judged,
      guest_alone_ms: first.downtime_ms.mean - first.bitmap_downtime_ms.mean,
      guest_alone_most_ms: first.stop_at_limit_ms - first.bitmap_work_ms,
      bitmap_share_of_budget: main ? (main.bitmap_work_ms * 1e6) / budgetNs : null,
      best: best?.label ?? null,
      because: because(resolved, summaries, best),
      bound_by: store === undefined ? null : boundBy(resolved, store),
      floor_ms: toMs(floorNs(scenario)),
      doubtful_figures: doubtsFor(resolved, strategies).length,
    },
    limitMs: () => {
      if (judged === null) return null;
      const spec = strategies[judged]!;
      const limitNs = limitThatFits(situation, spec, () => runs(spec), main!.verdict);
      return limitNs === null ? null : toMs(limitNs);
    },
    breakEven: () => {
      const spec = strategies.find(({ name }) => name === store?.strategy);
      return breakEven(resolved, spec, store, () => runs(spec!));
    },
  };
}

/** Searches for what is left. */
export function answered({ judgement, limitMs, breakEven: even }: Studied): Answer {
  const { best, because: why, bound_by, floor_ms, doubtful_figures, ...judged } = judgement;
  return {
    ...judged,
    limit_that_fits_ms: limitMs(),
    best,
    because: why,
    bound_by,
    break_even: even(),
    floor_ms,
    doubtful_figures,
  };
}

/** Runs all replications of one resolved situation. `tick` is told after each, for a progress bar. */
export function answer(resolved: Resolved, tick?: Tick): Answer {
  return answered(studied(resolved, tick));
}

/** The same as far as the verdict goes, several times as fast: for programs that ask many questions. */
export function judge(resolved: Resolved, tick?: Tick): Judgement {
  return studied(resolved, tick).judgement;
}
