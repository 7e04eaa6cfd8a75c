// Replications a second of store-at-stop with all columns of runs.csv, on one job. The peer is what one would write instead:
// sums of lognormal draws in numpy, vectorised, one row of five columns a replication.
import { prepareRows, STORE } from '../shared/rows.mjs';

export const benchmark = {
  name: 'rows-store',
  unit: 'runs',
  work: { full: 50_000, quick: 200 },
  repeats: 3,
  prepare: (replications) => prepareRows(STORE, 1, replications),
  peers: [{ name: 'numpy', source: 'rows-store.py', needs: 'numpy', work: { full: 50_000, quick: 200 } }],
};
