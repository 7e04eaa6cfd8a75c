/** What shapes the time of requests to a storage, beside the cost of each class of op. */
import { rows, type Spec } from './row.js';

export const DEVICE = rows({
  /** Local files: about 90 us per 64 KiB. */
  flushNsPerByte: {
    path: 'flush.per-64k',
    kind: 'time',
    per: 65_536,
    help: 'what a flush costs for every 64 KiB written before it',
    default: '0s',
  },
  /** The store uses one; guest and flusher share them. */
  channels: {
    path: 'channels',
    kind: 'count',
    help: 'ops the device serves at once',
    default: 1,
    min: 1,
    allowed: 'of at least 1',
  },
  otherLoad: {
    path: 'other-load',
    kind: 'share',
    help: 'share of the device that others always take',
    default: '0%',
    max: 0.99,
    allowed: 'from 0% to 99%',
  },
  /** Cloud volumes; Infinity where there is no bucket. */
  opsPerS: {
    path: 'iops-limit',
    kind: 'number',
    help: 'ops per second of a token bucket',
    default: 'unlimited',
    min: 1e-3,
    allowed: 'above 0',
  },
  burstOps: { path: 'iops-burst', kind: 'count', help: 'ops that the full bucket holds', default: 0 },
  hostCache: {
    path: 'host-cache',
    kind: 'choice',
    choices: ['none', 'writeback'],
    help: 'writeback: writes end in the host page cache, the next flush pays',
    default: 'none',
  },
  /** NBD's driver does not look at what was written. */
  idleFlushes: {
    path: 'idle-flushes',
    kind: 'choice',
    choices: ['skipped', 'sent'],
    help: 'flushes with nothing written since the last: skipped by QEMU (files, devices, rbd, nfs, iSCSI), or sent (NBD)',
    cited: true,
    default: 'skipped',
  },
  /** Of the logarithm of the level, which is 1 in the mean. */
  levelSpread: {
    path: 'spells.level',
    kind: 'share',
    help: 'how far the speed of the device differs from one migration to another: a standard deviation',
    default: '0%',
    max: 2,
    allowed: 'from 0% to 200%',
  },
  slowFactor: {
    path: 'spells.slow-factor',
    kind: 'number',
    help: 'how much longer requests last in a slow spell than out of one; 1: no spells',
    default: 1,
    min: 1,
    max: 1000,
    allowed: 'from 1 to 1000',
  },
  slowMeanNs: {
    path: 'spells.slow-time',
    kind: 'time',
    help: 'how long a slow spell lasts, in the mean',
    default: '0s',
  },
  fastMeanNs: {
    path: 'spells.fast-time',
    kind: 'time',
    help: 'how long it is from the end of one slow spell to the next, in the mean',
    default: '0s',
  },
  /** Then host costs are not added to ops. */
  includesHost: {
    path: 'includes-host',
    kind: 'switch',
    help: 'latencies as QEMU sees them: its own time is included',
    default: false,
  },
});

export type DeviceSpec = Spec<typeof DEVICE>;
