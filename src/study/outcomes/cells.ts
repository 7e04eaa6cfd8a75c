/** The table of outcomes as `outcomes --json` gives it; keys and words are a contract with other programs. */
import { toMs } from '../../base/units.js';
import { allCells, type CellKey, fateOf } from '../../fate/cells.js';
import { pathDowntime, type StopTimes } from '../../fate/downtime.js';
import { OUTCOMES, wasMeasured } from '../../fate/outcomes.js';
import type { FateRules } from '../../fate/rules.js';
import type { History } from '../../fate/steps.js';
import type { Scenario } from '../../sim/scenario.js';
import { type OwnedRoute, routeNamed } from '../../sim/strategies/lookup.js';

export interface OutcomeCell {
  readonly strategy: string;
  readonly variant: string | null;
  readonly persistent: boolean | null;
  readonly history: History;
  readonly outcome: string;
  readonly source: string;
  readonly destination: string;
  readonly image_after_migration: string;
  readonly image_at_end: string;
  readonly boot: string;
  readonly survivor: 'src' | 'dst' | 'none';
  readonly backup_live: string | null;
  readonly backup_after_boot: string | null;
  /** Sum of the guest's stops on this path; null: it did not come back. */
  readonly downtime_ms: number | null;
  /** Of it, work on bitmaps. */
  readonly bitmap_downtime_ms: number | null;
  /** How often management had to resume the source; the time it took to decide is not in downtime_ms. */
  readonly resumed_by_hand: number;
  readonly guest_runs: boolean;
  /** What query-block says of the surviving copy, true or not. */
  readonly survivor_persistent: boolean | null;
  /** True: real QEMU 7.2 was watched doing this; false: the protocol predicts it. */
  readonly measured: boolean;
}

/** How rows name the copy that is left. */
export const SIDE = { source: 'src', destination: 'dst', none: 'none' } as const;

/** Stop times of a strategy, by its route; undefined: not known, and downtimes stay null. */
export type TimesOf = (route: string) => StopTimes | undefined;

function cellOf(key: CellKey, rules: FateRules, times: StopTimes | undefined): OutcomeCell {
  const fate = fateOf(key, rules);
  const { strategy, variant, persistent } = routeNamed(key.strategy);
  const path = times
    ? pathDowntime(fate.journal, times, fate.guestRuns)
    : { downtimeNs: null, bitmapNs: null, byHand: 0 };
  const measured = !rules.clearSkipStore && wasMeasured(key.outcome, key.strategy, key.history, rules);
  return {
    strategy,
    variant,
    persistent,
    history: key.history,
    outcome: key.outcome,
    source: fate.source,
    destination: fate.destination,
    image_after_migration: fate.imageAfterMigration,
    image_at_end: fate.imageAtEnd,
    boot: fate.boot,
    survivor: SIDE[fate.survivor],
    backup_live: fate.backupLive,
    backup_after_boot: fate.backupAfterBoot,
    downtime_ms: path.downtimeNs === null ? null : toMs(path.downtimeNs),
    bitmap_downtime_ms: path.bitmapNs === null ? null : toMs(path.bitmapNs),
    resumed_by_hand: path.byHand,
    guest_runs: fate.guestRuns,
    survivor_persistent: fate.survivorPersistent,
    measured,
  };
}

/** Of all bitmaps. Where they differ in it they are told as new: a first migration stores some of them anew. */
export function historyOf({ disks }: Scenario): History {
  const bitmaps = disks.flatMap((disk) => disk.bitmaps);
  return bitmaps.length > 0 && bitmaps.every(({ stored }) => stored) ? 'stored' : 'new';
}

/** Every cell of these routes under these rules. */
export function outcomeTable(routes: readonly OwnedRoute[], rules: FateRules, times: TimesOf): OutcomeCell[] {
  return allCells(rules, routes).map((key) => cellOf(key, rules, times(key.strategy)));
}

/** One cell, also where the outcome cannot meet the strategy: then it is what the same event means there. */
export function outcomeCell(
  outcome: string,
  route: OwnedRoute,
  history: History,
  rules: FateRules,
  times: TimesOf,
): OutcomeCell {
  const { elsewhere } = OUTCOMES[outcome]!;
  const name = elsewhere && !elsewhere.only(route, rules) ? elsewhere.outcome : outcome;
  const known = route.persistent ? history : 'new';
  const key: CellKey = { outcome: name, strategy: route.name, history: known };
  return cellOf(key, rules, times(route.name));
}
