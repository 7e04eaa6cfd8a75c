/** What a replication takes, measured on some points of a plan: by the work of this process, not by the clock. */
import type { Plan, PlannedPoint } from './plan.js';
import { runnerOf } from './task.js';

/** So long are points sampled, once what the compiler makes of the first runs is no longer the most of them. */
const SAMPLING_MS = 3000;
const WARM_MS = 700;
/** Of what the whole would take: nobody wants to wait for an estimate as long as for the answer. */
const SHARE = 0.3;
/** On every so many points a second replication is run. */
const NEXT_EVERY = 3;

/** Of each point its first replication, and what every further one takes: the first makes what all of them share. */
export interface Sample {
  readonly count: number;
  readonly firstMs: number;
  readonly nextMs: number;
  readonly workerBytes: number;
  readonly strategies: number;
  readonly deterministic: number;
}

/** What this process has worked, not how long others kept it from that. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What one replication of a point works. */
async function timed({ resolved, strategies }: PlannedPoint, seed: number, replication: number) {
  const run = await runnerOf(resolved.scenario);
  const before = workedMs();
  run(resolved.scenario, strategies, seed, replication);
  return workedMs() - before;
}

/** Bits of the point, in bytes: the per-write engine keeps them for one strategy at a time, first-touch keeps fewer. */
function memoryBytes({ resolved }: PlannedPoint): number {
  const groups = resolved.scenario.disks.flatMap((disk) =>
    disk.bitmaps.map((bitmap) => disk.sizeBytes / bitmap.granularityBytes / 8),
  );
  return groups.reduce((sum, bytes) => sum + bytes, 0);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** All of these, in an order in which the first few are spread over them, whatever the period of an axis is. */
function* spreadOver(all: readonly number[]): Generator<number> {
  const seen = new Set<number>();
  for (let k = 0; seen.size < all.length && k < 4 * all.length; k++) {
    const at = Math.floor(all.length * ((k * GOLDEN) % 1));
    if (seen.has(at)) continue;
    seen.add(at);
    yield all[at]!;
  }
}

/** A clock of work that may be used up. */
class Budget {
  private readonly endMs: number;

  constructor(ms: number) {
    this.endMs = workedMs() + ms;
  }

  get isLeft(): boolean {
    return workedMs() < this.endMs;
  }
}

/** Runs a point again and again until it is as fast as it gets; what it took at first. */
async function warmUp(point: PlannedPoint, seed: number, replications: number): Promise<number> {
  const cold = await timed(point, seed, 0);
  const warming = new Budget(Math.min(WARM_MS, SHARE * cold * replications));
  for (let again = 1; warming.isLeft; again++) await timed(point, seed, again);
  return cold;
}

/**
 * All points again while there is work left: the mean of the later half of the passes, ms a random point. A replication
 * counts that follows one of the same point, as in a sweep: what they have in common is there already.
 */
async function furtherPasses(plan: Plan, indices: readonly number[], budget: Budget) {
  const { seed } = plan.experiment;
  const passes: number[] = [];
  for (let replication = 2; ; replication += 2) {
    let [sum, random] = [0, 0];
    for (const index of indices) {
      const point = await plan.point(index);
      if (!budget.isLeft) return passes.length === 0 ? undefined : meanOf(laterHalf(passes));
      if (point.deterministic) continue;
      await timed(point, seed, replication);
      sum += await timed(point, seed, replication + 1);
      random++;
    }
    if (random === 0) return undefined;
    passes.push(sum / random);
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const laterHalf = (passes: readonly number[]): readonly number[] =>
  passes.slice(Math.floor(passes.length / 2));

/** Measures points among these, spread over them; `replications`: how many there are to be run of all. */
export async function sampled(plan: Plan, indices: readonly number[], replications: number): Promise<Sample> {
  const { seed } = plan.experiment;
  let [count, firstMs, workerBytes, strategies, deterministic] = [0, 0, 0, 0, 0];
  let [pairs, pairFirstMs, pairNextMs] = [0, 0, 0];
  let budget = new Budget(Number.POSITIVE_INFINITY);
  for (const index of [indices[0], indices.at(-1)])
    if (index !== undefined) workerBytes = Math.max(workerBytes, memoryBytes(await plan.point(index)));
  for (const index of spreadOver(indices)) {
    if (count > 0 && !budget.isLeft) break;
    const point = await plan.point(index);
    workerBytes = Math.max(workerBytes, memoryBytes(point));
    if (count === 0) {
      const coldMs = await warmUp(point, seed, replications);
      budget = new Budget(Math.min(SAMPLING_MS, SHARE * coldMs * replications));
    }
    const first = await timed(point, seed, 0);
    firstMs += first;
    if (!point.deterministic && pairs++ % NEXT_EVERY === 0) {
      pairFirstMs += first;
      pairNextMs += await timed(point, seed, 1);
    }
    strategies += point.strategies.length;
    if (point.deterministic) deterministic++;
    count++;
  }
  // Where all points are seen and there is work left, all of them again: by now nothing is left to compile.
  const seenMs = count === indices.length ? await furtherPasses(plan, indices, budget) : undefined;
  const eachMs = count === 0 ? 0 : firstMs / count;
  // Else a further replication takes as much less everywhere as where it was measured.
  const guessedMs = pairFirstMs === 0 ? 0 : eachMs * (pairNextMs / pairFirstMs);
  const nextMs = seenMs ?? guessedMs;
  return { count, firstMs: eachMs, nextMs, workerBytes, strategies, deterministic };
}
