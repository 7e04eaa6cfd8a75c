/** What a sweep will take: for `--dry-run`, measured on a few of its own points. */
import type { Plan, PlannedPoint } from './plan.js';
import type { Shard } from './schedule.js';
import { runnerOf } from './task.js';

export interface Estimate {
  readonly points: number;
  /** Replications of this shard (the least, with precision), and rows of runs.csv. */
  readonly replications: number;
  readonly rows: number;
  /** Of one replication with all strategies, mean over the sampled points, ms. */
  readonly replicationMs: number;
  readonly seconds: number;
  /** Bit arrays of one worker at the largest sampled point, at most. */
  readonly workerBytes: number;
  readonly sampled: number;
}

const SAMPLES = 7;
const SAMPLING_MS = 3000;

/** Bits of the point, in bytes: the per-write engine keeps them for one strategy at a time, first-touch keeps fewer. */
function memoryBytes({ resolved }: PlannedPoint): number {
  const groups = resolved.scenario.disks.flatMap((disk) =>
    disk.bitmaps.map((bitmap) => disk.sizeBytes / bitmap.granularityBytes / 8),
  );
  return groups.reduce((sum, bytes) => sum + bytes, 0);
}

/** Points spread over the plan, the first and the last among them. */
function sampleIndices(count: number): number[] {
  const samples = Math.min(count, SAMPLES);
  const at = (i: number): number => Math.round((i * (count - 1)) / Math.max(1, samples - 1));
  return Array.from({ length: samples }, (_, i) => at(i));
}

/** Runs one replication of a few points and extrapolates. The first is run twice: what it compiles is not its own cost. */
export async function estimate(plan: Plan, shard: Shard, jobs: number): Promise<Estimate> {
  const { points, experiment } = plan;
  const start = performance.now();
  let [spent, sampled, workerBytes, strategies, deterministic] = [0, 0, 0, 0, 0];
  for (const [i, index] of sampleIndices(points.count).entries()) {
    if (sampled > 0 && performance.now() - start > SAMPLING_MS) break;
    const point = await plan.point(index);
    workerBytes = Math.max(workerBytes, memoryBytes(point));
    strategies += point.strategies.length;
    if (point.deterministic) deterministic++;
    const runner = await runnerOf(point.resolved.scenario);
    const run = (): unknown => runner(point.resolved.scenario, point.strategies, experiment.seed, 0);
    if (i === 0) run();
    const before = performance.now();
    run();
    spent += performance.now() - before;
    sampled++;
  }
  const each = experiment.size.kind === 'fixed' ? experiment.size.replications : experiment.size.minimum;
  const share = deterministic / sampled;
  const replications = Math.ceil((points.count * (share + (1 - share) * each)) / shard.of);
  const replicationMs = spent / sampled;
  return {
    points: points.count,
    replications,
    rows: Math.round((replications * strategies) / sampled),
    replicationMs,
    seconds: (replications * replicationMs) / 1000 / jobs,
    workerBytes,
    sampled,
  };
}
