// The first-touch engine costs per flush, not per write: a pre-flush under 1,000,000 writes per second against the same
// under 1,000 (the peer), both with a flusher that is always busy. The ratio is one of times: 1 is flat.
import { preFlush } from '../shared/pre-flush.mjs';

const SERVICE_NS = 1_000_000;

export const benchmark = {
  name: 'first-touch-flat',
  unit: 'flushes',
  ratio: 'time',
  work: { full: 1_000_000, quick: 3_000 },
  prepare: (flushes) => () =>
    preFlush('first-touch', 1_000_000, SERVICE_NS, (flushes * SERVICE_NS) / 1e9).writes,
  peers: [{ name: '1000 iops', source: 'first-touch-1000.mjs' }],
};
