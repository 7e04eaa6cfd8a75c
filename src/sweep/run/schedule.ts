/**
 * Runs what is missing of a plan and hands over finished replications in plan order, whatever the order in which
 * they finish. What is run follows from the plan and the results alone, never from time or the number of workers;
 * time only sizes the batches.
 */

import { setImmediate } from 'node:timers/promises';
import { simulatedTogether, simulationOf } from '../../sim/evacuation/member.js';
import { nextReplications } from '../../stats/precision.js';
import { abortOf } from './abort.js';
import { type DoneRows, doneRows, downtimeOf, handedOver } from './done-rows.js';
import type { Executor } from './executor.js';
import type { Plan, PlannedPoint } from './plan.js';
import type { SharedText } from './room.js';
import { belongs, isShards, type Shard } from './shard.js';
import type { Batch, Job, RowFrame, Task, TaskPart } from './task.js';

/** Rows of earlier sweeps. */
export interface KnownRuns {
  has(runId: string): boolean;
  rows(point: PlannedPoint, replication: number): DoneRows;
}

export interface Work {
  readonly plan: Plan;
  readonly executor: Executor;
  readonly shard: Shard;
  readonly signal?: AbortSignal;
  readonly job: Job<Task, Batch>;
  /** What the rows of a point are written with. */
  frame(point: PlannedPoint): RowFrame;
  /** Left out where there are none. */
  readonly known?: KnownRuns;
  /** Called in plan order: points by index, in each the replications of this shard ascending. */
  finished(rows: DoneRows, point: PlannedPoint, replication: number): void;
  /** All rows in this text were finished: it is to be given back when it has been put where it belongs. */
  handed(text: SharedText): void;
  progress?(replicationsDone: number, replicationsPlanned: number): void;
}

/** Rows of an earlier sweep stay where they are until they are handed over. */
type Done = DoneRows | 'known';

interface OpenPoint {
  readonly point: PlannedPoint;
  readonly done: Map<number, Done>;
  /** Replications planned so far, those looked at, those under way, and the next to hand over. */
  target: number;
  looked: number;
  underWay: number;
  handed: number;
  closed: boolean;
}

/** One task waits at each worker while its last one runs. */
const flightsMax = ({ width }: Executor): number => (width === 1 ? 1 : 2 * width);

interface Item {
  readonly open: OpenPoint;
  readonly replication: number;
}

/** So many of these at least, and what is simulated with the last of them: two threads would simulate all of it twice. */
function wholeSimulations(items: readonly Item[], least: number): number {
  const simulation = ({ open, replication }: Item): number =>
    simulationOf(open.point.resolved.scenario, replication);
  let count = least;
  for (; count < items.length; count++) {
    const [last, next] = [items[count - 1]!, items[count]!];
    if (last.open !== next.open || simulation(last) !== simulation(next)) break;
  }
  return count;
}

/** Wall time that a task should take: long against the crossing to a worker, short against a user's patience. */
const TASK_MS = 150;
const TASK_ITEMS_MAX = 2000;
/** Replications finished or looked at ahead of the one handed over next: bounds the memory. */
const AHEAD_MAX = 10_000;

/** Runs the plan; true when it was finished, false when it was interrupted. */
export async function runPlan(work: Work): Promise<boolean> {
  return new Pipeline(work).run();
}

class Pipeline {
  private readonly work: Work;
  private readonly opened: OpenPoint[] = [];
  /** Points with replications that nobody has looked at. */
  private readonly toLook: OpenPoint[] = [];
  private readonly queue: Item[] = [];
  private readonly flights = new Set<Promise<void>>();
  private nextPoint = 0;
  private ahead = 0;
  private doneCount = 0;
  private plannedCount = 0;
  private itemMs: number | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(work: Work) {
    this.work = work;
  }

  async run(): Promise<boolean> {
    const { executor, signal } = this.work;
    const interrupted = abortOf(signal);
    while (!signal?.aborted) {
      await this.refill(this.batchSize());
      this.handOver();
      this.report();
      if (this.queue.length > 0 && this.flights.size < flightsMax(executor)) this.launch();
      else if (this.flights.size > 0) await Promise.race([...this.flights, interrupted]);
      else if (this.opened.length === 0 && this.nextPoint >= this.work.plan.points.count) return true;
      // Rows that are known cost no waiting: signals and the lock's timer want their turn all the same.
      else await setImmediate();
      if (this.failure) throw this.failure.error;
    }
    return false;
  }

  /** As many replications as fill a task, fewer near the end so that all workers finish together. */
  private batchSize(): number {
    if (this.itemMs === undefined) return 1;
    const { plan, executor } = this.work;
    const fits = Math.max(1, Math.min(TASK_ITEMS_MAX, Math.round(TASK_MS / this.itemMs)));
    const pointsLeft = plan.points.count - this.nextPoint;
    if (pointsLeft > 0 || this.toLook.length > 0) return fits;
    return Math.min(fits, Math.max(1, Math.ceil(this.queue.length / (2 * executor.width))));
  }

