/**
 * What failures cost a fleet: downtime, full backups and backups that are silently wrong, per migration and per
 * year. Expectations are exact; the spread of a year is simulated, with the same failures for all strategies.
 */
import { binomial } from '../../kernel/distributions.js';
import { namedStream } from '../../kernel/rng.js';
import type { Interval } from '../../stats/interval.js';
import type { PathCost } from './path-cost.js';
import type { OutcomeProbability } from './probability.js';

export interface Fleet {
  /** Migrations of one VM in a year, and VMs. */
  readonly migrationsPerYear: number;
  readonly vms: number;
  /** Bytes of one full backup and how fast they are read; null: hours are not computed. */
  readonly backupBytes: number | null;
  readonly backupBytesPerS: number | null;
}

/** A number that is known as well as the probabilities are: `range` runs over their intervals, null where exact. */
export interface Expected {
  readonly value: number;
  readonly range: Interval | null;
}

/** A year's total: its expectation, and where 95 of 100 years lie. */
export interface Yearly {
  readonly mean: number;
  readonly years95: Interval;
}

export interface StrategyCost {
  readonly strategy: string;
  readonly variant: string | null;
  /** Downtime of migrations whose guest came back; null where no times are known. */
  readonly per_migration: {
    readonly downtime_ms: Expected | null;
    readonly full_backups: Expected;
    readonly wrong_backups: Expected;
  };
  readonly per_year: {
    readonly downtime_vm_s: Yearly | null;
    readonly full_backups: Yearly;
    readonly full_backup_hours: Yearly | null;
    readonly wrong_backups: Yearly;
  };
}

/** An outcome other than success: how likely under this strategy, and what it costs. */
interface FailurePath {
  readonly probability: OutcomeProbability;
  readonly cost: PathCost;
}

export interface StrategyPaths {
  readonly strategy: string;
  readonly variant: string | null;
  /** Where none of the failures happens. A migration that does not converge is cancelled even then. */
  readonly success: PathCost;
  readonly failures: readonly FailurePath[];
}

type Measure = (cost: PathCost) => number;

const MEASURES = {
  // A guest that is lost has no downtime of a migration; its outage is another matter.
  downtime: (cost: PathCost) => cost.downtimeMs ?? 0,
  full: (cost: PathCost) => cost.fullBackups,
  wrong: (cost: PathCost) => cost.wrongBackups,
};

function expected({ success, failures }: StrategyPaths, measure: Measure): Expected {
  const ok = measure(success);
  const sum = (pick: (p: OutcomeProbability, more: number) => number): number =>
    failures.reduce((total, { probability, cost }) => {
      const more = measure(cost) - ok;
      return total + pick(probability, more) * more;
    }, ok);
  const value = sum((p) => p.value);
  if (failures.every(({ probability }) => probability.ci95 === null)) return { value, range: null };
  const low = sum((p, more) => (p.ci95 ? p.ci95[more > 0 ? 0 : 1] : p.value));
  const high = sum((p, more) => (p.ci95 ? p.ci95[more > 0 ? 1 : 0] : p.value));
  return { value, range: [low, high] };
}

/** Migrations of one year: whole, and as many as expected on average. */
function migrationsOf(expected: number, seed: number, year: number): number {
  const whole = Math.floor(expected);
  const more = expected - whole;
  return whole + (namedStream(seed, year, 'fleet/migrations').uniform() < more ? 1 : 0);
}

/**
 * Failures of one year, by outcome; the rest succeed. A probability from counts is itself drawn (parametric
 * bootstrap: as many failures of n as the share of the observed ones, half a failure added, would give).
 */
function yearOf(paths: StrategyPaths, migrations: number, seed: number, year: number): number[] {
  let left = migrations;
  let leftShare = 1;
  return paths.failures.map(({ probability: { outcome, value, observed } }) => {
    const rng = namedStream(seed, year, `fleet/${outcome}`);
    const share = observed
      ? binomial(rng, observed.n, (observed.k + 0.5) / (observed.n + 1)) / observed.n
      : value;
    const given = leftShare > 0 ? Math.min(1, share / leftShare) : 0;
    const count = binomial(rng, left, given);
    left -= count;
    leftShare -= share;
    return count;
  });
}

const YEARS = 1000;

interface Year {
  readonly migrations: number;
  /** By outcome, in the order of the strategy's failures. */
  readonly failures: readonly number[];
}

function yearly(
  { success, failures }: StrategyPaths,
  years: readonly Year[],
  mean: number,
  measure: Measure,
): Yearly {
  const ok = measure(success);
  const extra = failures.map(({ cost }) => measure(cost) - ok);
  const totals = years
    .map((year) => year.failures.reduce((sum, count, i) => sum + count * extra[i]!, year.migrations * ok))
    .sort((a, b) => a - b);
  const at = (share: number): number => totals[Math.round(share * (totals.length - 1))]!;
  return { mean, years95: [at(0.025), at(0.975)] };
}

const scaled = (yearly: Yearly, by: number): Yearly => ({
  mean: yearly.mean * by,
  years95: [yearly.years95[0] * by, yearly.years95[1] * by],
});

/** Costs of every strategy. Strategies that meet the same probability meet the same failures, year by year. */
export function fleetCosts(strategies: readonly StrategyPaths[], fleet: Fleet, seed: number): StrategyCost[] {
  const perYear = fleet.migrationsPerYear * fleet.vms;
  const { backupBytes, backupBytesPerS } = fleet;
  const hours =
    backupBytes !== null && backupBytesPerS !== null ? backupBytes / backupBytesPerS / 3600 : null;
  return strategies.map((paths) => {
    const years = Array.from({ length: YEARS }, (_, year): Year => {
      const migrations = migrationsOf(perYear, seed, year);
      return { migrations, failures: yearOf(paths, migrations, seed, year) };
    });
    const of = (measure: Measure): { each: Expected; year: Yearly } => {
      const each = expected(paths, measure);
      return { each, year: yearly(paths, years, perYear * each.value, measure) };
    };
    const known = paths.success.downtimeMs !== null;
    const downtime = of(MEASURES.downtime);
    const full = of(MEASURES.full);
    const wrong = of(MEASURES.wrong);
    return {
      strategy: paths.strategy,
      variant: paths.variant,
      per_migration: {
        downtime_ms: known ? downtime.each : null,
        full_backups: full.each,
        wrong_backups: wrong.each,
      },
      per_year: {
        downtime_vm_s: known ? scaled(downtime.year, 1e-3) : null,
        full_backups: full.year,
        full_backup_hours: hours === null ? null : scaled(full.year, hours),
        wrong_backups: wrong.year,
      },
    };
  });
}
