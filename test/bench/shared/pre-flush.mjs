// The pre-flush situation of the benchmarks: uniform 4 KiB writes over 16 TiB at 64 KiB granularity, chunks of 64 KiB,
// one flusher with a fixed service time.
import { Kernel } from '../../../dist/kernel/kernel.js';
import { createTracker } from '../../../dist/sim/guest/engine.js';
import { Flusher, fixedService } from '../../../dist/sim/strategies/flusher.js';

const SIZE = 16 * 2 ** 40;
const CHUNK = 65536;

export function preFlush(engine, writesPerS, serviceNs, seconds) {
  const empty = { kind: 'fraction', fraction: 0, layout: 'uniform' };
  const disk = {
    sizeBytes: SIZE,
    clusterBytes: CHUNK,
    allocatedBytes: 0,
    discard: false,
    bitmaps: [{ granularityBytes: 65536, count: 1, recording: true, content: empty, stored: false }],
  };
  const part = {
    weight: 1,
    pattern: { kind: 'uniform' },
    sizes: [{ bytes: 4096, weight: 1 }],
    offsetShare: 0,
    footprintBytes: SIZE,
  };
  const guest = {
    kind: 'synthetic',
    name: 'bench',
    writesPerS,
    arrivals: { kind: 'poisson' },
    parts: [part],
  };
  const tracker = createTracker(
    { disk, index: 0, disks: 1, guest, chunkBytes: CHUNK, draws: { seed: 1, replication: 0 } },
    engine,
  );
  const kernel = new Kernel();
  const options = { bytesPerS: Number.POSITIVE_INFINITY, settleNs: 0, order: 'fifo', initialPass: false };
  const service = fixedService(kernel, () => serviceNs);
  const flusher = new Flusher(kernel, tracker, options, service);
  kernel.run({ untilNs: Math.round(seconds * 1e9), eventsMax: 1e9 });
  return flusher.stop();
}
