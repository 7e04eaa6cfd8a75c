/**
 * How often a strategy that works beside the guest leaves more than it should to the stop, where that is so rare that plain
 * replications would not meet it: by importance sampling (sim/guest/tilt.ts).
 */
import { InputError } from '../base/errors.js';
import { namedStream } from '../kernel/rng.js';
import { Tilt, type Twist } from '../sim/guest/tilt.js';
import type { Metrics } from '../sim/machine/metrics.js';
import { migrate } from '../sim/migration/controller.js';
import { precopyOf, ramSpeed } from '../sim/migration/precopy.js';
import { precopyAlone, steadily } from '../sim/migration/precopy-alone.js';
import type { Scenario } from '../sim/scenario.js';
import type { StrategySpec } from '../sim/strategies/registry.js';
import type { Interval } from '../stats/interval.js';
import { summariseMean } from '../stats/mean.js';

export interface RareTail {
  readonly probability: number;
  readonly ci95: Interval;
  readonly runs: number;
  /** Runs without importance sampling for an interval as narrow, over those that were made. */
  readonly gain: number;
}

/**
 * The share of migrations for which `isRare` holds. The stop must not depend on the strategy (`pre-flush.pending: off`), nor
 * the guest write sequentially.
 */
export function rareTail(
  scenario: Scenario,
  spec: StrategySpec,
  question: {
    readonly isRare: (metrics: Metrics) => boolean;
    readonly twist: Twist;
    readonly runs: number;
    readonly seed: number;
  },
): RareTail {
  const { isRare, twist, runs, seed } = question;
  const weights = Array.from({ length: runs }, (_, replication) => {
    const stream = (name: string) => namedStream(seed, replication, name);
    const speed = ramSpeed(scenario.host, () => stream('ram/speed'));
    const precopy = precopyAlone(precopyOf(scenario, speed), steadily(0));
    if (precopy === null) throw new InputError('the migration has no end that a rare stop could be asked of');
    const stopNs = scenario.migration.warmUpNs + precopy.ns;
    const bent = new Tilt(twist, stopNs, stream('rare/length').uniform());
    const { metrics } = migrate(scenario, spec, { seed, replication, bent });
    return isRare(metrics) ? bent.weight : 0;
  });
  const { mean, sd, ci95 } = summariseMean(weights);
  const [low, high] = ci95 ?? [0, 1];
  const variance = (sd ?? 0) ** 2;
  return {
    probability: mean,
    ci95: [Math.max(0, low), Math.min(1, high)],
    runs,
    gain: variance > 0 ? (mean * (1 - mean)) / variance : 1,
  };
}
