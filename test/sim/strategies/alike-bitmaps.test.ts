/** Alike bitmaps under pre-flush, against a simulation of its own in which each has its own stale chunks. */
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../src/kernel/kernel.js';
import { namedStream } from '../../../src/kernel/rng.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import { migrate } from '../../../src/sim/migration/controller.js';
import { Flusher, fixedService } from '../../../src/sim/strategies/flusher.js';
import { calm } from '../../support/situation.js';
import { disk, guest, KI, TI } from '../guest/scenarios.js';

const CHUNKS = 32;
const SERVICE_S = 0.0005;

/** Mean number of stale chunks, one queue of single chunks in order of becoming stale; a hit marks those of all bitmaps. */
function eachByItself(bitmaps: number, hitsPerS: number, seconds: number): number {
  const random = namedStream(3, 0, 'hits');
  const isStale = new Uint8Array(CHUNKS * bitmaps);
  const queue: number[] = [];
  let head = 0;
  let area = 0;
  let now = 0;
  let freeAt = Number.POSITIVE_INFINITY;
  const exponential = (): number => -Math.log(1 - random.uniform()) / hitsPerS;
  let hit = exponential();
  while (now < seconds) {
    const next = Math.min(hit, freeAt, seconds);
    area += (queue.length - head) * (next - now);
    now = next;
    if (now === freeAt) freeAt = Number.POSITIVE_INFINITY;
    if (now === hit) {
      const chunk = Math.floor(random.uniform() * CHUNKS);
      for (let bitmap = 0; bitmap < bitmaps; bitmap++) {
        const each = chunk * bitmaps + bitmap;
        if (isStale[each] === 0) queue.push(each);
        isStale[each] = 1;
      }
      hit = now + exponential();
    }
    if (freeAt === Number.POSITIVE_INFINITY && head < queue.length) {
      isStale[queue[head++]!] = 0;
      freeAt = now + SERVICE_S;
    }
  }
  return area / seconds;
}

describe('alike bitmaps', () => {
  it('of a thousand some are written in one go, which the stop cuts after the bitmap under way', () => {
    const kernel = new Kernel();
    const place = { disk: disk(TI, { count: 1000 }), index: 0, disks: 1, guest: guest(1e-9) };
    const tracker = createTracker(
      { ...place, chunkBytes: 64 * KI, draws: { seed: 5, replication: 0 } },
      'per-write',
    );
    tracker.markAllStale(true);
    let goes = 0;
    const service = fixedService(kernel, () => 1e6);
    const options = {
      bytesPerS: Number.POSITIVE_INFINITY,
      settleNs: 0,
      order: 'fifo',
      initialPass: true,
    } as const;
    const flusher = new Flusher(kernel, tracker, options, (run, done) => {
      goes++;
      return service(run, done);
    });
    let quietNs = 0;
    flusher.quiet.onFire(() => {
      quietNs = kernel.nowNs;
    });
    kernel.run({ untilNs: 2.5e9 + 1, eventsMax: 1e6 });
    kernel.schedule(5e5, () => {
      const report = flusher.stop();
      // What is not written waits for the last pass: 2501 of 32,000 are written, the last of them beside the stop.
      expect(report.staleAtStop).toBe(32_000 - 2501);
    });
    kernel.run({ untilNs: 1e12, eventsMax: 1e6 });
    expect(goes).toBeLessThan(2.6 * 65);
    expect(quietNs).toBeLessThanOrEqual(2.501e9 + 1);
  });

  it.each([
    [4, 0.5],
    [16, 0.8],
    [16, 1.5],
    [16, 6],
  ])('%i of them under a load of %d have as many stale chunks as if each were by itself', (count, load) => {
    const hitsPerS = load / (count * SERVICE_S);
    const seconds = 400 / Math.sqrt(hitsPerS);
    // 512 Ki granules a chunk: hardly one is hit twice, so the rate of first touches stays.
    const kernel = new Kernel();
    const tracker = createTracker(
      {
        disk: disk(TI, { count }),
        index: 0,
        disks: 1,
        guest: guest(hitsPerS),
        chunkBytes: 64 * KI,
        draws: { seed: 5, replication: 0 },
      },
      'per-write',
    );
    const options = {
      bytesPerS: Number.POSITIVE_INFINITY,
      settleNs: 0,
      order: 'fifo',
      initialPass: true,
    } as const;
    const flusher = new Flusher(
      kernel,
      tracker,
      options,
      fixedService(kernel, () => SERVICE_S * 1e9),
    );
    kernel.run({ untilNs: Math.ceil(seconds * 1e9), eventsMax: 1e7 });
    const { staleMean } = flusher.stop();
    expect(Math.abs(staleMean / eachByItself(count, hitsPerS, seconds) - 1)).toBeLessThan(0.1);
  });

  it('are counted and written each in the stop, which waits for one write in flight', async () => {
    const { scenario, strategies } = await calm({
      storage: 'ceph-nvme',
      strategies: 'pre-flush',
      'flush-latency': '5ms',
      'disk.size': '1T',
      'bitmaps.count': 16,
      'bitmaps.dirty': '50%',
      'workload.write-iops': '60',
      'workload.pattern': 'uniform',
      'workload.footprint': '100%',
      'pre-flush.pending': 'off',
    });
    for (const replication of [0, 1, 2, 3]) {
      const { metrics, state } = migrate(scenario, strategies[0]!, { seed: 1, replication });
      expect(state).toBe('completed');
      expect(metrics.staleChunksAtStop).toBe(metrics.clustersWritten);
      expect(metrics.phasesNs.stop / 1e6).toBeLessThan(5 + 0.1 + 5 * 4 + 1);
    }
  });

  it('told as a group leave to the stop what they leave told one by one', async () => {
    const count = 8;
    const { scenario, strategies } = await calm({
      strategies: 'pre-flush',
      'flush-latency': '5ms',
      'disk.size': '256G',
      'bitmaps.count': count,
      'bitmaps.dirty': '0%',
      'workload.write-iops': '15',
      'workload.pattern': 'uniform',
      'workload.footprint': '100%',
      'pre-flush.pending': 'off',
      // The other engine does not do several groups that record.
      engine: 'per-write',
    });
    const disk = scenario.disks[0]!;
    const each = Array.from({ length: count }, () => ({ ...disk.bitmaps[0]!, count: 1 }));
    const listed = { ...scenario, disks: [{ ...disk, bitmaps: each }] };
    const sums = { together: 0, apart: 0 };
    for (let replication = 0; replication < 10; replication++) {
      const draws = { seed: 1, replication };
      const [together, apart] = [scenario, listed].map(
        (told) => migrate(told, strategies[0]!, draws).metrics,
      );
      sums.together += together!.staleChunksAtStop;
      sums.apart += apart!.staleChunksAtStop;
      expect(together!.staleChunksAtStop).toBe(together!.clustersWritten);
      expect(apart!.staleChunksAtStop).toBe(apart!.clustersWritten);
      expect(Math.abs(together!.phasesNs.stop - apart!.phasesNs.stop)).toBeLessThanOrEqual(5e6);
    }
    expect(sums.apart).toBeGreaterThan(20);
    expect(Math.abs(sums.together / sums.apart - 1)).toBeLessThan(0.3);
  });
});
