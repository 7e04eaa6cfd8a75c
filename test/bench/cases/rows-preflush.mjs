// Replications a second of pre-flush with all columns, on one job. The SimPy peer is that of pre-flush.py, begun anew for each
// replication: a guest that writes, a flusher, and the chunks that are stale at the end written one by one.
import { PRE_FLUSH, prepareRows } from '../shared/rows.mjs';

export const benchmark = {
  name: 'rows-preflush',
  unit: 'runs',
  work: { full: 100, quick: 4 },
  repeats: 3,
  prepare: (replications) => prepareRows(PRE_FLUSH, 1, replications),
  peers: [{ name: 'simpy', source: 'rows-preflush.py', work: { full: 20, quick: 2 } }],
};
