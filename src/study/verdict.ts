/** Does a strategy fit the budget? Decided here and nowhere else, for one answer as for each row of a sweep. */
import type { MigrationState } from '../sim/machine/result.js';

/** A strategy fits the budget if no more than this share of migrations is expected to exceed it. */
export const TOLERATED_SHARE = 0.05;

/** Whether a strategy that stops the guest for longer than the budget in this share of migrations keeps the budget. */
export function keepsBudget(overBudget: number): boolean {
  return overBudget <= TOLERATED_SHARE;
}

/** Of a strategy whose replications did not all complete, the state itself: its times are not those of a plain stop. */
export type Verdict = 'fits' | 'too-much' | Exclude<MigrationState, 'completed'>;

/** What a run or a row of a file tells of how it ended. */
interface Ended {
  readonly state?: string | undefined;
}

/** The replication that speaks for all: one that failed, else one that did not converge; none where all completed. */
export function firstTrouble<T extends Ended>(replications: readonly T[]): T | undefined {
  return (
    replications.find(({ state }) => state === 'failed') ??
    replications.find(({ state }) => state === 'not-converged')
  );
}

/** The verdict on one strategy's replications, `overBudget` of which (a share) stop the guest for longer than the budget. */
export function verdictOf(replications: readonly Ended[], overBudget: number): Verdict {
  const state = firstTrouble(replications)?.state;
  if (state === 'failed' || state === 'not-converged') return state;
  return keepsBudget(overBudget) ? 'fits' : 'too-much';
}

/** "Is it too much?" has two answers: a stop that never comes, or that loses bits, is no fit either. */
export function isTooMuch(verdict: Verdict): 'fits' | 'too-much' {
  return verdict === 'fits' ? 'fits' : 'too-much';
}
