// Two jobs against one (the peer) on the same sweep: 2 would be perfect.
import { prepareSweep } from '../shared/sweep.mjs';

export const benchmark = {
  name: 'sweep-jobs',
  unit: 'runs',
  work: { full: 160, quick: 8 },
  prepare: (replications) => prepareSweep(2, replications),
  peers: [{ name: '1 job', source: 'sweep-one-job.mjs', sameResult: true }],
};
