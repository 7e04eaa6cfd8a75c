/** What would a patch of QEMU buy? All off by default. */
import { rows, type Spec } from './row.js';

export const WHAT_IF = rows({
  queueDepth: {
    path: 'what-if.queue-depth',
    label: 'queue depth',
    kind: 'count',
    default: 1,
    min: 1,
    allowed: 'of at least 1',
    help: 'bitmap clusters written, punched or read at once, up to the channels of the device',
  },
  skipUnchanged: {
    path: 'what-if.skip-unchanged',
    kind: 'switch',
    default: 'off',
    help: 'bitmaps that did not change since they were stored are not written',
  },
  deferPunch: {
    path: 'what-if.defer-punch',
    kind: 'switch',
    default: 'off',
    help: 'replaced clusters are punched after the stop',
  },
  encodeAllOnes: {
    path: 'what-if.encode-all-ones',
    kind: 'switch',
    default: 'off',
    help: 'clusters with every bit set are marked in the table, not written',
  },
  earlyAllocation: {
    path: 'what-if.early-allocation',
    kind: 'switch',
    default: 'off',
    help: 'the search for free clusters happens before the stop (pre-flush does so anyway)',
  },
  loadEarly: {
    path: 'what-if.load-early',
    kind: 'switch',
    default: 'off',
    help: 'before the stop the destination reads what pre-flush has written, or frozen bitmaps; in the stop only the rest',
  },
  loadAfterResume: {
    path: 'what-if.load-after-resume',
    kind: 'switch',
    default: 'off',
    help: 'the destination starts with fresh bitmaps beside the stored ones, which it reads and merges while the guest runs',
  },
});

export type WhatIfSpec = Spec<typeof WHAT_IF>;
