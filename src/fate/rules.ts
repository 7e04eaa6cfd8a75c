/**
 * What differs between QEMU as it is and QEMU with its known flaws mended. The protocol of node.ts, qemu.ts and
 * handshake.ts asks these switches and nothing else about versions.
 */
import type { QemuSpec } from '../sim/scenario.js';

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
}

export function fateRules(qemu: Pick<QemuSpec, 'fixed' | 'storeFirst'>): FateRules {
  return { clearSkipStore: qemu.fixed, checkGeneration: qemu.fixed, storeFirst: qemu.storeFirst };
}
