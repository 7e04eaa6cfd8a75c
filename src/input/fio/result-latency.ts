import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';

const COUNTS = 1e6;

/** Bins from `json+`: the distribution itself. */
function fromBins(bins: Tree, shiftNs: number): readonly (readonly [number, number])[] {
  return Object.entries(bins)
    .map(([ns, count]) => [Number(ns) + shiftNs, Number(count)] as const)
    .filter(([ns, count]) => ns >= 0 && count > 0);
}

/**
 * Bins from percentiles: the mass between two percentiles sits at their geometric mean. The values above the median are
 * then scaled so that the mean is the one fio states, because sums of ops follow the mean and tails carry most of it.
 */
function fromPercentiles(
  latency: Tree,
  percentiles: Tree,
  shiftNs: number,
): readonly (readonly [number, number])[] {
  const edges = Object.entries(percentiles)
    .map(([percent, ns]) => ({ share: Number(percent) / 100, ns: Number(ns) }))
    .filter((edge) => edge.share > 0 && edge.share < 1 && edge.ns >= 0)
    .sort((a, b) => a.share - b.share);
  const first = { share: 0, ns: Number(latency.min ?? 0) };
  const last = { share: 1, ns: Math.max(Number(latency.max ?? 0), edges.at(-1)?.ns ?? 0) };
  const points = [first, ...edges, last];
  const bins = points.slice(1).map((upper, i) => {
    const lower = points[i]!;
    return {
      ns: Math.sqrt(Math.max(1, lower.ns) * Math.max(1, upper.ns)),
      mass: upper.share - lower.share,
      high: lower.share >= 0.5,
    };
  });
  const sum = (high: boolean): number =>
    bins.filter((bin) => bin.high === high).reduce((total, bin) => total + bin.ns * bin.mass, 0);
  const scale = (Number(latency.mean) - sum(false)) / sum(true);
  const factor = Number.isFinite(scale) && scale > 0.1 && scale < 10 ? scale : 1;
  return bins.map((bin) => [(bin.high ? bin.ns * factor : bin.ns) + shiftNs, bin.mass * COUNTS] as const);
}

/** A latency block of fio (`clat_ns` …) as a `{bins}` value, shifted by `shiftNs` (submission time), and its mean in ns. */
export function histogramOf(
  latency: Tree,
  shiftNs: number,
  where: string,
): { readonly latency: Tree; readonly meanNs: number } {
  const rows = isTree(latency.bins)
    ? fromBins(latency.bins, shiftNs)
    : isTree(latency.percentile)
      ? fromPercentiles(latency, latency.percentile, shiftNs)
      : [[Number(latency.mean) + shiftNs, 1] as const];
  const bins: Record<string, number> = {};
  for (const [ns, count] of rows) {
    const key = `${Math.round(ns)}ns`;
    const weight = Math.round(count);
    if (weight > 0) bins[key] = (bins[key] ?? 0) + weight;
  }
  const total = Object.values(bins).reduce((sum, count) => sum + count, 0);
  const weighted = Object.entries(bins).reduce(
    (sum, [ns, count]) => sum + Number.parseInt(ns, 10) * count,
    0,
  );
  if (!(total > 0) || !Number.isFinite(weighted)) throw new InputError(`${where}: no latencies in it`);
  return { latency: { bins }, meanNs: weighted / total };
}

/** Variance of a latency whose mean is known, ns^2. */
export function varianceOf({ bins }: Tree, meanNs: number): number {
  const rows = Object.entries(bins as Readonly<Record<string, number>>);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  return rows.reduce((sum, [ns, count]) => sum + count * (Number.parseInt(ns, 10) - meanNs) ** 2, 0) / total;
}

interface Histogram {
  readonly latency: Tree;
  readonly meanNs: number;
  readonly requests: number;
}

/** Several histograms as one, each with the weight of its requests. */
export function pooled(all: readonly Histogram[]): { readonly latency: Tree; readonly meanNs: number } {
  const sum = all.reduce((total, { requests }) => total + requests, 0);
  const bins: Record<string, number> = {};
  for (const { latency, requests } of all) {
    const own = Object.entries(latency.bins as Readonly<Record<string, number>>);
    const weight = ((requests / sum) * COUNTS) / own.reduce((total, [, count]) => total + count, 0);
    for (const [ns, count] of own) bins[ns] = (bins[ns] ?? 0) + count * weight;
  }
  // Cut to fewer digits than the order of a sum can change.
  const cut = (value: number): number => Number(value.toPrecision(12));
  const rows = Object.entries(bins).map(([ns, count]) => [ns, cut(count)] as const);
  const meanNs = cut(all.reduce((total, each) => total + each.meanNs * each.requests, 0) / sum);
  return { latency: { bins: Object.fromEntries(rows.sort()) }, meanNs };
}
