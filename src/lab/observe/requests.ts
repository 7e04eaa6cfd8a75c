/** What a guest's requests came to between two samples of query-blockstats. */
import type { Distribution } from '../../input/storage-values/samples.js';
import type { Stats } from './replies.js';

export const REQUEST_CLASSES = ['write', 'read', 'flush', 'unmap'] as const;
export type RequestClass = (typeof REQUEST_CLASSES)[number];

export interface Requests {
  readonly count: number;
  readonly bytes: number;
  /** Sum of their times. */
  readonly totalNs: number;
  /** How the times spread; undefined where no histogram is switched on. */
  readonly spread: Distribution | undefined;
}

export type RequestsByClass = Readonly<Record<RequestClass, Requests>>;

type Histogram = NonNullable<Stats['wr_latency_histogram']>;

interface Totals {
  readonly count: number;
  readonly bytes: number;
  readonly totalNs: number;
  readonly histogram: Histogram | undefined;
}

function totalsOf(stats: Stats): Readonly<Record<RequestClass, Totals>> {
  return {
    write: {
      count: stats.wr_operations,
      bytes: stats.wr_bytes,
      totalNs: stats.wr_total_time_ns,
      histogram: stats.wr_latency_histogram,
    },
    read: {
      count: stats.rd_operations,
      bytes: stats.rd_bytes,
      totalNs: stats.rd_total_time_ns,
      histogram: stats.rd_latency_histogram,
    },
    flush: {
      count: stats.flush_operations,
      bytes: 0,
      totalNs: stats.flush_total_time_ns,
      histogram: stats.flush_latency_histogram,
    },
    unmap: {
      count: stats.unmap_operations,
      bytes: stats.unmap_bytes,
      totalNs: stats.unmap_total_time_ns,
      histogram: undefined,
    },
  };
}

/** The middle of a bin on a logarithmic scale; a bin without a border on one side is an octave wide. */
function middleNs(boundaries: readonly number[], bin: number): number {
  const above = boundaries[bin] ?? 2 * boundaries[bin - 1]!;
  const below = boundaries[bin - 1] ?? above / 2;
  return Math.sqrt(below * above);
}

/** Bins of the requests between the samples, moved together so that their mean is that of the sums, which are exact. */
function spreadOf(
  before: Histogram | undefined,
  after: Histogram | undefined,
  meanNs: number,
): Distribution | undefined {
  const alike = before && after && String(before.boundaries) === String(after.boundaries);
  if (!alike || after.boundaries.length === 0 || after.bins.length !== after.boundaries.length + 1)
    return undefined;
  const rows = after.bins
    .map((count, i) => ({ ns: middleNs(after.boundaries, i), count: count - (before.bins[i] ?? 0) }))
    .filter(({ count }) => count > 0);
  return rows.length > 0 ? withMean(rows, meanNs) : undefined;
}

/** The rows moved together so that they have this mean. */
function withMean(
  rows: readonly { readonly ns: number; readonly count: number }[],
  meanNs: number,
): Distribution {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const factor = (meanNs * count) / rows.reduce((sum, row) => sum + row.ns * row.count, 0);
  return { ns: rows.map(({ ns }) => ns * factor), counts: rows.map((row) => row.count) };
}

/** The requests between two samples; undefined where counters fell, so that these are not of one run of a VM. */
export function requestsBetween(before: Stats, after: Stats): RequestsByClass | undefined {
  const [from, to] = [totalsOf(before), totalsOf(after)];
  const between = REQUEST_CLASSES.map((name): [RequestClass, Requests] => {
    const count = to[name].count - from[name].count;
    const totalNs = to[name].totalNs - from[name].totalNs;
    const spread = spreadOf(from[name].histogram, to[name].histogram, count > 0 ? totalNs / count : 0);
    return [name, { count, bytes: to[name].bytes - from[name].bytes, totalNs, spread }];
  });
  if (between.some(([, { count, bytes, totalNs }]) => count < 0 || bytes < 0 || totalNs < 0))
    return undefined;
  return Object.fromEntries(between) as Record<RequestClass, Requests>;
}

/** Requests of several disks taken together. Their spread is that of the disks where it is known, their mean that of all. */
export function together(parts: readonly Requests[]): Requests {
  const sum = (of: (part: Requests) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const count = sum((part) => part.count);
  const totalNs = sum((part) => part.totalNs);
  const rows = parts
    .flatMap(({ spread }) => (spread ? spread.ns.map((ns, i) => ({ ns, count: spread.counts[i]! })) : []))
    .sort((a, b) => a.ns - b.ns);
  return {
    count,
    bytes: sum((part) => part.bytes),
    totalNs,
    spread: rows.length > 0 ? withMean(rows, totalNs / count) : undefined,
  };
}
