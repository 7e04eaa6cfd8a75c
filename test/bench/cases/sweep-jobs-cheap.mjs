// Two jobs against one (the peer) on a sweep of cheap rows, where handing over what was simulated counts: 2 would be perfect,
// on two processors that nobody else uses.
import { prepareRows, STORE } from '../shared/rows.mjs';

export const benchmark = {
  name: 'sweep-jobs-cheap',
  unit: 'runs',
  work: { full: 200_000, quick: 400 },
  repeats: 3,
  prepare: (replications) => prepareRows(STORE, 2, replications),
  peers: [{ name: '1 job', source: 'rows-one-job.mjs', sameResult: true }],
};
