// A sweep as experiment 02 has them, a busy guest under pre-flush, rows to nowhere: what a second job gains. Threads are
// started and warm before the clock runs.

import { checkExperimentFile, makeExperiment } from '../../../dist/sweep/experiment/experiment.js';
import { recordTo } from '../../../dist/sweep/results/record.js';
import { makeExecutor } from '../../../dist/sweep/run/executor.js';
import { makePlan } from '../../../dist/sweep/run/plan.js';

const FILE = {
  question: 'speed',
  base: {
    'flush-latency': '1ms',
    disk: { size: '4T' },
    bitmaps: { dirty: '50%' },
    workload: { preset: 'idle', pattern: 'uniform', footprint: '100%', 'write-size': '4k' },
    ram: { size: '16G', used: '4G' },
    'pre-flush': { pending: 'off' },
    strategies: ['store-at-stop', 'pre-flush'],
  },
  axes: { 'workload.write-iops': [1000, 3000], 'pre-flush.chunk': ['4k', '64k'] },
};
const POINTS = 4;
/** What makes a thread warm; a quick run, whose figures nobody reads, does with fewer. */
const WARM_REPLICATIONS = 40;
const WHOLE = { index: 1, of: 1 };

/** Runs that many replications over all points; gives the number of rows. */
async function record(executor, replications) {
  const each = Math.max(1, Math.round(replications / POINTS));
  const file = checkExperimentFile({ ...FILE, replications: each }, 'bench');
  const plan = await makePlan(makeExperiment({ name: 'bench', file, overrides: {} }));
  const { rows } = await recordTo(() => {}, { plan, executor, shard: WHOLE });
  return rows;
}

/** Prepares a sweep on `jobs` threads; the returned function runs it once. */
export async function prepareSweep(jobs, replications) {
  const executor = await makeExecutor(jobs);
  await record(executor, Math.min(WARM_REPLICATIONS * jobs, replications));
  return async () => {
    const rows = await record(executor, replications);
    await executor.close();
    return rows;
  };
}
