/** Where tasks run: in this thread, or on worker threads. Order and results are the same. */
import { PACKAGE_ROOT } from '../../input/values/package-root.js';
import { type Job, OUTCOMES, type Runner, type Task, type TaskResult } from './task.js';

export interface Executor {
  /** How many tasks can usefully be under way at once. */
  readonly width: number;
  /** The results of a task. */
  run(task: Task): Promise<TaskResult>;
  /** What a job makes of a task. */
  make<T>(task: Task, job: Job<T>): Promise<T>;
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

  async make<T>(task: Task, job: Job<T>): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return job.here(task, this.runner);
  }

  async close(): Promise<void> {}
}

/** Worker threads; they load the built program, so this works from dist/ only. */
async function workerExecutor(jobs: number): Promise<Executor> {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
    // One task waits at each worker while its last one runs, so that no worker stands idle.
    concurrentTasksPerWorker: 1,
  });
  const make = <T>(task: Task, { file }: Job<T>): Promise<T> =>
    pool.run(task, { filename: new URL(file, PACKAGE_ROOT).href });
  return {
    width: jobs,
    run: (task) => make(task, OUTCOMES),
    make,
    close: () => pool.destroy(),
  };
}

/** Starting threads, and compiling everything again in each, takes about as long as this. */
const PATIENCE_MS = 1500;

/**
 * In this thread as long as there is little to do, on worker threads from then on: where all the work is done before they
 * would have started, they are not.
 */
class PatientExecutor implements Executor {
  private readonly jobs: number;
  private readonly patienceMs: number;
  private readonly alone = new InlineExecutor();
  private readonly startMs = performance.now();
  private starting: Promise<void> | undefined;
  private threads: Executor | undefined;

  constructor(jobs: number, patienceMs = PATIENCE_MS) {
    this.jobs = jobs;
    this.patienceMs = patienceMs;
  }

  get width(): number {
    return this.threads?.width ?? 1;
  }

  run(task: Task): Promise<TaskResult> {
    return this.make(task, OUTCOMES);
  }

  async make<T>(task: Task, job: Job<T>): Promise<T> {
    const isLong = performance.now() - this.startMs > this.patienceMs;
    if (isLong && !this.starting) {
      this.starting = workerExecutor(this.jobs).then((threads) => {
        this.threads = threads;
      });
    }
    return (this.threads ?? this.alone).make(task, job);
  }

  async close(): Promise<void> {
    await this.starting;
    await this.threads?.close();
  }
}

/** The executor of a sweep: threads are started where they pay. */
export function sweepExecutor(jobs: number): Executor {
  return jobs === 1 ? new InlineExecutor() : new PatientExecutor(jobs);
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
