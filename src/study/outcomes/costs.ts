/** `outcomes`: the table under one situation, and what failures cost where their probabilities are given. */

import type { StopTimes } from '../../fate/downtime.js';
import { type MigrationTimeline, outcomeAt, unharmed } from '../../fate/draw.js';
import { rulesOf } from '../../fate/rules.js';
import type { History } from '../../fate/steps.js';
import type { TimedFault } from '../../input/fault-rate.js';
import type { Resolved } from '../../input/resolve.js';
import type { MigrationResult, MigrationState } from '../../sim/machine/result.js';
import { isReference, type OwnedRoute } from '../../sim/strategies/lookup.js';
import { historyOf, type OutcomeCell, outcomeCell, outcomeTable } from './cells.js';
import { type BreakEvenPoint, breakEvens, type Exchange, exchanges } from './cost-break-even.js';
import { type Fleet, fleetCosts, type StrategyCost, type StrategyPaths } from './fleet.js';
import { pathCost } from './path-cost.js';
import type { OutcomeProbability } from './probability.js';

type Ended = Pick<MigrationResult, 'state' | 'reason'>;

const COMPLETED: Ended = { state: 'completed', reason: null };

/** What the simulation of a successful migration tells of one strategy. */
export interface StrategyTimes {
  readonly stop: StopTimes;
  readonly timeline: MigrationTimeline;
  /** What became of its migrations; one that did not converge is cancelled, and `stop` is of one forced then. */
  readonly ended: Ended;
}

/** By the route of the strategy; none for strategies that nobody asked for. */
export type AllTimes = Readonly<Partial<Record<string, StrategyTimes>>>;

export interface CostQuestion {
  /** Probabilities for one strategy, or the same for all; empty: nothing was given. */
  readonly probabilitiesOf: (route: string) => readonly OutcomeProbability[];
  /** One fault at one time, to be told the outcome of. */
  readonly fault: TimedFault | null;
  readonly fleet: Partial<Fleet>;
  readonly fullBackupWorthMs: number | null;
}

export interface Costs {
  readonly history: History;
  readonly probabilities: readonly {
    readonly strategy: string;
    readonly variant: string | null;
    readonly outcome: string;
    readonly value: number;
    readonly ci95: readonly [number, number] | null;
  }[];
  readonly migrations_per_year: number | null;
  readonly vms: number | null;
  readonly backup_bytes: number | null;
  readonly backup_rate_bytes_per_s: number | null;
  readonly full_backup_worth_ms: number | null;
  /** What must be given for the rest to be computed; nothing is made up. */
  readonly missing: readonly string[];
  readonly strategies: readonly StrategyCost[];
  /** Among strategies whose migration comes to its stop by itself. */
  readonly break_even: readonly BreakEvenPoint[];
  readonly exchange: readonly Exchange[];
}

export interface OutcomesAnswer {
  readonly question: Readonly<Record<string, unknown>>;
  /** Per strategy: does the migration converge at all? */
  readonly strategies: readonly {
    readonly strategy: string;
    readonly variant: string | null;
    readonly state: MigrationState;
    readonly reason: string | null;
    /** Begin to stop. */
    readonly running_ms: number | null;
  }[];
  readonly cells: readonly OutcomeCell[];
  /** Where a fault at a time was asked about: what it is under each strategy. */
  readonly fault: {
    readonly fault: string;
    readonly at_ms: number;
    readonly cells: readonly OutcomeCell[];
  } | null;
  readonly costs: Costs;
}

const NO_PROBABILITY =
  '--failure-probability OUTCOME=P, per migration, as a share or as counts such as 3/200; no figure is assumed ' +
  '(a user report, virtnbdbackup#266: 5-10 % of VMs with broken bitmaps)';

function missingOf(question: CostQuestion, given: boolean): string[] {
  const { migrationsPerYear, vms, backupBytes, backupBytesPerS } = question.fleet;
  return [
    ...(given ? [] : [NO_PROBABILITY]),
    ...(migrationsPerYear == null ? ['--migrations-per-year N, of one VM'] : []),
    ...(vms == null ? ['--vms N'] : []),
    ...(backupBytes == null ? ['--backup-bytes SIZE, what a full backup reads'] : []),
    ...(backupBytesPerS == null ? ['--backup-rate RATE, such as 200MiB/s'] : []),
  ];
}

function stateOf(
  { strategy, variant }: OwnedRoute,
  times: StrategyTimes | undefined,
): OutcomesAnswer['strategies'][number] {
  const { state, reason } = times?.ended ?? COMPLETED;
  return { strategy, variant, state, reason, running_ms: times ? times.timeline.runningNs / 1e6 : null };
}

/** Everything `outcomes` has to say of these routes. `times` without one: its downtimes are null. */
export function answerOutcomes(
  resolved: Resolved,
  times: AllTimes,
  question: CostQuestion,
  routes: readonly OwnedRoute[],
): OutcomesAnswer {
  const { scenario, seed } = resolved;
  const rules = rulesOf(scenario);
  const timesOf = (route: string): StopTimes | undefined => times[route]?.stop;
  const history = historyOf(scenario);
  // A bitmap that is never there costs nothing.
  const compared = routes.filter(({ usual, strategy }) => usual && !isReference(strategy));
  const paths = compared.map((route): StrategyPaths => {
    const { name, strategy, variant } = route;
    const cost = (outcome: string) => pathCost(outcomeCell(outcome, route, history, rules, timesOf));
    const failures = question
      .probabilitiesOf(name)
      .map((probability) => ({ probability, cost: cost(probability.outcome) }));
    const timeline = times[name]?.timeline;
    const success = cost(timeline ? unharmed(timeline) : 'ok-quit');
    return { strategy, variant, success, failures };
  });
  const converging = paths.filter(
    (_, i) => (times[compared[i]!.name]?.ended ?? COMPLETED).state === 'completed',
  );
  const given = paths.some((each) => each.failures.length > 0);
  const { migrationsPerYear = null, vms = null, backupBytes = null, backupBytesPerS = null } = question.fleet;
  const fleet: Fleet = {
    migrationsPerYear: migrationsPerYear ?? 1,
    vms: vms ?? 1,
    backupBytes,
    backupBytesPerS,
  };
  return {
    question: resolved.question,
    strategies: compared.map((route) => stateOf(route, times[route.name])),
    cells: outcomeTable(routes, rules, timesOf),
    fault: question.fault && {
      fault: question.fault.fault,
      at_ms: question.fault.atNs / 1e6,
      cells: compared.flatMap((route) => {
        const timeline = times[route.name]?.timeline;
        if (!timeline) return [];
        const outcome = outcomeAt(question.fault!.fault, question.fault!.atNs, timeline);
        return [outcomeCell(outcome, route, history, rules, timesOf)];
      }),
    },
    costs: {
      history,
      probabilities: paths.flatMap(({ strategy, variant, failures }) =>
        failures.map(({ probability: { outcome, value, ci95 } }) => ({
          strategy,
          variant,
          outcome,
          value,
          ci95,
        })),
      ),
      migrations_per_year: migrationsPerYear,
      vms,
      backup_bytes: backupBytes,
      backup_rate_bytes_per_s: backupBytesPerS,
      full_backup_worth_ms: question.fullBackupWorthMs,
      missing: missingOf(question, given),
      strategies: given ? fleetCosts(paths, fleet, seed) : [],
      break_even: given ? breakEvens(converging, question.fullBackupWorthMs) : [],
      exchange: given ? exchanges(converging) : [],
    },
  };
}
