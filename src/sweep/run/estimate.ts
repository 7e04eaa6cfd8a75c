/** What a sweep will take: for `--dry-run`, measured on a few of its own points. */
import type { Plan } from './plan.js';
import { leastOf, sampled, type Timing } from './sampling.js';
import type { KnownRuns } from './schedule.js';
import { isShards, type Shard } from './shard.js';

export interface Estimate {
  readonly points: number;
  /** Replications of this shard that are to be run (the least, with precision), and rows of runs.csv. */
  readonly replications: number;
  /** Replications that earlier sweeps have run. */
  readonly known: number;
  readonly rows: number;
  /** Of one replication with all strategies, mean over those to be run, ms; of an evacuation each VM is one. */
  readonly replicationMs: number;
  readonly seconds: number;
  /** Bit arrays of one worker at the largest sampled point, at most. */
  readonly workerBytes: number;
  readonly sampled: number;
}

/** A figure and its PNG; and what a sweep takes besides: to start, and to sum up its rows. */
const FIGURE_MS = 500;
const BESIDES_MS = 2000;

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

/** Counted, replication by replication. */
async function missingIn(plan: Plan, shard: Shard, known: Known): Promise<Missing> {
  const { size } = plan.experiment;
  const points: number[] = [];
  let [replications, rows, knownCount] = [0, 0, 0];
  for (let index = 0; index < plan.points.count; index++) {
    const point = await plan.point(index);
    let missing = 0;
    for (let replication = 0; replication < (point.deterministic ? 1 : leastOf(size)); replication++) {
      if (!isShards(size, shard, point, replication)) continue;
      if (point.ids(replication).every((id) => known.has(id))) knownCount++;
      else missing++;
    }
    replications += missing;
    rows += missing * point.strategies.length;
    if (missing > 0) points.push(index);
  }
  return { replications, rows, known: knownCount, points };
}

/** Simulates some points twice and extrapolates to what no earlier sweep has run (`known`). */
export async function estimate(
  plan: Plan,
  shard: Shard,
  jobs: number,
  known?: Known,
  timing?: Timing,
): Promise<Estimate> {
  const least = leastOf(plan.experiment.size);
  const all = Array.from({ length: plan.points.count }, (_, index) => index);
  const missing = known && (await missingIn(plan, shard, known));
  const indices = missing?.points ?? all;
  const sample = await sampled(plan, indices, missing?.replications ?? all.length * least, timing);
  const { count, firstMs, nextMs, workerBytes, strategies } = sample;
  const share = count === 0 ? 0 : sample.deterministic / count;
  const whole = Math.ceil((all.length * (share + (1 - share) * least)) / shard.of);
  const replications = missing?.replications ?? whole;
  const simulations = replications / sample.together;
  const first = Math.min(indices.length, simulations);
  const runsMs = first * firstMs + (simulations - first) * nextMs;
  const endMs = replications === 0 ? 0 : BESIDES_MS + FIGURE_MS * plan.experiment.figures.length;
  return {
    points: all.length,
    replications,
    known: missing?.known ?? 0,
    rows: missing?.rows ?? Math.round((replications * strategies) / count),
    replicationMs: replications === 0 ? 0 : runsMs / replications,
    seconds: (runsMs / jobs + endMs) / 1000,
    workerBytes,
    sampled: count,
  };
}
