// Cheap rows: store-at-stop, 16 TiB with one full bitmap on Ceph, as runs.csv has them, into a file. Each replication is a
// stop without bitmaps and one with, so two rows.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkExperimentFile, makeExperiment } from '../../../dist/sweep/experiment/experiment.js';
import { recordTo } from '../../../dist/sweep/results/record.js';
import { makeExecutor } from '../../../dist/sweep/run/executor.js';
import { makePlan } from '../../../dist/sweep/run/plan.js';

export const STORE = {
  storage: 'ceph-nvme',
  disk: { size: '16T' },
  bitmaps: { dirty: '100%' },
  strategies: ['store-at-stop'],
};

/** A guest that scatters 500 writes a second over 1 TiB while the bitmap is flushed, 1 ms a chunk. */
export const PRE_FLUSH = {
  'flush-latency': '1ms',
  disk: { size: '1T' },
  bitmaps: { dirty: '0%' },
  workload: { preset: 'idle', pattern: 'uniform', footprint: '100%', 'write-size': '4k', 'write-iops': 500 },
  ram: { size: '16G', used: '12G' },
  'pre-flush': { pending: 'off' },
  strategies: ['pre-flush'],
};

const WHOLE = { index: 1, of: 1 };
const WARM = 1000;

async function record(executor, base, replications, columns) {
  const file = checkExperimentFile({ question: 'speed', base, replications }, 'bench');
  const plan = await makePlan(makeExperiment({ name: 'bench', file, overrides: {} }));
  const folder = mkdtempSync(join(tmpdir(), 'stopgap-bench-'));
  const fd = openSync(join(folder, 'runs.csv'), 'w');
  try {
    const { rows } = await recordTo((text) => writeSync(fd, text), { plan, executor, shard: WHOLE, columns });
    return rows;
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

/** Prepares such a sweep on `jobs` threads, warm; the returned function runs it once and gives the number of rows. */
export async function prepareRows(base, jobs, replications, columns) {
  const executor = await makeExecutor(jobs);
  await record(executor, base, Math.min(WARM * jobs, replications), columns);
  return async () => {
    const rows = await record(executor, base, replications, columns);
    await executor.close();
    return rows;
  };
}
