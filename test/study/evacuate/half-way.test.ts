/** An evacuation that comes to a halt: what has become of the bitmaps of VMs at each stage. */
import { describe, expect, it } from 'vitest';
import { halfWay } from '../../../src/study/evacuate/half-way.js';
import { calm } from '../../support/situation.js';

const store = { name: 'store-at-stop' } as const;
const stream = { name: 'dont-store', variant: 'stream' } as const;

describe('an evacuation stopped half-way', () => {
  it('has as many VMs under way as migrate at a time, and all others gone or waiting', async () => {
    const { scenario } = await calm({ 'bitmaps.history': 'stored' });
    const stages = halfWay(scenario, store, { vms: 40, parallel: 5 });
    expect(stages.map(({ stage, most_vms }) => [stage, most_vms])).toEqual([
      ['away', 39],
      ['running', 5],
      ['in-stop', 5],
      ['waiting', 35],
    ]);
    expect(halfWay(scenario, store, { vms: 2, parallel: 5 }).map(({ most_vms }) => most_vms)).toEqual([
      1, 2, 2, 0,
    ]);
  });

  it('leaves bitmaps at the destination, at the source, or to nobody, as one migration does', async () => {
    const { scenario } = await calm({ 'bitmaps.history': 'stored' });
    const [away, running, inStop, waiting] = halfWay(scenario, stream, { vms: 40, parallel: 5 });
    for (const gone of [away!.cancelled, away!.host_dies])
      expect(gone).toMatchObject({ survivor: 'dst', destination: 'exact', backup_live: 'incremental' });
    // A cancel leaves skip_store behind: exact in memory, and a full backup after the next start.
    for (const { cancelled } of [running!, inStop!])
      expect(cancelled).toMatchObject({ survivor: 'src', source: 'exact', backup_after_boot: 'full' });
    for (const { host_dies } of [running!, inStop!, waiting!])
      expect(host_dies).toMatchObject({ survivor: 'none', backup_after_boot: 'full' });
    expect(waiting!.cancelled).toBeNull();
  });
});
