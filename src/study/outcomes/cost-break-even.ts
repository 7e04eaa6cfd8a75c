/** Where one strategy overtakes another as failures become more likely. */
import { strategyLabel } from '../run.js';
import type { StrategyPaths } from './fleet.js';
import type { PathCost } from './path-cost.js';

export interface BreakEvenPoint {
  /** Cheaper below the probability, and above it. */
  readonly below: string;
  readonly above: string;
  readonly outcome: string;
  /** `downtime`: of the migration alone; `downtime+full-backup`: a full backup counted as `full_backup_worth_ms`. */
  readonly measure: 'downtime' | 'downtime+full-backup';
  readonly probability: number;
}

/** What sparing full backups costs in downtime, under the given probabilities. */
export interface Exchange {
  /** Fewer full backups, more downtime. */
  readonly spares: string;
  readonly than: string;
  /** Downtime per full backup spared: worth it for whoever would bear more than this. */
  readonly downtime_ms_per_full_backup: number;
}

function* pairs<T>(items: readonly T[]): Generator<readonly [T, T]> {
  for (let i = 0; i < items.length; i++)
    for (let j = i + 1; j < items.length; j++) yield [items[i]!, items[j]!];
}

/**
 * The p in (0, 1) at which (1-p) ok + p fail is the same for both; undefined where one is never overtaken.
 * @internal
 */
export function crossing(okA: number, failA: number, okB: number, failB: number): number | undefined {
  const p = (okB - okA) / (okB - okA + (failA - failB));
  return Number.isFinite(p) && p > 0 && p < 1 ? p : undefined;
}

const failureOf = ({ failures }: StrategyPaths, outcome: string): PathCost | undefined =>
  failures.find(({ probability }) => probability.outcome === outcome)?.cost;

/**
 * All crossings of two strategies in the probability of an outcome that both meet, the others left at zero. A backup that
 * is silently wrong has no price: where it is one of only one of them, they are not compared.
 */
export function breakEvens(
  strategies: readonly StrategyPaths[],
  fullBackupWorthMs: number | null,
): BreakEvenPoint[] {
  const outcomes = new Set(
    strategies.flatMap(({ failures }) => failures.map(({ probability }) => probability.outcome)),
  );
  const measures = [
    { measure: 'downtime' as const, of: (c: PathCost) => c.downtimeMs },
    ...(fullBackupWorthMs === null
      ? []
      : [
          {
            measure: 'downtime+full-backup' as const,
            of: (c: PathCost) =>
              c.downtimeMs === null ? null : c.downtimeMs + fullBackupWorthMs * c.fullBackups,
          },
        ]),
  ];
  const points: BreakEvenPoint[] = [];
  for (const { measure, of } of measures) {
    for (const outcome of outcomes) {
      for (const [a, b] of pairs(strategies)) {
        const [badA, badB] = [failureOf(a, outcome), failureOf(b, outcome)];
        if (badA?.wrongBackups !== badB?.wrongBackups) continue;
        const paths = [a.success, badA, b.success, badB];
        const costs = paths.map((path) => (path ? of(path) : null));
        if (costs.some((cost) => cost === null)) continue;
        const [okA, failA, okB, failB] = costs as [number, number, number, number];
        const probability = crossing(okA, failA, okB, failB);
        if (probability === undefined) continue;
        const [below, above] = okA < okB ? [a, b] : [b, a];
        points.push({
          below: strategyLabel(below),
          above: strategyLabel(above),
          outcome,
          measure,
          probability,
        });
      }
    }
  }
  return points;
}

/** Fewer full backups per migration than this are no difference: the price of one would be a rounding error. */
const NEGLIGIBLE = 1e-6;

/** For each pair where one spares full backups, not by wrong ones, and pays in downtime: the price of one. */
export function exchanges(strategies: readonly StrategyPaths[]): Exchange[] {
  const mean = ({ success, failures }: StrategyPaths, of: (c: PathCost) => number): number =>
    failures.reduce(
      (sum, { probability, cost }) => sum + probability.value * (of(cost) - of(success)),
      of(success),
    );
  const result: Exchange[] = [];
  for (const [a, b] of pairs(strategies.filter((each) => each.success.downtimeMs !== null))) {
    const full = mean(a, (c) => c.fullBackups) - mean(b, (c) => c.fullBackups);
    const downtime = mean(a, (c) => c.downtimeMs ?? 0) - mean(b, (c) => c.downtimeMs ?? 0);
    if (Math.abs(full) < NEGLIGIBLE || full * downtime >= 0) continue;
    const [spares, than] = full < 0 ? [a, b] : [b, a];
    if (mean(spares, (c) => c.wrongBackups) > mean(than, (c) => c.wrongBackups)) continue;
    result.push({
      spares: strategyLabel(spares),
      than: strategyLabel(than),
      downtime_ms_per_full_backup: Math.abs(downtime / full),
    });
  }
  return result;
}
