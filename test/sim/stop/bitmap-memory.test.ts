/** Memory that the destination uses for the first time: page by page, what that adds to a stop. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import type { PhaseName } from '../../../src/sim/machine/phases.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import type { StrategySpec } from '../../../src/sim/strategies/registry.js';
import { calm } from '../../support/situation.js';

const SIZE = { 'disk.size': '16T', qemu: 'fixed' };
/** Of a bitmap of 32 MiB. */
const PAGES = 8192;
const ABOVE = PAGES / 63;

/** By how much this phase is longer where a page fault takes so many microseconds than where it takes nothing. */
async function longerUs(
  spec: StrategySpec,
  phase: PhaseName,
  pageUs: number,
  more: Overrides = {},
): Promise<number> {
  const of = async (host: Overrides): Promise<number> => {
    const { scenario } = await calm({ ...SIZE, ...more, ...host });
    return migrate(scenario, spec, { seed: 1, replication: 0 }).metrics.phasesNs[phase];
  };
  return ((await of({ 'host.page-fault': `${pageUs}us` })) - (await of({}))) / 1000;
}

describe('new memory for bitmaps', () => {
  const store = { name: 'store-at-stop' } as const;
  const stream = { name: 'dont-store', variant: 'stream' } as const;

  it.each(['100%', '0%'])(
    'is all pages of a stored one and of the levels above it, %s of it set',
    async (dirty) => {
      const longer = await longerUs(store, 'load', 10, { 'bitmaps.dirty': dirty });
      expect(longer).toBeCloseTo(10 * (PAGES + ABOVE), 0);
    },
  );

  it('holds a stream up where four pieces take the source less than their page the destination', async () => {
    // 0.5 us a full piece, 1 us an empty one; the levels above are built when all has come.
    const [full, empty] = [{ link: 'unlimited' }, { 'bitmaps.dirty': '0%' }];
    expect(await longerUs(stream, 'stream', 10, full)).toBeCloseTo((10 - 4 * 0.5) * PAGES + 10 * ABOVE, 0);
    expect(await longerUs(stream, 'stream', 10, empty)).toBeCloseTo((10 - 4) * PAGES + 10 * ABOVE, 0);
    expect(await longerUs(stream, 'stream', 1.9, full)).toBeCloseTo(1.9 * ABOVE, 0);
  });

  it('does not hold up one that a slow link does', async () => {
    expect(await longerUs(stream, 'stream', 10, { link: '1Gbit/s' })).toBeCloseTo(10 * ABOVE, 0);
  });
});
