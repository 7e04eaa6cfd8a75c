/** The answer in words: which strategy, and the reason a developer would give. */
import { formatSize, formatTime } from '../../base/units.js';
import type { Resolved } from '../../input/resolve.js';
import { latencyOf } from '../../sim/storage/latency.js';
import { isJudged } from '../../sim/strategies/lookup.js';
import { strategyLabel } from '../run.js';
import type { StrategyAnswer } from './summary.js';

export interface Best {
  readonly label: string;
  readonly summary: StrategyAnswer;
}

/** Differences below this are not worth another mechanism. */
const SAME_MS = 1;

/**
 * The strategy to use: store-at-stop where it fits the budget (it exists, and its copy survives the source);
 * otherwise the shortest downtime of those that deliver the bitmap, fitting ones first.
 */
export function chooseBest(summaries: readonly StrategyAnswer[]): Best | null {
  const delivering = summaries.filter((s) => s.state === 'completed' && s.bitmap_ready_ms !== null);
  const store = delivering.find((s) => isJudged(s.strategy) && s.verdict === 'fits');
  const ranked = [...delivering].sort((a, b) => {
    if (a.verdict !== b.verdict) return a.verdict === 'fits' ? -1 : 1;
    const difference = a.downtime_ms.mean - b.downtime_ms.mean;
    return Math.abs(difference) < SAME_MS ? 0 : difference;
  });
  const summary = store ?? ranked[0];
  return summary ? { label: strategyLabel(summary), summary } : null;
}

/** What most of a store's time goes to. */
export type Bound = 'latency' | 'bandwidth' | 'flushes' | 'search';

/** The phase of the stop that storing the bitmaps adds most to. */
function largestPhase(store: StrategyAnswer) {
  const phases = ['store_scan', 'store_data', 'store_punch', 'store_flush', 'load'] as const;
  return [...phases].sort((a, b) => store.phases_ms[b] - store.phases_ms[a])[0]!;
}

/** What of the storage decides: of requests with data, the larger of their latency and the time of their bytes. */
export function boundBy(resolved: Resolved, store: StrategyAnswer): Bound {
  const phase = largestPhase(store);
  if (phase === 'store_scan') return 'search';
  if (phase === 'store_flush') return 'flushes';
  if (phase === 'store_punch') return 'latency';
  const { storage, disks } = resolved.scenario;
  const { latency, referenceBytes, bytesPerS } = storage.ops.write;
  const transferNs = (Math.max(0, disks[0]!.clusterBytes - referenceBytes) / bytesPerS) * 1e9;
  return latencyOf(latency).meanNs >= transferNs ? 'latency' : 'bandwidth';
}

/** Why the store takes what it takes: the largest phase, as a count of ops and the time of each. */
function storeReason(resolved: Resolved, store: StrategyAnswer): string {
  const phases = store.phases_ms;
  const clusters = Math.round(store.clusters_written);
  const each = (count: number, total: number): string => formatTime((total / Math.max(1, count)) * 1e6);
  const bound = boundBy(resolved, store);
  if (bound === 'search')
    return `searching free clusters reads ${Math.round(store.store_reads)} metadata clusters inside the stop: the image is allocated`;
  if (bound === 'flushes') {
    const payers =
      resolved.scenario.storage.flushNsPerByte > 0 ? ': they pay for what was written before them' : '';
    return `${Math.round(store.store_flushes)} flushes take ${formatTime(phases.store_flush * 1e6)}${payers}`;
  }
  if (largestPhase(store) === 'store_punch')
    return `${Math.round(store.store_punches)} clusters of the old copy are punched one at a time, ${each(store.store_punches, phases.store_punch)} each`;
  if (clusters === 0) return 'no cluster holds a set bit: tables, directory and header alone';
  if (clusters === 1)
    return `1 cluster, ${each(1, phases.store_data)}, and read back, beside tables, directory, header and flushes`;
  const decides = bound === 'latency' ? 'latency, not bandwidth' : 'bandwidth';
  return `${clusters} clusters, one at a time, ${each(clusters, phases.store_data)} each, and as many read back: ${decides}`;
}

/** One sentence: what to do and why. */
export function because(resolved: Resolved, summaries: readonly StrategyAnswer[], best: Best | null): string {
  const store = summaries.find(({ strategy }) => isJudged(strategy));
  const budget = formatTime(resolved.budgetNs);
  if (store?.state === 'failed') return `${strategyLabel(store)} broke its promise: ${store.reason}`;
  const restless = summaries.find((s) => s.state === 'not-converged');
  const broken = summaries.find((s) => s.state === 'failed');
  if (!best && broken) return `${strategyLabel(broken)} failed: ${broken.reason}`;
  if (!best)
    return restless
      ? `the migration never stops the guest by itself: ${restless.reason}`
      : 'no strategy asked for delivers the bitmap';
  const added = (s: StrategyAnswer): string => formatTime(s.bitmap_downtime_ms.mean * 1e6);
  const total = (s: StrategyAnswer): string => formatTime(s.downtime_ms.mean * 1e6);
  if (!store)
    return best.summary.bitmap_downtime_ms.mean < 0
      ? `${best.label} stops the guest for ${total(best.summary)}, less than without bitmaps: it waits until less RAM is left`
      : `${best.label} stops the guest for ${total(best.summary)}, ${added(best.summary)} of it for the bitmaps`;
  const reason = storeReason(resolved, store);
  const fits = (s: StrategyAnswer): string => (s.verdict === 'fits' ? 'fits' : 'does not fit');
  if (best.summary === store)
    return `storing at the stop adds ${added(store)} and the whole stop of ${total(store)} ${fits(store)} ${budget} (${reason})`;
  const all = Number(resolved.question.all_bitmaps_bytes);
  // Only clusters with a set bit are written; say so where that is clearly less than the bitmaps are.
  const written = (store?.clusters_written ?? 0) * resolved.scenario.disks[0]!.clusterBytes;
  const size = written < 0.95 * all ? `${formatSize(written)} of ${formatSize(all)}` : formatSize(all);
  const stays = best.summary.verdict === 'fits' ? 'fits' : 'is the shortest, though it does not fit';
  return `storing ${size} of bitmap at the stop adds ${added(store)} (${reason}); ${best.label} adds ${added(best.summary)} and ${stays} ${budget}`;
}
