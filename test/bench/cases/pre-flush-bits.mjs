// The pre-flush of pre-flush.mjs with every write applied to real bits (the per-write engine), against the same peer.

import { preFlush } from '../shared/pre-flush.mjs';
import { benchmark as preFlushBenchmark } from './pre-flush.mjs';

export const benchmark = {
  ...preFlushBenchmark,
  name: 'pre-flush-bits',
  work: { full: 6_000_000, quick: 20_000 },
  prepare: (writes) => () => preFlush('per-write', 20_000, 1_000_000, writes / 20_000).writes,
};
