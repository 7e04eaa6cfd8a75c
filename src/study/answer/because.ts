/** The answer in words: which strategy, and the reason a developer would give. */
import { formatSize, formatTime } from '../../base/units.js';
import type { Resolved } from '../../input/resolve.js';
import { bitmapGeometry } from '../../sim/qcow2/geometry.js';
import type { DiskSpec, Scenario } from '../../sim/scenario.js';
import { latencyOf } from '../../sim/storage/latency.js';
import { imageStorage } from '../../sim/storage/places.js';
import { isJudged } from '../../sim/strategies/lookup.js';
import { strategyLabel, strategyTitle } from '../run.js';
import { canFit, type Verdict } from '../verdict.js';
import { partsOf } from './parts.js';
import { hasRamPart, type StrategyAnswer } from './summary.js';

export interface Best {
  readonly label: string;
  readonly summary: StrategyAnswer;
}

/** Differences below this are not worth another mechanism. */
const SAME_MS = 1;

/**
 * The strategy to use: store-at-stop where it fits the budget, if need be with a lower downtime-limit (it exists, and its
 * copy survives the source); otherwise the one whose bitmaps take least work of those that deliver them, among the
 * fitting ones if there are any. A stop that is shorter because less RAM happened to be left is no merit of a strategy.
 */
export function chooseBest(summaries: readonly StrategyAnswer[]): Best | null {
  const delivering = summaries.filter((s) => s.state === 'completed' && s.bitmap_ready_ms !== null);
  const fitting = delivering.filter((s) => canFit(s.verdict));
  const candidates = fitting.length > 0 ? fitting : delivering;
  const leastMs = Math.min(...candidates.map((s) => s.bitmap_work_ms));
  const summary =
    fitting.find((s) => isJudged(s.strategy)) ?? candidates.find((s) => s.bitmap_work_ms < leastMs + SAME_MS);
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
  const { scenario } = resolved;
  let [waitNs, transferNs] = [0, 0];
  for (const { disk, clusters } of clustersOf(scenario)) {
    const { latency, referenceBytes, bytesPerS } = imageStorage(scenario, disk).ops.write;
    waitNs += clusters * latencyOf(latency).meanNs;
    transferNs += clusters * (Math.max(0, disk.clusterBytes - referenceBytes) / bytesPerS) * 1e9;
  }
  return waitNs >= transferNs ? 'latency' : 'bandwidth';
}

/** Clusters that the bitmaps of each disk have room for. */
function clustersOf({ disks }: Scenario): readonly { readonly disk: DiskSpec; readonly clusters: number }[] {
  return disks.map((disk) => {
    const entries = disk.bitmaps.map(
      ({ count, granularityBytes }) =>
        count * bitmapGeometry(disk.sizeBytes, granularityBytes, disk.clusterBytes).tableEntries,
    );
    return { disk, clusters: entries.reduce((sum, each) => sum + each, 0) };
  });
}

/** Bytes of a cluster; where disks differ in it, the mean of all clusters that their bitmaps have room for. */
function clusterBytesOf(scenario: Scenario): number {
  const parts = clustersOf(scenario);
  const first = parts[0]!.disk.clusterBytes;
  if (parts.every(({ disk }) => disk.clusterBytes === first)) return first;
  const clusters = parts.reduce((sum, part) => sum + part.clusters, 0);
  return parts.reduce((sum, part) => sum + part.clusters * part.disk.clusterBytes, 0) / clusters;
}

const DECIDES: Readonly<Record<Bound, string>> = {
  latency: 'latency decides, not bandwidth',
  bandwidth: 'bandwidth decides',
  flushes: 'flushes decide',
  search: 'the search decides, the image is allocated',
};

/** Why the store takes what it takes: parts that add up to it, largest first. */
function storeReason(resolved: Resolved, store: StrategyAnswer): string {
  const parts = partsOf(resolved, store).map(({ what, ms }) => `${formatTime(ms * 1e6)} for ${what}`);
  return `${parts.join(', ')}: ${DECIDES[boundBy(resolved, store)]}`;
}

/** What the bitmaps add; where RAM has a part in it, both parts. */
function addedText(summary: StrategyAnswer): string {
  const { bitmap_downtime_ms, bitmap_work_ms, ram_change_ms } = summary;
  const time = (ms: number): string => formatTime(ms * 1e6);
  const added = time(bitmap_downtime_ms.mean);
  return hasRamPart(summary) ? `${added} (work ${time(bitmap_work_ms)}, RAM ${time(ram_change_ms)})` : added;
}

/** How a stop stands to the budget, as a sentence goes on. */
function fitsText(verdict: Verdict, budget: string): string {
  if (verdict === 'fits') return `fits ${budget}`;
  if (verdict === 'fits-with-limit') return `fits ${budget} with a lower downtime-limit`;
  return verdict === 'borderline' ? `is close to ${budget}` : `does not fit ${budget}`;
}

/** One sentence: what to do and why. */
export function because(resolved: Resolved, summaries: readonly StrategyAnswer[], best: Best | null): string {
  const store = summaries.find(({ strategy }) => isJudged(strategy));
  const budget = formatTime(resolved.budgetNs);
  if (store?.state === 'failed') return `${strategyTitle(store)} broke its promise: ${store.reason}`;
  const restless = summaries.find((s) => s.state === 'not-converged');
  const broken = summaries.find((s) => s.state === 'failed');
  if (!best && broken) return `${strategyTitle(broken)} failed: ${broken.reason}`;
  if (!best)
    return restless
      ? `the migration never stops the guest by itself: ${restless.reason}`
      : 'no strategy asked for delivers the bitmap';
  const total = (s: StrategyAnswer): string => formatTime(s.downtime_ms.mean * 1e6);
  const title = strategyTitle(best.summary);
  if (!store)
    return `${title} stops the guest for ${total(best.summary)}, which ${fitsText(best.summary.verdict, budget)}; its bitmaps add ${addedText(best.summary)}`;
  const reason = storeReason(resolved, store);
  if (best.summary === store)
    return `storing at the stop adds ${addedText(store)} and the whole stop of ${total(store)} ${fitsText(store.verdict, budget)} (${reason})`;
  const all = Number(resolved.question.all_bitmaps_bytes);
  // Only clusters with a set bit are written; say so where that is clearly less than the bitmaps are.
  const written = (store?.clusters_written ?? 0) * clusterBytesOf(resolved.scenario);
  const size = written < 0.95 * all ? `${formatSize(written)} of ${formatSize(all)}` : formatSize(all);
  const { verdict } = best.summary;
  const stays = canFit(verdict) ? '' : 'takes least, though it ';
  return `storing ${size} of bitmap at the stop adds ${addedText(store)} (${reason}); ${title} adds ${addedText(best.summary)} and ${stays}${fitsText(verdict, budget)}`;
}
