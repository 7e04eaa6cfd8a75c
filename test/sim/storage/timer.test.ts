import { describe, expect, it } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import { Qcow2Image } from '../../../src/sim/qcow2/image.js';
import type { HostSpec, LatencySpec, OpCost, StorageSpec } from '../../../src/sim/scenario.js';
import { DeviceCosts } from '../../../src/sim/storage/costs.js';
import { NO_SPELLS } from '../../../src/sim/storage/spells.js';
import { OpTimer } from '../../../src/sim/storage/timer.js';
import type { StoreOp } from '../../../src/sim/types.js';

const constant = (us: number): LatencySpec => ({ kind: 'constant', ns: us * 1000 });
const cost = (latency: LatencySpec, referenceBytes = 0, bytesPerS = Number.POSITIVE_INFINITY): OpCost => ({
  latency,
  referenceBytes,
  bytesPerS,
});
function storage(change: Partial<StorageSpec> = {}): StorageSpec {
  return {
    name: 'test',
    ops: {
      write: cost(constant(150), 65_536),
      smallWrite: cost(constant(150), 4096),
      read: cost(constant(100), 65_536),
      punch: cost(constant(250)),
      flush: cost(constant(500)),
    },
    flushNsPerByte: 0,
    channels: 1,
    otherLoad: 0,
    opsPerS: Number.POSITIVE_INFINITY,
    burstOps: 0,
    hostCache: 'none',
    idleFlushes: 'skipped',
    includesHost: true,
    ...NO_SPELLS,
    ...change,
  };
}
const HOST: HostSpec = {
  name: 'test',
  perWriteNs: 15_000,
  perMirroredNs: 0,
  postcopyRamNs: 0,
  perMirrorHopNs: 0,
  perPunchNs: 9_000,
  perL1EntryNs: 0.87,
  perBitmapMiBNs: 80_000,
  perDiskNs: 200_000,
  perScannedClusterNs: 28,
  perStreamPieceNs: 0,
  perZeroPieceNs: 0,
  perReceivedMiBNs: 0,
  perRecountedWordNs: 0,
  perPageNs: 0,
  perZeroPageNs: 0,
  perMarkNs: 1,
  perSyncNs: 0,
  ramSpread: 0,
  stopNs: 0,
  deviceStateNs: 0,
  startNs: 0,
  postcopyNs: 0,
};
const op = (
  kind: StoreOp['op'],
  bytes: number,
  count: number,
  purpose: StoreOp['purpose'] = 'data',
): StoreOp => ({
  op: kind,
  bytes,
  count,
  purpose,
});
const timer = (change: Partial<StorageSpec> = {}, queueDepth = 1): OpTimer =>
  new OpTimer(storage(change), HOST, { l1Entries: 32_768, queueDepth });
const ms = (ns: number): number => ns / 1e6;

describe('the example of 16 TiB, by hand', () => {
  it('517 writes of 150 us, 512 punches of 250 us: 78 + 128 ms, the reads and 4 flushes', () => {
    const image = new Qcow2Image({
      sizeBytes: 2 ** 44,
      clusterBytes: 65_536,
      discard: true,
      idleFlushes: 'skipped',
    });
    const bitmaps = [{ name: 'b0', granularityBytes: 65_536, dirtyClusters: 512 }];
    image.store(bitmaps);
    image.activate();
    const ops = image.store(bitmaps);
    const { meanNs, deviceByClass } = timer().expect(ops);
    // The search passes the old copy (514 clusters) and the metadata before it, then takes the new 514.
    const walkMs = 28e-6 * ops.reduce((sum, { scannedClusters = 0 }) => sum + scannedClusters, 0);
    expect(walkMs).toBeCloseTo(28e-6 * (3 + 4 + 514 + 514), 9);
    expect(ms(deviceByClass.write! + deviceByClass.smallWrite!)).toBeCloseTo(517 * 0.15, 9);
    expect(ms(deviceByClass.punch!)).toBeCloseTo(512 * 0.25, 9);
    expect(ms(meanNs)).toBeCloseTo(517 * 0.15 + 512 * 0.25 + 3 * 0.1 + 4 * 0.5 + walkMs, 9);
  });

  it("adds QEMU's own time where the latencies are the device's", () => {
    const list = [op('write', 65_536, 100), op('punch', 65_536, 10, 'punch')];
    const own = ms(timer({ includesHost: false }).expect(list).meanNs - timer().expect(list).meanNs);
    expect(own).toBeCloseTo(100 * (0.015 + 0.87e-6 * 32_768) + 10 * 0.009, 9);
    expect(ms(timer({ includesHost: false }).fixedNs(32 * 2 ** 20))).toBeCloseTo(0.2 + 32 * 0.08, 9);
    const scan: StoreOp = { ...op('read', 65_536, 1, 'scan'), scannedClusters: 1e6 };
    expect(ms(timer().expect([scan]).meanNs)).toBeCloseTo(0.1 + 28, 9);
  });
});

