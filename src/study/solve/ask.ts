/** What `solve` was asked: one quantity or two, for each strategy. */
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import { isReference } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { criterionOf, effortOf } from './criterion.js';
import { type Frontier, frontierOf } from './frontier.js';
import { type Quantity, quantityOf } from './quantity.js';
import { type SolveInput, solveFor } from './solve.js';
import type { Solved } from './solved.js';

export interface SolveQuestion {
  readonly quantities: readonly Quantity[];
  readonly quantile: string | undefined;
  /** Of two quantities: values of the first. */
  readonly points: number;
  /** As given; undefined: as many as the interval needs. */
  readonly replications: number | undefined;
}

/** `disk`, or `disk,bitmaps`. */
export function quantitiesOf(text: string): readonly Quantity[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length > 2) throw new InputError(`solve: '${text}' has ${names.length} quantities, at most two`);
  const quantities = names.map((name) => quantityOf(name, 'solve'));
  if (new Set(quantities.map(({ parameter }) => parameter.path)).size < quantities.length)
    throw new InputError(`solve: '${text}' names one quantity twice`);
  return quantities;
}

/** The roots of each strategy, or the frontier of each where two quantities were given. */
export async function solveStrategies(
  resolved: Resolved,
  question: SolveQuestion,
  situation: SolveInput['situation'],
  simulate: SolveInput['simulate'],
): Promise<{ readonly roots: readonly Solved[]; readonly frontiers: readonly Frontier[] }> {
  const { quantities, quantile, replications, points } = question;
  const criterion = criterionOf(resolved.allowedShare, quantile, resolved.budgetNs, '--allowed');
  const input: SolveInput = { situation, criterion, effort: effortOf(criterion, replications), simulate };
  const strategies = resolved.strategies.filter(({ name }) => !isReference(name));
  if (strategies.length === 0) throw new InputError('solve: --strategy names no strategy with bitmaps');
  const [first, second] = quantities;
  // Each search waits for one setting after another; together they keep all threads busy.
  const each = <T>(search: (spec: StrategySpec) => Promise<T>): Promise<T[]> =>
    Promise.all(strategies.map(search));
  return second
    ? { roots: [], frontiers: await each((spec) => frontierOf(input, [first!, second], spec, points)) }
    : { roots: await each((spec) => solveFor(input, first!, spec)), frontiers: [] };
}
