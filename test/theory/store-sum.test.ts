/**
 * The time of a store on a device with a constant time per request is the number of its requests times that time.
 * The counts are summed by hand from QEMU's sequence of requests (block/qcow2-bitmap.c, 7.2) for 16 TiB at 64 KiB,
 * an older copy in the image, discards on:
 *   512 clusters + table + directory + refcount block + header + refcount block after the frees   = 517 writes
 *   512 punches; old directory, refcount block, old table                                         =   3 reads
 *   2 flushes for the new copy, then those around the frees
 */
import { describe, expect, it } from 'vitest';
import { runReplication } from '../../src/study/run.js';
import { calm } from '../support/situation.js';

const MS = 1e6;

async function store(overrides: Record<string, unknown> = {}) {
  const { scenario, seed } = await calm(overrides);
  return runReplication(scenario, [{ name: 'store-at-stop' }], seed, 0)[0]!.metrics;
}

describe('a store of 16 TiB at 64 KiB, 1 ms per request', () => {
  it('has the 517 writes and 512 punches of the sum by hand', async () => {
    const metrics = await store();
    expect(metrics).toMatchObject({
      storeWrites: 517,
      storePunches: 512,
      clustersWritten: 512,
      storeReads: 3,
    });
  });

  it('takes as many milliseconds as it has requests', async () => {
    const metrics = await store();
    const requests = metrics.storeWrites + metrics.storePunches + metrics.storeReads + metrics.storeFlushes;
    const { store_scan, store_data, store_metadata, store_flush, store_punch } = metrics.phasesNs;
    const storeNs = store_scan + store_data + store_metadata + store_flush + store_punch;
    // The walk over the refcounts of some thousand clusters is the only time that is not a request's.
    expect(storeNs - requests * MS).toBeGreaterThanOrEqual(0);
    expect(storeNs - requests * MS).toBeLessThan(0.1 * MS);
    // Against the reference without bitmaps, which has nothing to flush: the guest is idle.
    expect(metrics.bitmapSourceDowntimeNs / MS).toBeCloseTo(517 + 512 + 3 + 4, 0);
  });

  it('has four flushes, two on a first store, where QEMU skips those with nothing to flush; over NBD all it asks for', async () => {
    const flushes = async (storage: string, more = {}): Promise<number> =>
      (await store({ storage, 'disk.size': '32G', ...more })).storeFlushes;
    for (const storage of ['hdd-7200', 'ceph-nvme', 'nfs-10gbe', 'file-cache', 'nvme-tcp']) {
      expect(await flushes(storage)).toBe(4);
      expect(await flushes(storage, { 'disk.discard': 'off' })).toBe(3);
      expect(await flushes(storage, { 'bitmaps.history': 'new' })).toBe(2);
    }
    expect(await flushes('lab-1ms')).toBe(5);
    expect(await flushes('hdd-7200', { 'storage.idle-flushes': 'sent' })).toBe(5);
    // The flushes of vm_stop find something to do once anybody has written.
    const idle = await store({ 'disk.size': '32G' });
    const busy = await store({ 'disk.size': '32G', 'workload.write-iops': '10' });
    expect(busy.phasesNs.stop - idle.phasesNs.stop).toBe(MS);
  });

  it('writes three times the data clusters for three bitmaps', async () => {
    expect((await store({ 'bitmaps.count': 3 })).clustersWritten).toBe(3 * 512);
  });

  it('punches nothing where nothing was stored before, or discards are ignored', async () => {
    expect((await store({ 'bitmaps.history': 'new' })).storePunches).toBe(0);
    expect((await store({ 'disk.discard': 'off' })).storePunches).toBe(0);
  });

  it('grows with size, count and latency', async () => {
    const time = async (overrides: Record<string, unknown>): Promise<number> =>
      (await store(overrides)).bitmapDowntimeNs;
    const sizes = await Promise.all(['1T', '4T', '16T'].map((size) => time({ 'disk.size': size })));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    const counts = await Promise.all([1, 2, 4].map((count) => time({ 'bitmaps.count': count })));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    const latencies = await Promise.all(
      ['0.1ms', '1ms', '5ms'].map((ns) => time({ 'flush-latency': ns, host: 'zero' })),
    );
    expect(latencies).toEqual([...latencies].sort((a, b) => a - b));
    expect(latencies[2]! / latencies[1]!).toBeCloseTo(5, 1);
  });
});

describe('pre-flush', () => {
  it('leaves nothing but metadata to the stop of a guest that writes nothing', async () => {
    const { scenario, strategies, seed } = await calm({ 'disk.size': '1T' });
    const results = runReplication(scenario, strategies, seed, 0);
    const flushed = results.find((result) => result.strategy === 'pre-flush')!.metrics;
    expect(flushed).toMatchObject({ staleChunksAtStop: 0, clustersWritten: 0 });
    // Conservation: what was written while running is every chunk of the full bitmap, once.
    expect(flushed.bytesWrittenRunning).toBe(32 * 65_536);
  });

  it('writes a chunk again for each time it became stale, and tells those bytes apart', async () => {
    const run = async (workload: string): Promise<{ all: number; again: number }> => {
      // Half the bits of every cluster: each is written once, and again whenever the guest sets a bit of it.
      const dirty = { 'bitmaps.dirty': '50%', workload };
      const { scenario, strategies, seed } = await calm({ 'disk.size': '1T', ...dirty });
      const { metrics } = runReplication(scenario, strategies, seed, 0).at(-1)!;
      return { all: metrics.bytesWrittenRunning, again: metrics.bytesRewrittenRunning };
    };
    expect(await run('idle')).toEqual({ all: 32 * 65_536, again: 0 });
    const busy = await run('cloud-average');
    expect(busy.again).toBeGreaterThan(0);
    expect(busy.all - busy.again).toBe(32 * 65_536);
  });

  it('punches the old copy in the stop only in the shadow layout', async () => {
    const punches = async (layout: 'in-place' | 'shadow'): Promise<number> => {
      const { scenario, strategies } = await calm({ 'disk.size': '1T', 'pre-flush.layout': layout });
      return runReplication(scenario, strategies, 1, 0).at(-1)!.metrics.storePunches;
    };
    expect(await punches('in-place')).toBe(0);
    expect(await punches('shadow')).toBe(32);
  });
});
