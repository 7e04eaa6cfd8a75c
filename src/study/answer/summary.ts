/** The replications of one strategy, summarised: means with intervals, phases, costs elsewhere, verdict. */
import { toMs } from '../../base/units.js';
import { PHASES } from '../../sim/machine/phases.js';
import { summariseMean } from '../../stats/mean.js';
import { summariseProportion } from '../../stats/proportion.js';
import { summariseQuantile } from '../../stats/quantile.js';
import type { RunMetrics, RunResult } from '../run.js';
import { firstTrouble, type Verdict, verdictOf } from '../verdict.js';

export interface TimeSummary {
  readonly mean: number;
  readonly ci95: readonly [number, number] | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface StrategyAnswer {
  readonly strategy: string;
  readonly variant: string | null;
  /** Where it is not `completed`: one bad replication is enough; times of `not-converged` are of a forced stop. */
  readonly state: RunResult['state'];
  readonly reason: string | null;
  readonly replications: number;
  /** True: nothing random took part, one run says it all. */
  readonly deterministic: boolean;
  readonly downtime_ms: TimeSummary;
  readonly bitmap_downtime_ms: TimeSummary;
  readonly source_downtime_ms: TimeSummary;
  readonly bitmap_source_downtime_ms: TimeSummary;
  readonly phases_ms: Readonly<Record<string, number>>;
  readonly p_over_budget: { readonly value: number; readonly ci95: readonly [number, number] };
  readonly bytes_written_running: number;
  readonly bytes_written_stopped: number;
  readonly stream_bytes: number;
  readonly clusters_written: number;
  readonly store_writes: number;
  readonly store_reads: number;
  readonly store_punches: number;
  readonly store_flushes: number;
  readonly stale_chunks_at_stop: number;
  readonly guest_slowdown: number;
  readonly first_touches: number;
  readonly bits_set_at_stop: number;
  readonly migration_ms: number;
  /** Resume to a usable bitmap on the destination; null: it stayed behind. */
  readonly bitmap_ready_ms: number | null;
  readonly verdict: Verdict;
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** Mean, interval and quantiles in milliseconds. A deterministic point has no spread: its interval is the value. */
function times(values: readonly number[], deterministic: boolean): TimeSummary {
  const sorted = [...values].sort((a, b) => a - b);
  const { mean, ci95 } = summariseMean(values);
  const quantile = (p: number): number | null => {
    const { value } = summariseQuantile(sorted, p);
    return value === null ? null : toMs(value);
  };
  const single = toMs(mean);
  return {
    mean: single,
    ci95: deterministic ? [single, single] : ci95 ? [toMs(ci95[0]), toMs(ci95[1])] : null,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: deterministic ? single : quantile(0.99),
  };
}

/** Summary of one strategy; `budgetNs` steers the verdict. */
export function summariseStrategy(
  results: readonly RunResult[],
  budgetNs: number,
  deterministic: boolean,
): StrategyAnswer {
  const trouble = firstTrouble(results);
  const first = results[0]!;
  const head = {
    strategy: first.strategy,
    variant: first.variant,
    state: trouble?.state ?? ('completed' as const),
    reason: trouble?.reason ?? null,
    replications: results.length,
    deterministic,
  };
  const runs = results.map((result) => result.metrics);
  const mean = (pick: (run: RunMetrics) => number): number => rounded(summariseMean(runs.map(pick)).mean);
  const time = (pick: (run: RunMetrics) => number): TimeSummary => times(runs.map(pick), deterministic);
  const over = runs.filter((run) => run.downtimeNs > budgetNs).length;
  const overBudget = summariseProportion(over, runs.length);
  const ready = runs.every((run) => run.bitmapReadyNs !== null)
    ? mean((run) => run.bitmapReadyNs! / 1e6)
    : null;
  return {
    ...head,
    downtime_ms: time((run) => run.downtimeNs),
    bitmap_downtime_ms: time((run) => run.bitmapDowntimeNs),
    source_downtime_ms: time((run) => run.sourceDowntimeNs),
    bitmap_source_downtime_ms: time((run) => run.bitmapSourceDowntimeNs),
    phases_ms: Object.fromEntries(PHASES.map((phase) => [phase, mean((run) => run.phasesNs[phase] / 1e6)])),
    p_over_budget: {
      value: overBudget.value,
      ci95: deterministic ? [overBudget.value, overBudget.value] : overBudget.ci95,
    },
    bytes_written_running: mean((run) => run.bytesWrittenRunning),
    bytes_written_stopped: mean((run) => run.bytesWrittenStopped),
    stream_bytes: mean((run) => run.streamBytes),
    clusters_written: mean((run) => run.clustersWritten),
    store_writes: mean((run) => run.storeWrites),
    store_reads: mean((run) => run.storeReads),
    store_punches: mean((run) => run.storePunches),
    store_flushes: mean((run) => run.storeFlushes),
    stale_chunks_at_stop: mean((run) => run.staleChunksAtStop),
    guest_slowdown: mean((run) => run.guestSlowdown),
    first_touches: mean((run) => run.firstTouches),
    bits_set_at_stop: mean((run) => run.bitsSetAtStop),
    migration_ms: mean((run) => run.migrationNs / 1e6),
    bitmap_ready_ms: ready,
    verdict: verdictOf(results, overBudget.value),
  };
}
