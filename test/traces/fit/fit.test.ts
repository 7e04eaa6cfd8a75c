/** A fit of a trace made by a known guest gives that guest back; a preset file of it can be read again. */
import { describe, expect, it } from 'vitest';
import { loadWorkload } from '../../../src/input/sources.js';
import { namedStream } from '../../../src/kernel/rng.js';
import { workloadYaml } from '../../../src/output/workload-yaml.js';
import { newBlock, SyntheticSource } from '../../../src/sim/guest/write-source.js';
import type { SyntheticGuestSpec } from '../../../src/sim/scenario.js';
import { fitArrivals, gapMoments } from '../../../src/traces/fit/arrivals.js';
import { FitCounts } from '../../../src/traces/fit/counts.js';
import { fitWorkload } from '../../../src/traces/fit/fit.js';
import { FitObserver } from '../../../src/traces/fit/observer.js';
import { measureWorkload } from '../../../src/traces/statistics/statistics.js';
import { openTrace } from '../../../src/traces/trace.js';
import { traceFile } from '../helpers.js';

const KIB = 1024;

/** 40 000 writes of the guest as plain CSV. */
function recorded(guest: SyntheticGuestSpec): string {
  const source = new SyntheticSource(guest, {
    diskBytes: 2 ** 36,
    index: 0,
    disks: 1,
    draws: { seed: 7, replication: 0 },
  });
  const block = newBlock();
  const lines = ['time_ns,offset_bytes,length_bytes'];
  while (lines.length <= 40_000) {
    source.fill(block);
    for (let i = 0; i < block.timesNs.length; i++)
      lines.push(`${Math.round(block.timesNs[i]!)},${block.offsetsBytes[i]},${block.lengthsBytes[i]}`);
  }
  return traceFile(`${lines.slice(0, 40_001).join('\n')}\n`);
}

async function fitOf(path: string) {
  const trace = await openTrace([path]);
  const seen = new FitObserver(64 * KIB, () => true);
  const options = { granularityBytes: 64 * KIB, chunksBytes: [64 * KIB], windowNs: 1e9 };
  const stats = await measureWorkload(trace, options, (batch) => seen.take(batch));
  return { stats, fit: fitWorkload(stats, seen, 'invented') };
}

const guest: SyntheticGuestSpec = {
  kind: 'synthetic',
  name: 'known',
  writesPerS: 500,
  arrivals: { kind: 'poisson' },
  parts: [
    {
      weight: 1,
      // 100 hot granules take 70 % of the writes, 9900 cold ones the rest.
      pattern: {
        kind: 'zones',
        zones: [
          { space: 0.01, writes: 0.7 },
          { space: 0.99, writes: 0.3 },
        ],
      },
      sizes: [
        { bytes: 4 * KIB, weight: 0.8 },
        { bytes: 16 * KIB, weight: 0.2 },
      ],
      offsetShare: 0.25,
      footprintBytes: 10_000 * 64 * KIB,
    },
  ],
};

describe('fitWorkload', () => {
  it('finds rate, sizes, footprint and first-touch curve of a known guest', async () => {
    const { fit } = await fitOf(recorded(guest));
    const part = fit.guest.parts[0]!;
    // Gaps: 40 000 exponential draws, so the rate has a standard error of 0.5 %; 3 % is six of them.
    expect(Math.abs(fit.guest.writesPerS / 500 - 1)).toBeLessThan(0.03);
    expect(fit.guest.arrivals.kind).toBe('poisson');
    expect(part.sizes.map((size) => size.bytes)).toEqual([4 * KIB, 16 * KIB]);
    expect(part.sizes[0]!.weight).toBeCloseTo(0.8, 1);
    expect(part.footprintBytes / (64 * KIB)).toBeGreaterThan(8_500);
    expect(part.footprintBytes / (64 * KIB)).toBeLessThan(11_500);
    // Two draws of the same curve are about 1 % apart.
    expect(fit.overWrites.worst).toBeLessThan(0.04);
    expect(fit.overTime.worst).toBeLessThan(0.04);
  });

  it('is written as a preset that reads back as the same guest', async () => {
    const { fit, stats } = await fitOf(recorded({ ...guest, arrivals: { kind: 'h2', p1: 0.95, fast: 0.2 } }));
    const path = traceFile(workloadYaml(fit, stats, 'invented'), 'fit.yaml');
    const source = await loadWorkload(path, [], '--workload');
    const disk = { sizeBytes: 2 ** 36 };
    const read = source.guest({ disks: [disk], question: {}, notes: [] } as never) as SyntheticGuestSpec;
    const [part, fitted] = [read.parts[0]!, fit.guest.parts[0]!];
    expect(read.writesPerS).toBeCloseTo(fit.guest.writesPerS, 5);
    expect(part.footprintBytes).toBe(fitted.footprintBytes);
    expect(part.sizes.map((size) => size.bytes)).toEqual(fitted.sizes.map((size) => size.bytes));
    const zones = (spec: typeof part.pattern) => (spec.kind === 'zones' ? spec.zones : []);
    expect(zones(part.pattern)).toHaveLength(zones(fitted.pattern).length);
    for (const [i, zone] of zones(part.pattern).entries()) {
      expect(zone.space).toBeCloseTo(zones(fitted.pattern)[i]!.space, 9);
      expect(zone.writes).toBeCloseTo(zones(fitted.pattern)[i]!.writes, 9);
    }
    expect(read.arrivals.kind).toBe('h2');
  });

  it('keeps the places of a guest that writes far apart, and is read back as such a mix', async () => {
    const part = guest.parts[0]!;
    const pattern = { kind: 'uniform' } as const;
    const at = (offsetShare: number, weight: number) => ({
      ...part,
      weight,
      pattern,
      offsetShare,
      footprintBytes: 2 ** 28,
    });
    const { stats, fit } = await fitOf(recorded({ ...guest, parts: [at(0.125, 0.75), at(0.75, 0.25)] }));
    expect(fit.guest.parts.map((each) => Math.round(each.weight * 20))).toEqual([15, 5]);
    const starts = fit.guest.parts.map((each) => (each.offsetShare * fit.diskBytes) / 2 ** 30);
    expect(starts[0]).toBeCloseTo(8, 1);
    expect(starts[1]).toBeCloseTo(48, 1);
    const path = traceFile(workloadYaml(fit, stats, 'invented'), 'mix.yaml');
    const disk = { sizeBytes: 2 ** 40 };
    const source = await loadWorkload(path, [], '--workload');
    const read = source.guest({ disks: [disk], question: {}, notes: [] } as never) as SyntheticGuestSpec;
    expect(read.parts).toHaveLength(2);
    expect((read.parts[1]!.offsetShare * disk.sizeBytes) / 2 ** 30).toBeCloseTo(starts[1]!, 3);
  });

  it('refuses what cannot be fitted', async () => {
    const two = traceFile('time_s,device,offset_bytes,length_bytes\n0,a,0,512\n1,b,0,512\n2,b,0,512\n');
    await expect(fitOf(two)).rejects.toThrow(/writes to 2 devices; choose one with --device/);
    const one = traceFile('time_s,offset_bytes,length_bytes\n0,0,512\n');
    await expect(fitOf(one)).rejects.toThrow(/too few to fit/);
  });
});

