/**
 * What a simulation takes, measured on some points of a plan: by the work of this process, not by the clock. A simulation is
 * a replication, or all those that come out of one evacuation.
 */
import { remembered } from '../../base/remembered.js';
import { simulatedTogether } from '../../sim/evacuation/member.js';
import { METRIC_NAMES } from '../../sim/machine/measure.js';
import type { Replicator } from '../../study/run.js';
import type { RunSize } from '../experiment/experiment.js';
import type { Plan, PlannedPoint } from './plan.js';
import { tellerOf } from './task.js';

/** So long are points sampled, once what the compiler makes of the first runs is no longer the most of them. */
const SAMPLING_MS = 3000;
const WARM_MS = 700;
/** Of what the whole would take: nobody wants to wait for an estimate as long as for the answer. */
const SHARE = 0.3;
/** On every so many points a second simulation is run. */
const NEXT_EVERY = 3;

/** Of each point its first simulation, and what every further one takes: the first makes what all of them share. */
export interface Sample {
  readonly count: number;
  readonly firstMs: number;
  readonly nextMs: number;
  /** Replications of a simulation, in the mean over points. */
  readonly together: number;
  readonly workerBytes: number;
  readonly strategies: number;
  readonly deterministic: number;
}

/** Who runs replications, and a clock of the work that takes. Tests bring others. */
export interface Timing {
  workedMs(): number;
  run(point: PlannedPoint, seed: number, replication: number): Promise<void>;
}

/** What this process has worked, not how long others kept it from that. */
const OWN_WORK: Timing = {
  workedMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  run: async (point, seed, replication) => {
    const tell = await remembered(tellers, point, () =>
      tellerOf({ scenario: point.resolved.scenario, strategies: point.strategies, seed }),
    );
    // As rows are made, which look at all that is told of a run.
    for (const { metrics } of tell(replication)) JSON.stringify(METRIC_NAMES.map((name) => metrics?.[name]));
  },
};

const tellers = new WeakMap<PlannedPoint, Promise<Replicator>>();

/** Replications that each point has at least. */
export const leastOf = (size: RunSize): number => (size.kind === 'fixed' ? size.replications : size.minimum);

