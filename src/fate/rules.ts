/**
 * What differs between QEMU as it is and QEMU with its known flaws mended. The protocol of node.ts, qemu.ts and
 * handshake.ts asks these switches and nothing else about versions.
 */
import type { QemuSpec, WhatIfSpec } from '../sim/scenario.js';

export interface FateRules {
  /** A migration that did not complete clears skip_store on the bitmaps it had set it on (7.2 to 10.1 do not). */
  readonly clearSkipStore: boolean;
  /**
   * The image carries a counter, as a comment in `qcow2_do_open` (7.2) proposes: a node raises it before its first
   * guest write since it took the image. One that takes the image back and finds another count knows that its
   * bitmaps in memory are out of date. (Raising at activation would be a write more in every stop, and would refuse
   * destinations that only read.)
   */
  readonly checkGeneration: boolean;
  /** Since QEMU 10.0 bitmaps are stored before the last of the RAM is sent. */
  readonly storeFirst: boolean;
  /**
   * What-if loadAfterResume. A node that the guest arrives at reads the directory and marks the bitmaps in use before
   * the guest runs; their contents follow, and until they are merged a bitmap is busy, new writes go to its successor,
   * and the whole of it is nowhere but in both. Hence a node that gives the image away, or is closed, merges first.
   */
  readonly loadAfterResume: boolean;
}

/** The rules of this QEMU, with what a scenario changes about it. */
export function fateRules(
  { fixed, storeFirst }: Pick<QemuSpec, 'fixed' | 'storeFirst'>,
  { loadAfterResume }: Pick<WhatIfSpec, 'loadAfterResume'> = { loadAfterResume: false },
): FateRules {
  return { clearSkipStore: fixed, checkGeneration: fixed, storeFirst, loadAfterResume };
}