describe('fitArrivals', () => {
  const first = (sums: [number, number, number], count: number) => fitArrivals(sums, count)[0]!;
  const sumsOf = (gaps: readonly number[]): [number, number, number] => [
    gaps.reduce((sum, gap) => sum + gap, 0),
    gaps.reduce((sum, gap) => sum + gap ** 2, 0),
    gaps.reduce((sum, gap) => sum + gap ** 3, 0),
  ];

  it('finds the phases of a hyper-exponential from its exact moments', () => {
    const [p1, fast] = [0.9, 0.3];
    const slow = (1 - p1 * fast) / (1 - p1);
    const moment = (k: number, factorial: number) => factorial * (p1 * fast ** k + (1 - p1) * slow ** k);
    const spec = first([moment(1, 1), moment(2, 2), moment(3, 6)], 1);
    expect(spec.kind).toBe('poisson'); // a single gap says nothing
    const many = first([1000 * moment(1, 1), 1000 * moment(2, 2), 1000 * moment(3, 6)], 1000);
    expect(many).toMatchObject({ kind: 'h2' });
    if (many.kind === 'h2') {
      expect(many.p1).toBeCloseTo(p1, 9);
      expect(many.fast).toBeCloseTo(fast, 9);
    }
  });

  it('finds the bursts in counts whose gaps do not tell them', () => {
    const [onNs, offNs] = [50e6, 450e6];
    const spec = { kind: 'on-off', onNs, offNs } as const;
    const source = new SyntheticSource(
      { ...guest, arrivals: spec },
      { diskBytes: 2 ** 36, index: 0, disks: 1, draws: { seed: 3, replication: 0 } },
    );
    const counts = new FitCounts();
    const block = newBlock();
    for (let blocks = 0; blocks < 400; blocks++) {
      source.fill(block);
      for (const timeNs of block.timesNs) counts.add(timeNs);
    }
    const dispersions = counts.dispersions();
    const largest = Math.max(...dispersions.map(({ index }) => index));
    // I(infinity) = 1 + 2 a t0 = 1 + 2 * 4500/s * 45 ms = 406.
    expect(largest).toBeGreaterThan(250);
    const found = fitArrivals([1000 / 500, 2000 / 500 ** 2, 6000 / 500 ** 3], 1000, dispersions).at(-1)!;
    expect(found.kind).toBe('on-off');
    if (found.kind !== 'on-off') return;
    // 1600 cycles, and steps of the search of 9 and 15 %: half as much again is far off.
    expect(Math.abs(Math.log(found.onNs / onNs))).toBeLessThan(Math.log(1.5));
    expect(Math.abs(Math.log(found.offNs / offNs))).toBeLessThan(Math.log(1.5));
    expect(fitArrivals([2, 2000 / 500 ** 2, 6000 / 500 ** 3], 1000, [])).toHaveLength(1);
  });

  it('keeps mean and variance where three moments do not fit, and knows a metronome', () => {
    const stream = namedStream(1, 0, 'gaps');
    const gaps = Array.from({ length: 1000 }, () => (stream.uniform() < 0.9 ? 0.001 : 1));
    const spec = first(sumsOf(gaps), gaps.length);
    expect(spec.kind).toBe('h2');
    if (spec.kind === 'h2') {
      const slow = (1 - spec.p1 * spec.fast) / (1 - spec.p1);
      const scv = 2 * (spec.p1 * spec.fast ** 2 + (1 - spec.p1) * slow ** 2) - 1;
      expect(scv).toBeCloseTo(gapMoments(sumsOf(gaps), gaps.length).scv, 6);
    }
    expect(first(sumsOf(Array(10).fill(0.02)), 10).kind).toBe('deterministic');
  });
});
