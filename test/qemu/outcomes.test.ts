/** Real QEMU after failed migrations against the model: cancels, kills, dead destinations, resumed sources. */
import { describe, test } from 'vitest';
import type { History } from '../../src/fate/steps.js';
import { missing } from './available.js';
import { expectFate, type Way } from './outcome-stage.js';

/** One of each kind; the others are in outcomes.slow.test.ts. A cell takes about half a second. */
const cells: readonly (readonly [string, string, History])[] = [
  // Cancelled with and without dirty-bitmaps, then quit and opened again: skip_store shows only here.
  ['cancel-quit', 'store', 'stored'],
  ['cancel-quit', 'stream', 'stored'],
  ['cancel-again-plain', 'stream', 'stored'],
  // kill -9 of the source while it runs, stands still, and after the store.
  ['src-dies-running', 'store', 'new'],
  ['src-dies-preswitch', 'store', 'stored'],
  ['src-dies-postmigrate', 'store', 'new'],
  // Dead in the stop before the store: what is stored all the same differs between releases.
  ['dst-dies-preswitch', 'store', 'new'],
  ['dst-dies-preswitch', 'stream', 'new'],
  // The destination is gone and the source goes on; and where it should not have.
  ['dst-dies-unactivated-quit', 'store', 'new'],
  ['two-masters-kill', 'stream', 'new'],
];

/** A disk that is copied along, and RAM that follows after the resume; the others are in outcomes-ways.slow.test.ts. */
const waysCells: readonly (readonly [Way, string, string, History])[] = [
  // Before the migration begins: the destination dies, the mirror is cancelled.
  ['mirrored', 'mirror-dst-dies-copying', 'stream', 'stored'],
  ['mirrored', 'mirror-cancelled', 'stream', 'stored'],
  // Ready, but not yet switched over.
  ['mirrored', 'dst-dies-running', 'stream', 'stored'],
  ['mirrored', 'mirror-fails-preswitch', 'stream', 'stored'],
  // Success: with block-bitmap-mapping, without it, without the capability.
  ['mirrored', 'ok-quit', 'stream', 'stored'],
  ['mirrored', 'mirror-unmapped', 'stream', 'stored'],
  ['mirrored', 'ok-quit', 'store', 'stored'],
  // The link breaks and is mended; the source dies after the switch.
  ['postcopy-ram', 'postcopy-ram-recovers', 'stream', 'stored'],
  ['postcopy-ram', 'postcopy-ram-src-dies', 'store', 'new'],
];

describe.skipIf(missing.length > 0)('fates on real QEMU', () => {
  test.each(cells)('%s, %s, %s', expectFate);
  test.each(waysCells)('%s: %s, %s, %s', (way, ...cell) => expectFate(...cell, way));
});
