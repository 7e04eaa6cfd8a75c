/** What a sweep will take: for `--dry-run`, measured on a few of its own points. */
import type { Plan, PlannedPoint } from './plan.js';
import { belongs, type KnownRuns, type Shard } from './schedule.js';
import { runnerOf } from './task.js';

export interface Estimate {
  readonly points: number;
  /** Replications of this shard that are to be run (the least, with precision), and rows of runs.csv. */
  readonly replications: number;
  /** Replications that earlier sweeps have run. */
  readonly known: number;
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

/** Some of these, spread over them, the first and the last among them. */
function spreadOver(all: readonly number[], samples: number): readonly number[] {
  const count = Math.min(all.length, samples);
  return Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))]!,
  );
}

/** Rows of earlier sweeps, by run id. */
type Known = Pick<KnownRuns, 'has'>;

/** What is still to be run. */
interface Missing {
  readonly replications: number;
  readonly rows: number;
  readonly known: number;
  /** Points that any of it belongs to. */
  readonly points: readonly number[];
}

const leastOf = (plan: Plan): number =>
  plan.experiment.size.kind === 'fixed' ? plan.experiment.size.replications : plan.experiment.size.minimum;

/** Counted, replication by replication. */
async function missingIn(plan: Plan, shard: Shard, known: Known): Promise<Missing> {
  const { size } = plan.experiment;
  const points: number[] = [];
  let [replications, rows, knownCount] = [0, 0, 0];
  for (let index = 0; index < plan.points.count; index++) {
    const point = await plan.point(index);
    let missing = 0;
    for (let replication = 0; replication < (point.deterministic ? 1 : leastOf(plan)); replication++) {
      if (!belongs(size, shard, index, replication)) continue;
      if (point.ids(replication).every((id) => known.has(id))) knownCount++;
      else missing++;
    }
    replications += missing;
    rows += missing * point.strategies.length;
    if (missing > 0) points.push(index);
  }
  return { replications, rows, known: knownCount, points };
}

/** What replications take, on some points. The first is run twice: what it compiles is not its own cost. */
async function sampled(plan: Plan, indices: readonly number[]) {
  const start = performance.now();
  let [spentMs, count, workerBytes, strategies, deterministic] = [0, 0, 0, 0, 0];
  for (const index of indices) {
    if (count > 0 && performance.now() - start > SAMPLING_MS) break;
    const point = await plan.point(index);
    workerBytes = Math.max(workerBytes, memoryBytes(point));
    strategies += point.strategies.length;
    if (point.deterministic) deterministic++;
    const runner = await runnerOf(point.resolved.scenario);
    const run = (): unknown => runner(point.resolved.scenario, point.strategies, plan.experiment.seed, 0);
    if (count === 0) run();
    const before = performance.now();
    run();
    spentMs += performance.now() - before;
    count++;
  }
  return { spentMs, count, workerBytes, strategies, deterministic };
}

/** Runs one replication of a few points and extrapolates to what no earlier sweep has run (`known`). */
export async function estimate(plan: Plan, shard: Shard, jobs: number, known?: Known): Promise<Estimate> {
  const all = Array.from({ length: plan.points.count }, (_, index) => index);
  const missing = known && (await missingIn(plan, shard, known));
  const sample = await sampled(plan, spreadOver(missing?.points ?? all, SAMPLES));
  const { spentMs, count, workerBytes, strategies } = sample;
  const share = sample.deterministic / count;
  const whole = Math.ceil((all.length * (share + (1 - share) * leastOf(plan))) / shard.of);
  const replications = missing?.replications ?? whole;
  const replicationMs = count === 0 ? 0 : spentMs / count;
  return {
    points: all.length,
    replications,
    known: missing?.known ?? 0,
    rows: missing?.rows ?? Math.round((replications * strategies) / count),
    replicationMs,
    seconds: (replications * replicationMs) / 1000 / jobs,
    workerBytes,
    sampled: count,
  };
}
