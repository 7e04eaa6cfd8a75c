// A pre-flush at 20,000 writes per second with a flusher that needs 1 ms for a chunk, as `engine: auto` answers it (here
// first-touch; pre-flush-bits.mjs has the per-write engine). The SimPy peer is the model as one would write it there: a
// process that writes, a process that flushes, a bytearray.
import { preFlush } from '../shared/pre-flush.mjs';

const WRITES_PER_S = 20_000;
const SERVICE_NS = 1_000_000;

export const benchmark = {
  name: 'pre-flush',
  unit: 'writes',
  work: { full: 24_000_000, quick: 20_000 },
  prepare: (writes) => () => preFlush('auto', WRITES_PER_S, SERVICE_NS, writes / WRITES_PER_S).writes,
  peers: [{ name: 'simpy', source: 'pre-flush.py', work: { full: 200_000, quick: 2_000 } }],
};
