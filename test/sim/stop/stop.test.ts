/** The stop told once: what the simulation performs is what sim/stop lists and what it expects. */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/input/resolve.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { countOps } from '../../../src/sim/qcow2/op-counts.js';
import { formatSequence } from '../../../src/sim/qcow2/oplog.js';
import type { Scenario } from '../../../src/sim/scenario.js';
import { bitmapsWithShare } from '../../../src/sim/stop/bitmaps.js';
import { alikeBitmaps, DiskStops, imageOptions, type StopWork } from '../../../src/sim/stop/requests.js';
import { expectedTime } from '../../../src/sim/stop/time.js';
import { calm } from '../../support/situation.js';

const DRAWS = { seed: 1, replication: 0 };

/** Full bitmaps, as the guest of `calm` has them. */
function stopOf(scenario: Scenario): { source: StopWork; load: StopWork } {
  const { disks, whatIf } = scenario;
  const disk = disks[0]!;
  const bitmaps = bitmapsWithShare(disk, 1);
  const held = bitmaps.filter(({ stored }) => stored);
  const stops = new DiskStops(imageOptions(disk, scenario), held);
  return { source: stops.source(bitmaps, whatIf), load: stops.load() };
}

describe('the simulated store-at-stop', () => {
  const cases: Overrides[] = [
    { 'disk.size': '1T' },
    { 'disk.size': '1T', 'bitmaps.count': 3, 'bitmaps.frozen': 1, 'disk.allocated': '50%' },
    {
      'disk.size': '4T',
      'disk.cluster': '128k',
      'what-if.skip-unchanged': 'on',
      'bitmaps.frozen': 1,
      'bitmaps.count': 2,
    },
    { 'disk.size': '1T', 'what-if.queue-depth': 8 },
    { 'disk.size': '2T', storage: 'lab-100us', host: 'lab', 'disk.allocated': '100%' },
  ];
  it.each(cases)('sends the requests of the stop and takes their expected time: %o', async (overrides) => {
    const { scenario } = await calm(overrides);
    const { source, load } = stopOf(scenario);
    const { metrics } = migrate(scenario, { name: 'store-at-stop' }, DRAWS);
    const { reads, writes, trims, flushes } = countOps(source.ops);
    expect({
      storeReads: reads,
      storeWrites: writes,
      storePunches: trims,
      // The two flushes of vm_stop are any stop's, and left out after an idle guest but over NBD.
      storeFlushes: flushes - (scenario.storage.idleFlushes === 'sent' ? 2 : 0),
    }).toEqual({
      storeReads: metrics.storeReads,
      storeWrites: metrics.storeWrites,
      storePunches: metrics.storePunches,
      storeFlushes: metrics.storeFlushes,
    });
    const { storage, host, whatIf } = scenario;
    const place = { storage, host, queueDepth: whatIf.queueDepth };
    const { phasesNs } = metrics;
    const stored = Object.entries(phasesNs).reduce(
      (sum, [phase, ns]) => sum + (phase.startsWith('store_') || phase === 'stop' ? ns : 0),
      0,
    );
    // The run rounds each run of requests to whole nanoseconds.
    expect(Math.abs(stored - host.stopNs - expectedTime(source, place).meanNs)).toBeLessThan(
      source.ops.length + 1,
    );
    const loadNs = expectedTime(load, place).meanNs;
    // Every bit is set, so every word of 64 is counted anew.
    const words = (load.bitmapBytes * 8) / 64;
    expect(Math.abs(phasesNs.load - loadNs - words * host.perRecountedWordNs)).toBeLessThan(
      load.ops.length + 1,
    );
  });
});

describe('one disk from stop to stop', () => {
  const options = { sizeBytes: 2 ** 40, clusterBytes: 65_536, discard: true };
  const bitmaps = alikeBitmaps(2, { granularityBytes: 65_536, dirtyClusters: 7 });
  const text = ({ ops }: StopWork): string => formatSequence(ops);

  it('a stop after a first store replaces it, and begins afresh where the bitmaps were removed', () => {
    const stops = new DiskStops(options);
    const first = text(stops.source(bitmaps));
    stops.takeBack();
    const replacement = text(stops.source(bitmaps));
    expect(replacement).toContain('T65536x7');
    expect(first).not.toContain('T');
    stops.takeBack();
    stops.removeAll();
    expect(text(stops.source([]))).toBe('Fx4');
    expect(text(stops.source(bitmaps))).toBe(first);
  });

  it('held bitmaps are replaced by the first stop, and loaded where there is none', () => {
    expect(text(new DiskStops(options, bitmaps).source(bitmaps))).toContain('T65536x7');
    const bare = new DiskStops(options).load();
    const held = new DiskStops(options, bitmaps).load();
    expect(bare).toMatchObject({ bitmapBytes: 0, l1Entries: 2048 });
    expect(held).toMatchObject({ bitmapBytes: 2 * 2 ** 21, l1Entries: 2048 });
    expect(countOps(held.ops).reads - countOps(bare.ops).reads).toBe(3 + 2 * (1 + 7));
  });

  it('a stop without bitmaps has no time of its own beside its requests', async () => {
    const { scenario } = await calm({ 'disk.size': '1T' });
    const { fixedNs, requests, meanNs } = expectedTime(new DiskStops(options).source([]), scenario);
    expect(fixedNs).toBe(0);
    expect(meanNs).toBe(requests.meanNs);
  });
});
