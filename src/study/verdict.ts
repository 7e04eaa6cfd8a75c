/** Does a strategy fit the budget? Decided here and nowhere else, for one answer as for each row of a sweep. */
import type { MigrationState } from '../sim/machine/result.js';
import { summariseExceedance } from '../stats/exceedance.js';
import type { ProportionSummary } from '../stats/proportion.js';

/** The share of migrations that may be over the budget unless another is asked for. */
export const ALLOWED_SHARE = 0.05;

/**
 * fits             the whole stop keeps the budget, whatever RAM downtime-limit lets QEMU leave to it
 * fits-with-limit  it does once downtime-limit is lowered, to a value at which RAM still converges
 * borderline       the interval of the share over budget holds the allowed share
 * too-much         no downtime-limit makes it fit
 * Of a strategy whose replications did not all complete, the state itself: its times are not those of a plain stop.
 */
export type Verdict =
  | 'fits'
  | 'fits-with-limit'
  | 'borderline'
  | 'too-much'
  | Exclude<MigrationState, 'completed'>;

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

/** What can be borne, all in one unit of time. */
export interface Budget {
  /** The whole stop. */
  readonly stop: number;
  /** What the bitmaps alone may cost; null: whatever the whole stop bears. */
  readonly bitmaps: number | null;
  /** A strategy fits if no more than this share of the migrations is over budget. */
  readonly allowed: number;
}

/** What is judged of one migration, in the unit of the budget. */
export interface Judged {
  /** The stop with as much RAM as downtime-limit lets QEMU leave to it, and at the lowest limit that converges. */
  readonly atLimit: number;
  readonly atLeast: number;
  /** What the bitmaps themselves take of it. */
  readonly work: number;
}

/** How far over the budget (below 0: within it) each migration is: at its own downtime-limit, and at the lowest. */
export interface Margins {
  readonly atLimit: ArrayLike<number>;
  readonly atLeast: ArrayLike<number>;
}

/** The margins of one migration. */
export function marginsOf(
  { atLimit, atLeast, work }: Judged,
  budget: Budget,
): [atLimit: number, atLeast: number] {
  const bitmaps = budget.bitmaps === null ? Number.NEGATIVE_INFINITY : work - budget.bitmaps;
  return [Math.max(atLimit - budget.stop, bitmaps), Math.max(atLeast - budget.stop, bitmaps)];
}

type Kept = 'kept' | 'broken' | 'open';

/** Whether a share over budget is allowed; open where its interval holds the allowed share. */
function kept({ value, ci95 }: ProportionSummary, allowed: number, exact: boolean): Kept {
  const [low, high] = exact ? [value, value] : ci95;
  if (high <= allowed) return 'kept';
  return low > allowed ? 'broken' : 'open';
}

/** The verdict on one strategy's replications. `exact`: nothing was left to chance, one run says it all. */
export function verdictOf(
  replications: readonly Ended[],
  margins: Margins,
  { allowed }: Pick<Budget, 'allowed'>,
  exact: boolean,
): Verdict {
  const state = firstTrouble(replications)?.state;
  if (state === 'failed' || state === 'not-converged') return state;
  const decide = (values: ArrayLike<number>): Kept => kept(summariseExceedance(values), allowed, exact);
  const now = decide(margins.atLimit);
  if (now === 'kept') return 'fits';
  if (now === 'open') return 'borderline';
  const lowered = decide(margins.atLeast);
  return lowered === 'kept' ? 'fits-with-limit' : lowered === 'open' ? 'borderline' : 'too-much';
}

/** The same where the shares over budget are known, at the limit as it is and at the lowest. */
export function verdictOfShares(
  atLimit: number,
  atLeast: number,
  { allowed }: Pick<Budget, 'allowed'>,
): Verdict {
  if (atLimit <= allowed) return 'fits';
  return atLeast <= allowed ? 'fits-with-limit' : 'too-much';
}

/** The strategy can be used as it is, or after lowering downtime-limit. */
export function canFit(verdict: Verdict): boolean {
  return verdict === 'fits' || verdict === 'fits-with-limit';
}
