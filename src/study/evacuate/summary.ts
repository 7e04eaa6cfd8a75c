/** The stops of all VMs of some evacuations under one strategy, summarised. */
import { toMs } from '../../base/units.js';
import type { RunMetrics } from '../../sim/machine/metrics.js';
import type { MigrationState } from '../../sim/machine/result.js';
import { definitionOf } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { summariseMean } from '../../stats/mean.js';
import { summariseQuantile } from '../../stats/quantile.js';
import { verdictOfRuns } from '../answer/summary.js';
import { type Labelled, labelled } from '../run.js';
import type { Ran } from '../simulate.js';
import { type Budget, firstTrouble, type Verdict } from '../verdict.js';

/** A mean with its 95 % interval over evacuations, whose VMs wait for one another; null: there was one. */
interface Mean {
  readonly mean: number;
  readonly ci95: readonly [number, number] | null;
}

export interface Emptying extends Labelled {
  /** False: QEMU does not have it; somebody proposed it. */
  readonly built: boolean;
  /** Where it is not `completed`: one bad migration is enough. */
  readonly state: MigrationState;
  readonly reason: string | null;
  /** Of all VMs. */
  readonly downtime_ms: Mean & { readonly p50: number; readonly p95: number; readonly max: number };
  /** The stop that the allowed share of the VMs exceeds. */
  readonly over_ms: number;
  /** From the first migration's begin to the last one's end. */
  readonly emptied_ms: Mean;
  /** Share of the stops over budget. */
  readonly p_over_budget: number;
  readonly verdict: Verdict;
}

function meanOf(values: readonly number[]): Mean {
  const { mean, ci95 } = summariseMean(values);
  return { mean: toMs(mean), ci95: ci95 && [toMs(ci95[0]), toMs(ci95[1])] };
}

/** The longest where the sample is too small for the quantile. */
function quantile(sorted: readonly number[], p: number): number {
  const longest = sorted.at(-1)!;
  return p < 1 ? (summariseQuantile(sorted, p).value ?? longest) : longest;
}

/** `runs`: VM after VM, evacuation after evacuation; the budget is in nanoseconds. */
export function summariseEmptying(
  spec: StrategySpec,
  runs: readonly Ran[],
  vms: number,
  budget: Budget,
): Emptying {
  const broken = runs.find(({ metrics }) => metrics === null);
  if (broken) throw new Error(broken.reason ?? 'a run without a result');
  const metrics = runs.map((run): RunMetrics => run.metrics!);
  const stops = metrics.map(({ downtimeNs }) => downtimeNs);
  const sorted = [...stops].sort((a, b) => a - b);
  const evacuations = Array.from({ length: Math.ceil(runs.length / vms) }, (_, e) =>
    metrics.slice(e * vms, (e + 1) * vms),
  );
  const meanStops = evacuations.map(
    (each) => each.reduce((sum, { downtimeNs }) => sum + downtimeNs, 0) / each.length,
  );
  const trouble = firstTrouble(runs);
  return {
    ...labelled(spec),
    built: definitionOf(spec.name).built,
    state: trouble?.state ?? 'completed',
    reason: trouble?.reason ?? null,
    downtime_ms: {
      ...meanOf(meanStops),
      p50: toMs(quantile(sorted, 0.5)),
      p95: toMs(quantile(sorted, 0.95)),
      max: toMs(sorted.at(-1)!),
    },
    over_ms: toMs(quantile(sorted, 1 - budget.allowed)),
    emptied_ms: meanOf(evacuations.map(([first]) => first!.emptiedNs)),
    p_over_budget: stops.filter((stop) => stop > budget.stop).length / stops.length,
    verdict: verdictOfRuns(runs, metrics, budget),
  };
}
