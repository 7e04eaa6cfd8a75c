/** What becomes of one scenario's bitmaps, for `run`: the replications' cells, alike ones counted together. */

import type { Resolved } from '../../input/resolve.js';
import { summariseMean } from '../../stats/mean.js';
import { isDeterministic } from '../run.js';
import type { OutcomeCell } from './cells.js';
import { runWithFates } from './replication.js';

/** The mean of the downtimes stands in the cell. */
export interface CountedFate extends OutcomeCell {
  /** So many replications, of so many, met it. */
  readonly replications: number;
  readonly of: number;
}

const meanOf = (cells: readonly OutcomeCell[], pick: (cell: OutcomeCell) => number | null): number | null => {
  const values = cells.map(pick).filter((value) => value !== null);
  return values.length === 0 ? null : summariseMean(values).mean;
};

/** By strategy, in each the likeliest first; for a scenario that asks for an outcome. */
export function fatesOf({ scenario, strategies, seed, replications }: Resolved): CountedFate[] {
  const count = isDeterministic(scenario) ? 1 : replications;
  const runs = Array.from({ length: count }, (_, r) => runWithFates(scenario, strategies, seed, r));
  return strategies.flatMap((_, s) => {
    const cells = runs.map((results) => results[s]!.fate);
    const met = [...new Set(cells.map((cell) => cell.outcome))];
    return met
      .map((outcome) => cells.filter((cell) => cell.outcome === outcome))
      .sort((a, b) => b.length - a.length)
      .map((alike) => ({
        ...alike[0]!,
        downtime_ms: meanOf(alike, (cell) => cell.downtime_ms),
        bitmap_downtime_ms: meanOf(alike, (cell) => cell.bitmap_downtime_ms),
        replications: alike.length,
        of: count,
      }));
  });
}
