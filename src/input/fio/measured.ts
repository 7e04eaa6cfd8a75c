/** From jobs to classes of requests with their latencies; those measured under the same conditions are one. */
import { isTree, type Tree, treeOf } from '../../base/tree.js';
import type { Windows } from '../../stats/two-state.js';
import { blockBytes, type Conditions, conditionsOf } from './conditions.js';
import { histogramOf, pooled } from './result-latency.js';
import type { FioResult } from './runs.js';

export interface Measured {
  readonly kind: 'read' | 'write' | 'trim' | 'sync';
  readonly sizeBytes: number;
  readonly latency: Tree;
  readonly meanNs: number;
  readonly requests: number;
  readonly bytesPerS: number;
  /** The jobs it comes from. */
  readonly jobs: readonly string[];
  readonly conditions: Conditions;
  /** How its rate varied while it ran; absent where that does not tell how the device varied. */
  readonly windows?: Windows;
}

const number = (tree: Tree, key: string): number => {
  const value = tree[key];
  return typeof value === 'number' ? value : 0;
};

function sizeOf(job: FioResult, kind: 'read' | 'write' | 'trim', where: string): number {
  const { options } = job;
  if (options.bs !== undefined || options.blocksize !== undefined) return blockBytes(options, kind, where);
  const ios = number(job[kind], 'total_ios');
  const mean = Math.round(number(job[kind], 'io_bytes') / ios);
  return mean > 0 ? mean : blockBytes(options, kind, where);
}

/** fio's `iopsavgtime`, unless told; a log that is averaged over less shortens the windows of the summary as well. */
const WINDOW_MS = 500;

function windowMs({ iopsavgtime, log_avg_msec }: FioResult['options']): number {
  return Math.min(Number(iopsavgtime) || WINDOW_MS, Number(log_avg_msec) || Number.POSITIVE_INFINITY);
}

/** Of a job that had one request in flight and did not hold back. */
function windowsIn({ options }: FioResult, direction: Tree, { depth }: Conditions): Windows | undefined {
  const count = number(direction, 'iops_samples');
  const held = ['rate', 'rate_iops', 'thinktime'].some((name) => options[name] !== undefined);
  if (count === 0 || held || depth > 1) return undefined;
  return {
    windowNs: windowMs(options) * 1e6,
    count,
    mean: number(direction, 'iops_mean'),
    standardDeviation: number(direction, 'iops_stddev'),
    min: number(direction, 'iops_min'),
    max: number(direction, 'iops_max'),
  };
}

/** What the whole latency has beyond that of completion; engines that wait count it nowhere by itself. */
function submissionNs(direction: Tree, total: Tree, clat: Tree): number {
  const whole = number(total, 'mean');
  return whole > 0 ? Math.max(0, whole - number(clat, 'mean')) : number(treeOf(direction.slat_ns), 'mean');
}

function measuredIn(job: FioResult, where: string): readonly Measured[] {
  const conditions = conditionsOf(job, where);
  const common = { jobs: [job.name], conditions };
  const found: Measured[] = [];
  for (const kind of ['read', 'write', 'trim'] as const) {
    const direction = job[kind];
    const requests = number(direction, 'total_ios');
    if (requests === 0) continue;
    const total = treeOf(direction.lat_ns);
    const own = isTree(total.bins) || isTree(total.percentile);
    const clat = treeOf(direction.clat_ns);
    const shiftNs = own ? 0 : submissionNs(direction, total, clat);
    const histogram = histogramOf(own ? total : clat, shiftNs, `${where}: ${job.name}.${kind}`);
    const bytesPerS = number(direction, 'bw_bytes') || number(direction, 'bw') * 1024;
    const windows = windowsIn(job, direction, conditions);
    found.push({
      ...common,
      ...histogram,
      kind,
      requests,
      bytesPerS,
      sizeBytes: sizeOf(job, kind, where),
      ...(windows && { windows }),
    });
  }
  const sync = treeOf(job.sync.lat_ns);
  // sync.total_ios is 0 with libaio; N is right.
  const flushes = number(sync, 'N');
  if (flushes > 0) {
    const histogram = histogramOf(sync, 0, `${where}: ${job.name}.sync`);
    found.push({ ...common, ...histogram, kind: 'sync', requests: flushes, bytesPerS: 0, sizeBytes: 0 });
  }
  return found;
}

function together(alike: readonly Measured[]): Measured {
  const [first] = alike;
  if (alike.length === 1) return first!;
  const sum = alike.reduce((total, { requests }) => total + requests, 0);
  const { windows: _, ...same } = first!;
  return {
    ...same,
    ...pooled(alike),
    requests: sum,
    bytesPerS: alike.reduce((total, { bytesPerS }) => total + bytesPerS, 0) / alike.length,
    jobs: [...new Set(alike.flatMap(({ jobs }) => jobs))].sort(),
  };
}

/** All that the jobs measured; what was measured alike is put together, so that the order of the jobs means nothing. */
export function measuredBy(jobs: readonly FioResult[], where: string): readonly Measured[] {
  const groups = new Map<string, Measured[]>();
  for (const each of jobs.flatMap((job) => measuredIn(job, where))) {
    const key = JSON.stringify([each.kind, each.sizeBytes, each.conditions]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map(together);
}
