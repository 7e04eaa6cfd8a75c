// The same rows with the five columns that the peer writes.
import { prepareRows, STORE } from '../shared/rows.mjs';
import { benchmark as all } from './rows-store.mjs';

const COLUMNS = new Set(['point', 'replication', 'strategy', 'state', 'downtime_ms']);

export const benchmark = {
  ...all,
  name: 'rows-store-lean',
  prepare: (replications) => prepareRows(STORE, 1, replications, COLUMNS),
};