  private async refill(wanted: number): Promise<void> {
    const { plan, shard } = this.work;
    // Enough for a batch per worker beyond this one, so that the shrinking at the end sees what is left.
    const enough = wanted * this.work.executor.width * 2;
    while (this.queue.length < enough && this.ahead < AHEAD_MAX) {
      const next = this.toLook[0];
      if (next) {
        this.look(next);
        continue;
      }
      if (this.nextPoint >= plan.points.count) return;
      const index = this.nextPoint++;
      if (plan.experiment.size.kind === 'precision' && !belongs(plan.experiment.size, shard, index, 0))
        continue;
      const point = await plan.point(index);
      const open: OpenPoint = {
        point,
        done: new Map(),
        target: 0,
        looked: 0,
        underWay: 0,
        handed: 0,
        closed: false,
      };
      this.opened.push(open);
      this.extend(open);
    }
  }

  /** Plans more replications of the point if its size asks for them, and closes it if not. */
  private extend(open: OpenPoint): void {
    if (open.underWay > 0 || open.looked < open.target || open.closed) return;
    const target = this.targetOf(open);
    if (target === open.target) open.closed = true;
    else {
      open.target = target;
      this.toLook.push(open);
    }
  }

  /** The next replications of the first of these points, as many as are one simulation. */
  private look(open: OpenPoint): void {
    const whole = simulatedTogether(open.point.resolved.scenario);
    do this.lookAtNext(open);
    while (open.looked < open.target && open.looked % whole !== 0);
    this.extend(open);
  }

  /** Another shard's, or known already, or queued to be run. */
  private lookAtNext(open: OpenPoint): void {
    const { plan, shard } = this.work;
    const replication = open.looked++;
    if (open.looked === open.target) this.toLook.shift();
    this.ahead++;
    if (isShards(plan.experiment.size, shard, open.point, replication)) {
      this.plannedCount++;
      const { known } = this.work;
      if (known && open.point.ids(replication).every((id) => known.has(id))) {
        open.done.set(replication, 'known');
        this.doneCount++;
      } else {
        open.underWay++;
        this.queue.push({ open, replication });
      }
    }
  }

  /** The rows of a replication that is done. */
  private rowsOf(open: OpenPoint, replication: number): DoneRows {
    const done = open.done.get(replication)!;
    return done === 'known' ? this.work.known!.rows(open.point, replication) : done;
  }

  private targetOf(open: OpenPoint): number {
    const { size } = this.work.plan.experiment;
    if (open.point.deterministic) return 1;
    if (size.kind === 'fixed') return size.replications;
    const rows = Array.from({ length: open.target }, (_, r) => this.rowsOf(open, r));
    const quantities = open.point.strategies.map((_, s) =>
      rows.map((each) => downtimeOf(each, s)).filter((value) => !Number.isNaN(value)),
    );
    return nextReplications(open.target, quantities, size);
  }

  private handOver(): void {
    const { size } = this.work.plan.experiment;
    for (let open = this.opened[0]; open; open = this.opened[0]) {
      for (; open.handed < open.looked; open.handed++) {
        const replication = open.handed;
        const done = open.done.get(replication);
        if (done === undefined && isShards(size, this.work.shard, open.point, replication)) return;
        if (done !== undefined) {
          const rows = this.rowsOf(open, replication);
          this.work.finished(rows, open.point, replication);
          handedOver(rows, (text) => this.work.handed(text));
        }
        // A precision point keeps its results: they decide whether more are needed.
        if (size.kind === 'fixed') open.done.delete(replication);
        this.ahead--;
      }
      if (!open.closed) break;
      this.opened.shift();
    }
  }

  private report(): void {
    const { plan, shard, progress } = this.work;
    if (!progress) return;
    const { size } = plan.experiment;
    const each = size.kind === 'fixed' ? size.replications : size.minimum;
    const unseen = this.toLook.reduce((sum, { target, looked }) => sum + target - looked, 0);
    const rest = ((plan.points.count - this.nextPoint) * each + unseen) / shard.of;
    progress(this.doneCount, this.plannedCount + Math.round(rest));
  }

  private launch(): void {
    const items = this.queue.splice(0, wholeSimulations(this.queue, this.batchSize()));
    const flight = this.work.executor.make(this.taskOf(items), this.work.job).then((batch) => {
      const perItem = batch.elapsedMs / items.length;
      this.itemMs = this.itemMs === undefined ? perItem : 0.7 * this.itemMs + 0.3 * perItem;
      const rows = doneRows(
        batch,
        items.map(({ open }) => open.point.strategies.length),
      );
      for (const [i, { open, replication }] of items.entries()) {
        open.done.set(replication, rows[i]!);
        open.underWay--;
        this.doneCount++;
        this.extend(open);
      }
    });
    const tracked: Promise<void> = flight
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.flights.delete(tracked));
    this.flights.add(tracked);
  }

  /** Neighbouring items of one point share a part. */
  private taskOf(items: readonly Item[]): Task {
    const { seed } = this.work.plan.experiment;
    const parts: (TaskPart & { readonly replications: number[] })[] = [];
    let last: OpenPoint | undefined;
    for (const { open, replication } of items) {
      if (last === open) parts.at(-1)!.replications.push(replication);
      else {
        const { resolved, strategies } = open.point;
        const frame = this.work.frame(open.point);
        parts.push({ scenario: resolved.scenario, strategies, seed, frame, replications: [replication] });
      }
      last = open;
    }
    return parts;
  }
}
