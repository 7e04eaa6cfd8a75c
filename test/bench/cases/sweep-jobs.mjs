// Two jobs against one (the peer) on the same sweep of heavy rows: 2 would be perfect, on two processors that nobody else
// uses.
import { prepareSweep } from '../shared/sweep.mjs';

export const benchmark = {
  name: 'sweep-jobs',
  unit: 'runs',
  work: { full: 240, quick: 4 },
  repeats: 3,
  prepare: (replications) => prepareSweep(2, replications),
  peers: [{ name: '1 job', source: 'sweep-one-job.mjs', sameResult: true }],
};
