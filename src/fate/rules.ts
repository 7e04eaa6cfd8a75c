/**
 * What differs between releases of QEMU, and between QEMU as it is and with its known flaws mended. The protocol of
 * node.ts, qemu.ts and handshake.ts asks these switches and nothing else about versions.
 */
import type { QemuTraits } from '../sim/qemu/table.js';
import type { QemuSpec, Scenario, WhatIfSpec } from '../sim/scenario.js';

type Traits = Pick<
  QemuTraits,
  | 'storeFirst'
  | 'brokenWireStores'
  | 'postcopyCancel'
  | 'postcopyRunState'
  | 'postcopyFailure'
  | 'postcopyActivates'
>;

/** The traits of the release that the protocol asks for (src/sim/qemu/table.ts says what they mean), and more. */
export interface FateRules extends Traits {
  /** A migration that did not complete clears skip_store on the bitmaps it had set it on (7.2 to 10.1 do not). */
  readonly clearSkipStore: boolean;
  /**
   * The image carries a counter, as a comment in `qcow2_do_open` (7.2) proposes: a node raises it before its first
   * guest write since it took the image. One that takes the image back and finds another count knows that its
   * bitmaps in memory are out of date. (Raising at activation would be a write more in every stop, and would refuse
   * destinations that only read.)
   */
  readonly checkGeneration: boolean;
  /**
   * What-if loadAfterResume. A node that the guest arrives at reads the directory and marks the bitmaps in use before
   * the guest runs; their contents follow, and until they are merged a bitmap is busy, new writes go to its successor,
   * and the whole of it is nowhere but in both. Hence a node that gives the image away, or is closed, merges first.
   */
  readonly loadAfterResume: boolean;
  /** Disks are copied along: the destination has an image of its own, without a bitmap in it. */
  readonly mirrored: boolean;
  /** The migration becomes a post-copy of RAM: until the last of it has come neither side has the guest alone. */
  readonly ramFollows: boolean;
}

/** What a scenario changes beside the release. */
interface Changes extends Partial<Pick<WhatIfSpec, 'loadAfterResume'>> {
  readonly mirrored?: boolean;
  readonly ramFollows?: boolean;
}

/** The rules of a scenario. */
export function rulesOf({ qemu, whatIf, mirror, migration }: Scenario): FateRules {
  const ramFollows = migration.postcopyRam === true;
  return fateRules(qemu, { ...whatIf, mirrored: mirror !== undefined, ramFollows });
}

/** The rules of this QEMU, with what a scenario changes about it. */
export function fateRules(
  qemu: QemuSpec,
  { loadAfterResume = false, mirrored = false, ramFollows = false }: Changes = {},
): FateRules {
  const { fixed, storeFirst, brokenWireStores } = qemu;
  const { postcopyCancel, postcopyRunState, postcopyFailure, postcopyActivates } = qemu;
  return {
    clearSkipStore: fixed,
    checkGeneration: fixed,
    storeFirst,
    brokenWireStores,
    postcopyCancel,
    postcopyRunState,
    postcopyFailure,
    postcopyActivates,
    loadAfterResume,
    mirrored,
    ramFollows,
  };
}
