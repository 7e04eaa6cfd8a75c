/** Where tasks run: in this thread, or on worker threads. Order and results are the same. */
import { setFlagsFromString } from 'node:v8';
import { PACKAGE_ROOT } from '../../input/values/package-root.js';
import { Patience } from './patience.js';
import { type Job, OUTCOMES, type Runner, type Task, type TaskResult } from './task.js';

export interface Executor {
  /** How many tasks can usefully be under way at once. */
  readonly width: number;
  /** The results of a task. */
  run(task: Task): Promise<TaskResult>;
  /** What a job makes of something. */
  make<Given, Made>(given: Given, job: Job<Given, Made>): Promise<Made>;
  close(): Promise<void>;
}

/**
 * Runs in this thread, giving way to signals and timers between tasks. For one job, and for tests.
 * @internal
 */
export class InlineExecutor implements Executor {
  readonly width = 1;
  private readonly runner: Runner | undefined;

  constructor(runner?: Runner) {
    this.runner = runner;
  }

  run(task: Task): Promise<TaskResult> {
    return this.make(task, OUTCOMES);
  }

  async make<Given, Made>(given: Given, job: Job<Given, Made>): Promise<Made> {
    await new Promise((resolve) => setImmediate(resolve));
    return job.here(given, this.runner);
  }

  async close(): Promise<void> {}
}

/** What a replication leaves behind is soon garbage, so that a larger nursery would hold nothing but more of it. */
const NURSERY_MB = 12;
/**
 * Each thread clears its nursery alone. V8 has helpers do it too and waits for them; where all processors work already they wait for
 * one, and for so little to clear they are hardly needed.
 */
const ALONE = '--no-parallel-scavenge';

/** Worker threads; they load the built program, so this works from dist/ only. */
async function workerExecutor(jobs: number): Promise<Executor> {
  const { Tinypool } = await import('tinypool');
  setFlagsFromString(ALONE);
  const pool = new Tinypool({
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
    // One task waits at each worker while its last one runs, so that no worker stands idle.
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
  });
  const make = <Given, Made>(given: Given, { file }: Job<Given, Made>): Promise<Made> =>
    pool.run(given, { filename: new URL(file, PACKAGE_ROOT).href });
  return {
    width: jobs,
    run: (task) => make(task, OUTCOMES),
    make,
    close: () => pool.destroy(),
  };
}

/** A thread that works so long at a time hears signals too late. */
const DEAF_MS = 2000;

/**
 * In this thread as long as there is little to do, on worker threads from then on: where all the work is done before they
 * would have started, they are not. For one job this thread does it all, unless a single task keeps it so long that nobody
 * could tell it to end.
 */
class PatientExecutor implements Executor {
  private readonly jobs: number;
  private readonly alone = new InlineExecutor();
  private readonly patience: Patience;
  private longestMs: number;
  private starting: Promise<void> | undefined;
  private threads: Executor | undefined;

  /** `isSlow`: a single task may take long. */
  constructor(jobs: number, isSlow: boolean) {
    this.jobs = jobs;
    this.patience = new Patience(jobs);
    this.longestMs = isSlow ? Number.POSITIVE_INFINITY : 0;
  }

  get width(): number {
    return this.threads?.width ?? 1;
  }

  run(task: Task): Promise<TaskResult> {
    return this.make(task, OUTCOMES);
  }

  async make<Given, Made>(given: Given, job: Job<Given, Made>): Promise<Made> {
    const isDeaf = this.longestMs > DEAF_MS;
    if (isDeaf || this.patience.isOver) {
      this.starting ??= workerExecutor(this.jobs).then(async (threads) => {
        // A task of nothing is done when a thread has loaded the program; this one works on until then.
        await threads.run([]);
        this.threads = threads;
      });
    }
    if (isDeaf) await this.starting;
    if (this.threads) return this.threads.make(given, job);
    const before = process.cpuUsage();
    const made = await this.alone.make(given, job);
    // What it worked, not how long others kept it from that.
    this.longestMs = Math.max(this.longestMs, process.cpuUsage(before).user / 1000);
    return made;
  }

  async close(): Promise<void> {
    await this.starting;
    await this.threads?.close();
  }
}

/** The executor of a sweep: threads are started where they pay; `isSlow`: a single run may take long. */
export function sweepExecutor(jobs: number, isSlow = false): Executor {
  return new PatientExecutor(jobs, isSlow);
}

/** The executor for a number of jobs. */
export async function makeExecutor(jobs: number): Promise<Executor> {
  return jobs === 1 ? new InlineExecutor() : workerExecutor(jobs);
}

const SHAREABLE = new WeakMap<object, object>();

/**
 * The same value with its large arrays in shared memory, so that a trace of a million writes crosses to the
 * workers once and not with every task.
 */
export function shared<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const known = SHAREABLE.get(value);
  if (known) return known as T;
  let copy: object;
  if (value instanceof Float64Array || value instanceof Uint16Array) {
    const Array_ = value.constructor as typeof Float64Array;
    const target = new Array_(new SharedArrayBuffer(value.byteLength));
    target.set(value);
    copy = target;
  } else if (Array.isArray(value)) copy = value.map(shared);
  else copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shared(inner)]));
  SHAREABLE.set(value, copy);
  return copy as T;
}
