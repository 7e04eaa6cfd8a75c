/** How pre-flush writes bitmaps while the guest runs. */
import { CLUSTER_LIMITS } from './limits.js';
import { rows, type Spec } from './row.js';

export const PRE_FLUSH = rows({
  chunkBytes: {
    path: 'pre-flush.chunk',
    flag: 'chunk',
    kind: 'power-of-two',
    default: '64k',
    ...CLUSTER_LIMITS,
    help: 'bytes of bitmap that one bit of the meta-bitmap stands for',
  },
  bytesPerS: {
    path: 'pre-flush.rate',
    flag: 'pre-flush-rate',
    kind: 'rate',
    default: 'unlimited',
    help: 'bitmap bytes per second that pre-flush may write',
  },
  settleNs: {
    path: 'pre-flush.settle',
    flag: 'settle',
    kind: 'time',
    default: '0s',
    help: 'how long a chunk must have been stale before it is written',
  },
  order: {
    path: 'pre-flush.order',
    flag: 'order',
    kind: 'choice',
    choices: ['fifo', 'ascending'],
    default: 'fifo',
    help: 'order in which stale chunks are written',
  },
  lastPass: {
    path: 'pre-flush.last-pass',
    flag: 'last-pass',
    kind: 'choice',
    choices: ['chunks', 'clusters'],
    default: 'clusters',
    help: 'in the stop: stale chunks one by one, or merged into clusters',
  },
  layout: {
    path: 'pre-flush.layout',
    flag: 'layout',
    kind: 'choice',
    choices: ['in-place', 'shadow'],
    default: 'in-place',
    help: 'overwrite the stored copy, or write a new one',
  },
  /** off: switch when RAM is ready; bytes, bits: the raw report; on: storage time as byte equivalents. */
  pending: {
    path: 'pre-flush.pending',
    flag: 'pending',
    kind: 'choice',
    choices: ['off', 'on', 'bytes', 'bits'],
    default: 'on',
    help: 'what switchover waits for: off: RAM only; on: RAM and the time to store the rest; bytes, bits: the raw count',
  },
});

export type PreFlushSpec = Spec<typeof PRE_FLUSH>;
