/** What a search found, as `solve --json` gives it (its keys are a contract with other programs). */
import { toMs } from '../../base/units.js';
import type { End, Found } from '../../stats/crossing.js';
import { countOver } from '../../stats/excess.js';
import { summariseQuantile } from '../../stats/quantile.js';
import type { Labelled } from '../run.js';
import type { Criterion } from './criterion.js';
import { type Quantity, shownAt } from './quantity.js';

/** One setting that was looked at. */
export interface Evaluation {
  readonly value: number;
  /** Share of its runs that stop the guest for longer than the budget. */
  readonly p_over: number;
  /** The quantile of the stop that is held against the budget; null where that stop never comes. */
  readonly stop_ms: number | null;
  readonly n: number;
}

export interface Solved extends Labelled {
  readonly quantity: string;
  readonly path: string;
  readonly unit: string;
  readonly criterion: string;
  /** `root`: fits up to (or from) the value. `all-fit`: up to the limit, which is the value. */
  readonly state: 'root' | 'all-fit' | 'none-fits';
  readonly sense: 'largest' | 'least' | null;
  readonly value: number | null;
  /** The interval of the root; its confidence is 1 where nothing is random. */
  readonly lo: number | null;
  readonly hi: number | null;
  readonly confidence: number;
  /** Where the value is the largest that fits and smaller ones do not: the least that does. */
  readonly fits_from: { readonly value: number; readonly lo: number; readonly hi: number } | null;
  /** A value beyond the root that fits again: the response is not monotone. */
  readonly fits_again_at: number | null;
  readonly runs: number;
  /** What a grid of the same resolution between the limits of the quantity would take. */
  readonly grid_runs: number;
  readonly budget_ms: number;
  readonly evaluations: readonly Evaluation[];
}

interface Search {
  readonly quantity: Quantity;
  readonly named: Labelled;
  readonly found: Found;
  readonly criterion: Criterion;
  readonly confidence: number;
  readonly runs: number;
  readonly gridRuns: number;
  readonly evaluations: readonly {
    readonly value: number;
    readonly excess: readonly number[];
    readonly n: number;
  }[];
  readonly budgetNs: number;
}

function evaluationsOf({ evaluations, criterion, budgetNs }: Search): Evaluation[] {
  return evaluations
    .map(({ value, excess, n }) => {
      const sorted = [...excess].sort((a, b) => a - b);
      const over = summariseQuantile(sorted, 1 - criterion.allowed).value ?? Number.NaN;
      const stop = Number.isFinite(over) ? toMs(over + budgetNs) : null;
      return { value, p_over: countOver(excess) / excess.length, stop_ms: stop, n };
    })
    .sort((a, b) => a.value - b.value);
}

type Answer = Pick<Solved, 'state' | 'sense' | 'value' | 'lo' | 'hi' | 'fits_from' | 'fits_again_at'>;

const NOTHING: Answer = {
  state: 'none-fits',
  sense: null,
  value: null,
  lo: null,
  hi: null,
  fits_from: null,
  fits_again_at: null,
};

function answerOf(found: Found, quantity: Quantity): Answer {
  if (found.state === 'none') return NOTHING;
  const shown = (end: End) => {
    const { at, lo, hi } = end.kind === 'root' ? end : { at: end.at, lo: end.at, hi: end.at };
    return { value: shownAt(quantity, at), lo: shownAt(quantity, lo), hi: shownAt(quantity, hi) };
  };
  const { low, high, again } = found;
  const fits_again_at = again === null ? null : shownAt(quantity, again);
  if (high.kind === 'limit' && low.kind === 'limit')
    return { ...NOTHING, ...shown(high), state: 'all-fit', fits_again_at };
  if (high.kind === 'limit')
    return { ...NOTHING, ...shown(low), state: 'root', sense: 'least', fits_again_at };
  const fits_from = low.kind === 'root' ? shown(low) : null;
  return { state: 'root', sense: 'largest', ...shown(high), fits_from, fits_again_at };
}

/** The search's end in the words of the contract. */
export function solvedFrom(search: Search): Solved {
  const { quantity, named, found, criterion, confidence, runs, gridRuns, budgetNs } = search;
  return {
    quantity: quantity.name,
    path: quantity.parameter.path,
    unit: quantity.unit,
    ...named,
    criterion: criterion.text,
    ...answerOf(found, quantity),
    confidence,
    runs,
    grid_runs: gridRuns,
    budget_ms: toMs(budgetNs),
    evaluations: evaluationsOf(search),
  };
}
