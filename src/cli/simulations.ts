/** Simulations for the studies: in this thread as long as they are few, on worker threads beyond that. */
import { availableParallelism } from 'node:os';
import { inParts, type Simulate } from '../study/simulate.js';
import type { Executor } from '../sweep/run/executor.js';
import { wholeNumber } from './whole-number.js';

/** The option `--jobs` of the studies. */
export const JOBS = {
  alias: 'j',
  type: 'string',
  requiresArg: true,
  describe: 'worker threads (default: one per processor); results are the same',
} as const;

/** Which threads, and whether it is known beforehand that they will be needed. */
export interface Threads {
  readonly jobs?: string | undefined;
  readonly atOnce?: boolean;
}

/**
 * Runs a study; `tick` is told of every finished run. Threads are started once it has gone on for a while, or at once:
 * then they get ready while this thread does what comes before.
 */
export async function withSimulations<T>(
  { jobs, atOnce = false }: Threads,
  tick: (done: number) => void,
  study: (simulate: Simulate) => Promise<T>,
): Promise<T> {
  const width = jobs === undefined ? availableParallelism() : wholeNumber(jobs, 'jobs', 1, 512);
  const [{ makeExecutor, shared }, { Patience }] = await Promise.all([
    import('../sweep/run/executor.js'),
    import('../sweep/run/patience.js'),
  ]);
  const alone = await makeExecutor(1);
  let threads: Promise<Executor> | undefined = atOnce && width > 1 ? makeExecutor(width) : undefined;
  const patience = new Patience(width);
  let done = 0;
  const simulate: Simulate = async (work) => {
    if (!threads && patience.isOver) threads = makeExecutor(width);
    const executor = (await threads) ?? alone;
    const scenario = threads ? shared(work.scenario) : work.scenario;
    const running = inParts({ ...work, scenario }, executor.width);
    const results = await Promise.all(running.map((part) => executor.run([part])));
    tick((done += work.replications.length));
    return results.flatMap(({ parts: [part] }) => part!);
  };
  try {
    return await study(simulate);
  } finally {
    await (await threads)?.close();
  }
}
