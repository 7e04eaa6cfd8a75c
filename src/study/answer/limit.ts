/**
 * What downtime-limit to set. RAM takes as much of the stop as the limit lets it, and what the bitmaps and all the rest take
 * comes on top; so the limit that fits is what the budget leaves, as far as RAM still converges at it.
 */
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { summariseMean } from '../../stats/mean.js';
import { studentQuantile } from '../../stats/student.js';
import { type RunResult, runReplication } from '../run.js';
import type { Verdict } from '../verdict.js';
import { type Replicated, replicate } from './replicate.js';
import { verdictOn } from './summary.js';

const MS = 1e6;
/** QEMU takes no more. */
const MOST_NS = 2000e9;
/** If the first guess is too long, by how much less it is tried again. */
const STEPS = [1, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2];

const withLimit = (situation: Replicated, downtimeLimitNs: number): Replicated => {
  const { scenario } = situation;
  return { ...situation, scenario: { ...scenario, migration: { ...scenario.migration, downtimeLimitNs } } };
};

/** The verdict at another limit; the first migration tells whether it converges at all. */
function verdictAt(situation: Replicated, spec: StrategySpec, limitNs: number): Verdict {
  const there = withLimit(situation, limitNs);
  const [first] = runReplication(there.scenario, [spec], there.seed, 0);
  if (first!.state !== 'completed') return first!.state;
  const [runs] = replicate(there, [spec]);
  return verdictOn(runs!, there.budget, runs!.length === 1);
}

/** For each run the limit at which it would just keep the budget; a guess, since it takes the rest of the stop as given. */
function justKept(runs: readonly RunResult[], { scenario, budget }: Replicated): readonly number[] {
  return runs.map(({ metrics: { downtimeNs, stopAtLimitNs, phasesNs } }) => {
    const restNs = downtimeNs - phasesNs.ram;
    const ramNs = stopAtLimitNs - restNs;
    const perLimit = ramNs / Math.max(1, scenario.migration.downtimeLimitNs);
    return perLimit > 0 ? Math.min(MOST_NS, (budget.stop - restNs) / perLimit) : MOST_NS;
  });
}

/** A limit that nearly all migrations keep the budget at, in whole milliseconds. */
function guess(limits: readonly number[]): number {
  const { n, mean, sd } = summariseMean(limits);
  const far = sd === null ? 0 : studentQuantile(0.999, n - 1) * sd * Math.sqrt(1 + 1 / n);
  const safe = mean - far;
  const low = Math.min(...limits);
  return Math.floor((safe > low / 2 ? safe : low) / MS) * MS;
}

/** The first limit above the present one, by doubling, at which the migration converges; null: none. */
function converging(situation: Replicated, spec: StrategySpec): number | null {
  const from = Math.max(MS, situation.scenario.migration.downtimeLimitNs);
  for (let limitNs = 2 * from; limitNs <= MOST_NS; limitNs *= 2) {
    const { scenario, seed } = withLimit(situation, limitNs);
    if (runReplication(scenario, [spec], seed, 0)[0]!.state === 'completed') return limitNs;
  }
  return null;
}

/**
 * The largest downtime-limit (up to the spread of the stop) at which the strategy's whole stop fits, in nanoseconds;
 * null where none does. `runs` and `verdict` are those at the present limit.
 */
export function limitThatFits(
  situation: Replicated,
  spec: StrategySpec,
  runs: () => readonly RunResult[],
  verdict: Verdict,
): number | null {
  const present = situation.scenario.migration.downtimeLimitNs;
  const fits = (limitNs: number): boolean => verdictAt(situation, spec, limitNs) === 'fits';
  if (verdict === 'failed' || verdict === 'too-much') return null;
  if (verdict === 'not-converged') {
    const limitNs = converging(situation, spec);
    return limitNs !== null && fits(limitNs) ? limitNs : null;
  }
  const most = guess(justKept(runs(), situation));
  if (verdict === 'fits') return most > present && fits(most) ? most : present;
  for (const step of STEPS) {
    const limitNs = Math.floor((most * step) / MS) * MS;
    if (limitNs < MS) return null;
    const there = verdictAt(situation, spec, limitNs);
    if (there === 'fits') return limitNs;
    if (there === 'not-converged') return null;
  }
  return null;
}
