import { describe, expect, it } from 'vitest';
import { type CellKey, fateOf } from '../../src/fate/cells.js';
import { pathDowntime } from '../../src/fate/downtime.js';
import { fateRules } from '../../src/fate/rules.js';
import type { History } from '../../src/fate/steps.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';
import { powersOfTen } from './times.js';

function path(
  outcome: string,
  strategy: string,
  history: History = 'stored',
): ReturnType<typeof pathDowntime> {
  const key: CellKey = { outcome, strategy, history };
  const fate = fateOf(key, fateRules(qemuSpec('7.2')));
  return pathDowntime(fate.journal, powersOfTen, fate.guestRuns);
}

describe('downtime of a path', () => {
  it.each([
    ['ok-quit', 'store', 'stored', 11_101_000_011],
    ['ok-quit', 'store', 'new', 11_100_100_011],
    ['ok-quit', 'pre-flush', 'stored', 11_110_000_011],
    ['ok-quit', 'stream', 'stored', 10_100_001_101],
    ['ok-quit', 'stream-postcopy', 'stored', 110_100_010_001],
    ['ok-quit', 'transient', 'new', 10_100_000_011],
    // Nothing has stopped yet.
    ['cancel-quit', 'store', 'stored', 0],
    // Stopped and started; neither sent nor stored.
    ['cancel-preswitch', 'store', 'stored', 10_000_000_001],
    // Stored, the wire is dead, and all is read back and marked in use again.
    ['dst-dies-preswitch', 'store', 'stored', 11_101_000_001],
    ['dst-dies-preswitch', 'stream', 'stored', 10_100_000_001],
    // Sent, but the store fails: the image was never given away.
    ['store-eio', 'store', 'stored', 10_000_000_011],
    // The destination tried to take the image before the source does.
    ['dst-activate-eio', 'store', 'stored', 12_201_000_011],
    // Two stops: to the destination, and onwards with its own store.
    ['ok-hop-plain', 'stream', 'stored', 21_201_001_112],
    // The second hop streams while the guest stands still, whatever the first did; and not what is lost already.
    ['ok-hop-cap', 'stream-postcopy', 'stored', 120_200_011_102],
    ['ok-hop-cap', 'transient', 'new', 20_200_000_022],
  ] as const)('%s, %s, %s', (outcome, strategy, history, ns) => {
    expect(path(outcome, strategy, history).downtimeNs).toBe(ns);
  });

  it('knows when the guest does not come back', () => {
    for (const outcome of ['src-dies-running', 'src-dies-preswitch', 'src-dies-postmigrate'])
      expect(path(outcome, 'store')).toMatchObject({ downtimeNs: null, bitmapNs: null });
    expect(path('two-masters-quit', 'stream').downtimeNs).toBeNull();
    expect(path('postcopy-dst-dies', 'stream-postcopy').downtimeNs).toBeNull();
  });

  it('counts what management has to do by hand, and the work on bitmaps apart', () => {
    expect(path('cancel-preswitch', 'stream-postcopy')).toMatchObject({ byHand: 1 });
    expect(path('cancel-preswitch', 'stream')).toMatchObject({ byHand: 0 });
    expect(path('dst-dies-unactivated-quit', 'store')).toMatchObject({ byHand: 1, bitmapNs: 1_001_000_000 });
  });
});
