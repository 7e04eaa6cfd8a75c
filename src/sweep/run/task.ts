/** What goes to a worker and what comes back: plain data, several replications at a time so that the crossing costs little. */

import { InputError } from '../../base/errors.js';
import type { RunMetrics } from '../../sim/machine/metrics.js';
import type { Scenario } from '../../sim/scenario.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { labelled, type Replicator, type RunResult, replicator, runReplication } from '../../study/run.js';
import type { SharedText } from './room.js';

/** What the rows of a point have in common, as the worker needs it to write them. */
export interface RowFrame {
  /** Of the scenario: what run ids are made of. */
  readonly hash: string;
  readonly point: number;
  /** Cells of the parameters, as text; null: no column of theirs is written. */
  readonly parameters: string | null;
  /** The columns before them that are written, and which of the columns of results behind them. */
  readonly ids: readonly string[];
  readonly results: readonly number[];
}

/** Some replications of one point. */
export interface TaskPart {
  readonly scenario: Scenario;
  readonly strategies: readonly StrategySpec[];
  readonly seed: number;
  readonly replications: readonly number[];
  /** Where rows are asked for. */
  readonly frame?: RowFrame;
}

/** A result, or what stands for it where there is none (it lasts too long, or a bug): no metrics, and the message as reason. */
export type RunOutcome = Omit<RunResult, 'metrics' | 'addedNs'> & { readonly metrics: RunMetrics | null };

export type Task = readonly TaskPart[];

/** Results by part and replication; within it one per strategy, in order. */
export interface TaskResult {
  readonly parts: readonly (readonly (readonly RunOutcome[])[])[];
  /** Wall time of the simulations, ms: sizes the next batches and nothing else. */
  readonly elapsedMs: number;
}

/** Rows of the replications of a task, one after another; nothing of them need be copied to cross to another thread. */
export interface Batch {
  /** Lines of CSV, to be given back, and where those of each replication end. */
  readonly text: SharedText;
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Of each row, ms; NaN: the run gave none. */
  readonly downtimesMs: Float64Array<ArrayBuffer>;
  /** What failed, by the place of its replication in the task. */
  readonly failures: readonly { readonly at: number; readonly text: string }[];
  readonly elapsedMs: number;
}

/** What is to be made of something: where a worker finds it, and the same for this thread. */
export interface Job<Given, Made> {
  /** A module below the root of the package whose default export does it. */
  readonly file: string;
  readonly here: (given: Given, runner?: Runner) => Promise<Made>;
}

/** The signature of runReplication; tests put a fake in its place. */
export type Runner = typeof runReplication;

/** A situation that cannot be simulated is told in words; anything else is a bug. */
function reasonOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  return `internal: ${error instanceof Error ? error.message : String(error)}`;
}

/** An error inside a run is a result of that run (`failed`, with the message): the other rows are not lost for it. */
export function guarded(part: TaskPart, run: () => readonly RunOutcome[]): readonly RunOutcome[] {
  try {
    return run();
  } catch (error) {
    const reason = reasonOf(error);
    return part.strategies.map((spec) => ({
      ...labelled(spec),
      state: 'failed',
      reason,
      metrics: null,
    }));
  }
}

/**
 * How a scenario is run: what follows outcomes is loaded only where one is asked for.
 * @internal
 */
export async function runnerOf({ outcome }: Scenario): Promise<Runner> {
  return outcome ? (await import('../../study/outcomes/replication.js')).runWithFates : runReplication;
}

/** Who tells the replications of a scenario one after another, by the shortest way; `given`: by this runner. */
export async function tellerOf(
  { scenario, strategies, seed }: Pick<TaskPart, 'scenario' | 'strategies' | 'seed'>,
  given?: Runner,
): Promise<Replicator> {
  const run = given ?? (await runnerOf(scenario));
  if (run === runReplication) return replicator(scenario, strategies, seed);
  return (replication) => run(scenario, strategies, seed, replication);
}

/** Runs a task; the same in a worker and inline. */
export async function runTask(task: Task, given?: Runner): Promise<TaskResult> {
  const start = performance.now();
  const parts: (readonly RunOutcome[])[][] = [];
  for (const part of task) {
    const run = given ?? (await runnerOf(part.scenario));
    const { scenario, strategies, seed } = part;
    parts.push(part.replications.map((r) => guarded(part, () => run(scenario, strategies, seed, r))));
  }
  return { parts, elapsedMs: performance.now() - start };
}

/** The results themselves. */
export const OUTCOMES: Job<Task, TaskResult> = { file: 'dist/sweep/run/worker.js', here: runTask };