describe('size', () => {
  const calibrated = new DeviceCosts(
    storage({
      ops: {
        ...storage().ops,
        write: cost(constant(1400), 65_536, 200e6),
        smallWrite: cost(constant(1080), 4096, 200e6),
        read: cost(constant(1400), 65_536, 200e6),
      },
    }),
  );
  const us = (kind: StoreOp['op'], bytes: number): number => {
    const { latency, fixedNs } = calibrated.of(kind, bytes);
    return (latency.meanNs + fixedNs) / 1000;
  };

  it('is a line through the two calibrated writes, and the bandwidth beyond', () => {
    expect(us('write', 65_536)).toBeCloseTo(1400, 6);
    expect(us('write', 4096)).toBeCloseTo(1080, 6);
    expect(us('smallWrite', 34_816)).toBeCloseTo(1240, 6);
    expect(us('write', 65_536 + 2e6)).toBeCloseTo(1400 + 10_000, 6);
  });

  it('saves a small read the transfer, as it does a write', () => {
    expect(us('read', 4096)).toBeCloseTo(1080, 6);
    expect(us('read', 32)).toBeLessThan(1080);
  });
});

describe('flushes', () => {
  it('pay for every byte written before them, once', () => {
    const list = [op('write', 65_536, 64), op('flush', 0, 1, 'flush'), op('flush', 0, 1, 'flush')];
    const perByte = 90_000 / 65_536;
    const paid = timer({ flushNsPerByte: perByte }).expect(list).meanNs - timer().expect(list).meanNs;
    expect(ms(paid)).toBeCloseTo(64 * 0.09, 9);
  });

  it('with writeback, carry the bytes that the writes did not wait for', () => {
    const ops = { ...storage().ops, write: cost(constant(150), 65_536, 500e6) };
    const list = [op('write', 65_536, 512), op('flush', 0, 1, 'flush')];
    const { deviceByClass } = timer({ hostCache: 'writeback', ops }).expect(list);
    expect(ms(deviceByClass.write!)).toBeLessThan(10);
    expect(ms(deviceByClass.flush!)).toBeCloseTo(0.5 + (512 * 65_536) / 500e3, 6);
  });
});

describe('limits and neighbours', () => {
  it('a token bucket lets the burst through and then its rate', () => {
    const limited = timer({ opsPerS: 1000, burstOps: 100 });
    // 0.15 ms each: 100 tokens and what comes in meanwhile, then 1 ms each.
    expect(ms(limited.expect([op('write', 65_536, 1100)]).meanNs)).toBeCloseTo(1000, 6);
    expect(ms(limited.expect([op('write', 65_536, 10)]).meanNs)).toBeCloseTo(10, 6);
  });

  it('neighbours that take half the device double the time', () => {
    const list = [op('write', 65_536, 10)];
    expect(timer({ otherLoad: 0.5 }).expect(list).meanNs).toBe(2 * timer().expect(list).meanNs);
  });

  it('a deeper queue divides the wait for data, not the transfer and not the flushes', () => {
    const ops = { ...storage().ops, write: cost(constant(150), 65_536, 1e9) };
    const list = [op('write', 65_536, 512), op('flush', 0, 2, 'flush')];
    const deep = (queueDepth: number): number =>
      ms(timer({ channels: 16, ops }, queueDepth).expect(list).meanNs);
    expect(deep(1)).toBeCloseTo(512 * 0.15 + 1, 9);
    expect(deep(2)).toBeCloseTo((512 * 0.15) / 2 + 1, 9);
    expect(deep(16)).toBeCloseTo((512 * 65_536) / 1e6 + 1, 9);
  });
});

describe('draws', () => {
  const shapes: LatencySpec[] = [
    { kind: 'exponential', meanNs: 150_000 },
    { kind: 'lognormal', p50Ns: 100_000, p99Ns: 800_000 },
    { kind: 'histogram', ns: [50_000, 100_000, 900_000], counts: [5, 4, 1] },
  ];

  // 4 standard errors: a correct sampler fails each of the 12 checks with probability 6e-5, all fixed by the seed.
  it.each(shapes)('of $kind have the mean and variance of the estimate', (latency) => {
    const ops = { ...storage().ops, write: cost(latency, 65_536) };
    for (const count of [40, 4000]) {
      const list = [op('write', 65_536, count)];
      const { meanNs, varianceNs2 } = timer({ ops }).expect(list);
      const rng = namedStream(1, 0, latency.kind);
      const totals = Array.from({ length: 400 }, () => timer({ ops }).drawAll(list, rng));
      const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length;
      const variance = totals.reduce((sum, total) => sum + (total - mean) ** 2, 0) / (totals.length - 1);
      expect(Math.abs(mean - meanNs)).toBeLessThan(4 * Math.sqrt(varianceNs2 / totals.length));
      expect(variance / varianceNs2).toBeGreaterThan(0.6);
      expect(variance / varianceNs2).toBeLessThan(1.7);
    }
  });

  it('of constants draw nothing, and equal the mean', () => {
    const rng = namedStream(1, 0, 'constant');
    const list = [op('write', 65_536, 512), op('flush', 0, 1, 'flush')];
    expect(timer().drawAll(list, rng)).toBe(timer().expect(list).meanNs);
    expect(rng.uniform()).toBe(namedStream(1, 0, 'constant').uniform());
  });
});
