/** Real QEMU after failed migrations against the model: cancels, kills, dead destinations, resumed sources. */
import { describe, test } from 'vitest';
import type { History } from '../../src/fate/steps.js';
import { missing } from './available.js';
import { expectFate } from './outcome-stage.js';

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

describe.skipIf(missing.length > 0)('fates on real QEMU', () => {
  test.each(cells)('%s, %s, %s', expectFate);
});
