/** The summary of a strategy whose stop has a closed law: nothing is drawn, and nothing is left to the luck of replications. */
import { toMs } from '../../base/units.js';
import type { Distribution } from '../../kernel/mixture.js';
import { compared, measured } from '../../sim/machine/measure.js';
import { mapPhases } from '../../sim/machine/phases.js';
import { closedStop, STOP_AS_IT_IS } from '../../sim/migration/closed-stop.js';
import { leastRamNs } from '../../sim/migration/least-ram.js';
import type { Scenario } from '../../sim/scenario.js';
import { floorNs } from '../../sim/stop/floor.js';
import { REFERENCE } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { labelled } from '../run.js';
import { type Budget, verdictOfShares } from '../verdict.js';
import { type StrategyAnswer, summariseStrategy } from './summary.js';

interface Laws {
  /** The stop as it is, as it is judged, and as it is judged at the lowest downtime-limit. */
  readonly stop: Distribution;
  readonly atLimit: Distribution;
  readonly atLeast: Distribution;
}

/** Null: the stop has no closed law, or something else than the stop is judged. */
export function exactly(scenario: Scenario, spec: StrategySpec, budget: Budget): StrategyAnswer | null {
  if (budget.bitmaps !== null || scenario.outcome) return null;
  const closed = closedStop(scenario, spec);
  const alone = closed && closedStop(scenario, REFERENCE);
  if (!closed || !alone) return null;
  const leastNs = leastRamNs(scenario, closed.pendingBytes);
  const stop = closed.law(STOP_AS_IT_IS);
  const atLimit = closed.law({ which: 'ramMostNs', atMostNs: Number.POSITIVE_INFINITY });
  const atLeast = closed.law({ which: 'ramMostNs', atMostNs: leastNs });
  if (!stop || !atLimit || !atLeast) return null;
  const [own, reference] = [measured(closed.mean), measured(alone.mean)];
  const result = {
    ...labelled(spec),
    state: 'completed' as const,
    reason: null,
    metrics: compared({ own, reference, floorNs: floorNs(scenario), leastRamNs: leastNs }),
    addedNs: mapPhases((phase) => own.phasesNs[phase] - reference.phasesNs[phase]),
  };
  // One run of means: all that is a mean follows from it.
  return withLaws(summariseStrategy([result], budget, true), { stop, atLimit, atLeast }, budget);
}

function withLaws(means: StrategyAnswer, { stop, atLimit, atLeast }: Laws, budget: Budget): StrategyAnswer {
  const quantile = (p: number): number => toMs(stop.quantile(p));
  const over = Number(stop.exceeding(budget.stop).toPrecision(6));
  const unknown = { p50: null, p95: null, p99: null };
  return {
    ...means,
    deterministic: false,
    exact: true,
    replications: 0,
    downtime_ms: {
      ...means.downtime_ms,
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
      p999: quantile(0.999),
    },
    bitmap_downtime_ms: { ...means.bitmap_downtime_ms, ...unknown },
    source_downtime_ms: { ...means.source_downtime_ms, ...unknown },
    bitmap_source_downtime_ms: { ...means.bitmap_source_downtime_ms, ...unknown },
    p_over_budget: { value: over, ci95: [over, over] },
    verdict: verdictOfShares(atLimit.exceeding(budget.stop), atLeast.exceeding(budget.stop), budget),
  };
}