/** Bits of the point, in bytes: the per-write engine keeps them for one strategy at a time, first-touch keeps fewer. */
function memoryBytes({ resolved }: PlannedPoint): number {
  const groups = resolved.scenario.disks.flatMap((disk) =>
    disk.bitmaps.map((bitmap) => disk.sizeBytes / bitmap.granularityBytes / 8),
  );
  return groups.reduce((sum, bytes) => sum + bytes, 0);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** All of these, in an order in which the first few are spread evenly over them, whatever the period of an axis is. */
function* spreadOver(all: readonly number[]): Generator<number> {
  const seen = new Set<number>();
  for (let k = 0; seen.size < all.length && k < 4 * all.length; k++) {
    const at = Math.floor(all.length * ((0.5 + k * GOLDEN) % 1));
    if (seen.has(at)) continue;
    seen.add(at);
    yield all[at]!;
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const laterHalf = (passes: readonly number[]): readonly number[] =>
  passes.slice(Math.floor(passes.length / 2));

/** Measures points among these, spread over them; `replications`: how many there are to be run of all. */
export function sampled(
  plan: Plan,
  indices: readonly number[],
  replications: number,
  timing: Timing = OWN_WORK,
): Promise<Sample> {
  return new Sampler(plan, indices, replications, timing).sample();
}

class Sampler {
  private readonly plan: Plan;
  private readonly indices: readonly number[];
  private readonly replications: number;
  private readonly timing: Timing;
  /** Up to when points are sampled, on the clock of work. */
  private endMs = Number.POSITIVE_INFINITY;

  constructor(plan: Plan, indices: readonly number[], replications: number, timing: Timing) {
    this.plan = plan;
    this.indices = indices;
    this.replications = replications;
    this.timing = timing;
  }

  async sample(): Promise<Sample> {
    const { plan, indices } = this;
    let [count, firstMs, together, workerBytes, strategies, deterministic] = [0, 0, 0, 0, 0, 0];
    let [pairs, pairFirstMs, pairNextMs] = [0, 0, 0];
    for (const index of [indices[0], indices.at(-1)])
      if (index !== undefined) workerBytes = Math.max(workerBytes, memoryBytes(await plan.point(index)));
    for (const index of spreadOver(indices)) {
      if (count > 0 && !this.isTimeLeft) break;
      // What replications of a point share is made once for each time it is asked for.
      if (count === 0) await this.warmUp(await plan.point(index));
      const point = await plan.point(index);
      workerBytes = Math.max(workerBytes, memoryBytes(point));
      const first = await this.timed(point, 0);
      firstMs += first;
      if (!point.deterministic && pairs++ % NEXT_EVERY === 0) {
        pairFirstMs += first;
        pairNextMs += await this.timed(point, 1);
      }
      together += this.together(point);
      strategies += point.strategies.length;
      if (point.deterministic) deterministic++;
      count++;
    }
    // Where all points are seen and there is work left, all of them again: by now nothing is left to compile.
    const seenMs = count === indices.length ? await this.furtherPasses() : undefined;
    const eachMs = count === 0 ? 0 : firstMs / count;
    // Else a further simulation takes as much less everywhere as where it was measured.
    const guessedMs = pairFirstMs === 0 ? 0 : eachMs * (pairNextMs / pairFirstMs);
    return {
      count,
      firstMs: eachMs,
      nextMs: seenMs ?? guessedMs,
      together: count === 0 ? 1 : together / count,
      workerBytes,
      strategies,
      deterministic,
    };
  }

  private get isTimeLeft(): boolean {
    return this.timing.workedMs() < this.endMs;
  }

  /** Replications of the point that come out of one simulation. */
  private together({ resolved }: PlannedPoint): number {
    return Math.min(simulatedTogether(resolved.scenario), leastOf(this.plan.experiment.size));
  }

  /** What a simulation of a point works, with all its replications. */
  private async timed(point: PlannedPoint, simulation: number): Promise<number> {
    const { timing, plan } = this;
    const from = simulation * simulatedTogether(point.resolved.scenario);
    const before = timing.workedMs();
    for (let i = 0; i < this.together(point); i++) await timing.run(point, plan.experiment.seed, from + i);
    return timing.workedMs() - before;
  }

  /** Runs a point again and again until it is as fast as it gets; sampling may go on as long as its first run allows. */
  private async warmUp(point: PlannedPoint): Promise<void> {
    const { timing, replications } = this;
    const coldMs = await this.timed(point, 0);
    const wholeMs = (SHARE * coldMs * replications) / this.together(point);
    const warmMs = timing.workedMs() + Math.min(WARM_MS, wholeMs);
    for (let again = 1; timing.workedMs() < warmMs; again++) await this.timed(point, again);
    this.endMs = timing.workedMs() + Math.min(SAMPLING_MS, wholeMs);
  }

  /**
   * All points again while there is work left: the mean of the later half of the passes, ms a random point. A simulation
   * counts that follows one of the same point, as in a sweep: what they have in common is there already.
   */
  private async furtherPasses(): Promise<number | undefined> {
    const passes: number[] = [];
    for (let simulation = 2; ; simulation += 2) {
      let [sum, random] = [0, 0];
      for (const index of this.indices) {
        const point = await this.plan.point(index);
        if (!this.isTimeLeft) return passes.length === 0 ? undefined : meanOf(laterHalf(passes));
        if (point.deterministic) continue;
        await this.timed(point, simulation);
        sum += await this.timed(point, simulation + 1);
        random++;
      }
      if (random === 0) return undefined;
      passes.push(sum / random);
    }
  }
}
