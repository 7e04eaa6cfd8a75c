// A sweep of stores at the stop over sizes and storages, rows to nowhere: what jobs gain, and what a run costs beside
// its simulation. Threads are started and warm before the clock runs.
import { makeExecutor } from '../../../dist/experiment/sweep/executor.js';
import { checkExperimentFile, makeExperiment } from '../../../dist/experiment/sweep/experiment.js';
import { makePlan } from '../../../dist/experiment/sweep/plan.js';
import { recordTo } from '../../../dist/output/results/record.js';

const FILE = {
  question: 'speed',
  base: { bitmaps: { dirty: '100%' }, workload: 'idle', strategies: ['store-at-stop', 'pre-flush'] },
  axes: { storage: ['ceph-nvme', 'nvme-plp'], 'disk.size': ['1T', '4T'], 'bitmaps.count': [1, 4] },
};
const POINTS = 8;
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
  await record(executor, 400);
  return async () => {
    const rows = await record(executor, replications);
    await executor.close();
    return rows;
  };
}
