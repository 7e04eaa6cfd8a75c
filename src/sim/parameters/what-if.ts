/** What would a patch of QEMU buy? All off by default. */
import { rows, type Spec } from './row.js';

export const WHAT_IF = rows({
  queueDepth: {
    path: 'what-if.queue-depth',
    kind: 'count',
    default: 1,
    min: 1,
    allowed: 'of at least 1',
    help: 'bitmap clusters written, punched or read at once, as far as the device has channels',
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
    help: 'fully set clusters are marked in the table, not written',
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
    help: 'the destination reads before the stop what pre-flush has written, or frozen bitmaps, and then only the rest',
  },
});

export type WhatIfSpec = Spec<typeof WHAT_IF>;
