/** The host from stops, without making any: what the stops of a known machine would be is handed in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { presetSchema } from '../../../src/input/schema/preset.js';
import { hostOfLoops, timeLoops } from '../../../src/lab/calibrate-host/benchmark.js';
import { fitted } from '../../../src/lab/calibrate-host/calibrate-host.js';
import { HOST_FILE_MARK, hostYaml } from '../../../src/lab/calibrate-host/host-file.js';
import { LOADED, STORES, STREAMS } from '../../../src/lab/calibrate-host/plan.js';
import { addedMs } from '../../../src/lab/calibrate-host/stops.js';
import { anyHost, loadHost } from '../../../src/lab/host.js';
import type { Observation } from '../../../src/lab/hosts/fit.js';
import { predictLoad, predictStops, predictStream } from '../../../src/lab/measure/predict.js';
import { volumeStorage } from '../../../src/lab/measure/predict-storage.js';
import type { HostSpec } from '../../../src/sim/scenario.js';

const prior = await anyHost();
const PROVENANCE = { date: '2026-05-01', command: 'stopgap calibrate --host', processor: 'a processor' };

const storage = volumeStorage([
  {
    write64kUs: 60,
    write4kUs: 40,
    read64kUs: 60,
    flushUs: 20,
    trim64kUs: 25,
    streamMbPerS: 2000,
    write1mUs: 500,
    read1mUs: 500,
  },
]);

const PREDICTED = STORES.flatMap((situation) => {
  const stops = predictStops(situation);
  return (['first', 'replace'] as const).map((phase) => addedMs(stops, phase, storage, prior));
});
const LOAD = {
  predictMs: (host: HostSpec) => predictLoad(LOADED, { storage, host }).bitmapMs,
  sdMs: 1.1,
};
const SENT = STREAMS.flatMap((situation): Observation['predictMs'][] => [
  (host) => predictStream(situation, host).sendMs,
  (host) => predictStream(situation, host).receiveMs,
]).map((predictMs) => ({ predictMs, sdMs: 1.06 }));

/** The pass that a machine would have made, each stop late by so much. */
function passOn(truth: HostSpec, lateMs: number): Observation[] {
  return [...PREDICTED, LOAD, ...SENT].map((stop) => ({
    ...stop,
    measuredMs: stop.predictMs(truth) + lateMs,
  }));
}

const truth: HostSpec = {
  ...prior,
  perScannedClusterNs: 11,
  perL1EntryNs: 0.4,
  perBitmapMiBNs: 50_000,
  perStreamPieceNs: 700,
  perZeroPieceNs: 700,
  perReceivedMiBNs: 450_000,
  perRecountedWordNs: 4,
};
const FOUND = [
  'perScannedClusterNs',
  'perL1EntryNs',
  'perBitmapMiBNs',
  'perStreamPieceNs',
  'perZeroPieceNs',
  'perReceivedMiBNs',
  'perRecountedWordNs',
] as const;

test('the stops of the plan tell each figure apart, within the spread that is stated', () => {
  const { host, measured } = fitted(prior, [passOn(truth, 0.3), passOn(truth, -0.3)]);
  for (const figure of FOUND) {
    expect(measured.has(figure), figure).toBe(true);
    expect(Math.abs(host[figure] - truth[figure]), figure).toBeLessThan(2 * host.spread![figure]!);
    expect(Math.abs(host[figure] - truth[figure]) / truth[figure], figure).toBeLessThan(0.06);
  }
  // Nothing in the plan is long because of RAM: those stay as they were.
  expect(host.perPageNs).toBe(prior.perPageNs);
  expect(measured.has('perDiskNs')).toBe(false);
});

test('where faults and system calls are slow, a load tells the one and streams the other', () => {
  const trapping: HostSpec = {
    ...truth,
    perPageFaultNs: 14_000,
    perStreamPieceNs: 6_000,
    perZeroPieceNs: 8_000,
  };
  const { host, measured } = fitted(prior, [passOn(trapping, 0.3), passOn(trapping, -0.3)]);
  for (const figure of [
    'perPageFaultNs',
    'perStreamPieceNs',
    'perZeroPieceNs',
    'perScannedClusterNs',
  ] as const) {
    expect(measured.has(figure), figure).toBe(true);
    expect(Math.abs(host[figure]! - trapping[figure]!) / trapping[figure]!, figure).toBeLessThan(0.06);
    expect(host.spread![figure]!, figure).toBeLessThan(0.1 * trapping[figure]!);
  }
  const yaml = parse(hostYaml({ host, measured, tool: 'QEMU', notes: [] }, PROVENANCE));
  expect(yaml['page-fault']).toMatchObject({
    value: expect.stringMatching(/^1[34]\.?\d*us$/),
    mark: 'measured',
  });
});

test('a stream that waits for the destination does not tell how fast the source is', () => {
  const { host, measured } = fitted(prior, [passOn({ ...truth, perPageFaultNs: 14_000 }, 0)]);
  expect(measured.has('perPageFaultNs')).toBe(true);
  expect(host.perPageFaultNs! / 14_000).toBeCloseTo(1, 1);
  expect(4 * host.perStreamPieceNs).toBeLessThan(1.06 * 14_000);
});

test('where faults are as quick as on most machines they are left in the other figures', () => {
  const { host, measured, ...rest } = fitted(prior, [passOn(truth, 0.3), passOn(truth, -0.3)]);
  expect(host.perPageFaultNs).toBeUndefined();
  const yaml = parse(hostYaml({ host, measured, tool: 'QEMU', notes: [], ...rest }, PROVENANCE));
  expect(yaml['page-fault']).toBeUndefined();
});

test('a crowded machine leaves more doubt, as how long stops wait for a processor changes', () => {
  const passes = [passOn(truth, 0.3), passOn(truth, -0.3)];
  const walkOf = (drift: number): number => fitted(prior, passes, drift).host.spread!.perScannedClusterNs!;
  expect(walkOf(0.25) / walkOf(0.05)).toBeGreaterThan(3);
});

test('stops that there was no time for leave their figures as they were', () => {
  const walks = passOn(truth, 0).map((stop, i) => (i < 2 ? stop : undefined));
  const { host, measured } = fitted(prior, [walks]);
  expect([...measured]).toEqual(['perScannedClusterNs']);
  expect(host.perStreamPieceNs).toBe(prior.perStreamPieceNs);
});

test('repeats that differ make a wide spread, and a figure is never known better than machines drift', () => {
  const calm = fitted(prior, [passOn(truth, 0), passOn(truth, 0)]).host;
  const noisy = fitted(prior, [passOn(truth, -20), passOn(truth, 20)]).host;
  expect(noisy.spread!.perScannedClusterNs).toBeGreaterThan(3 * calm.spread!.perScannedClusterNs!);
  expect(calm.spread!.perScannedClusterNs).toBeGreaterThanOrEqual(0.05 * calm.perScannedClusterNs);
  // One stop of three that was held up does not count.
  const held = fitted(prior, [passOn(truth, 0), passOn(truth, 60), passOn(truth, 0)]).host;
  expect(held.perScannedClusterNs).toBeCloseTo(truth.perScannedClusterNs, 0);
});

test('the file is a preset as the shipped ones are, and reads back as what was found', async () => {
  const made = { ...fitted(prior, [passOn(truth, 0)]), tool: 'QEMU 7.2.22, 1 pass of 16 stops', notes: [] };
  const text = hostYaml(made, PROVENANCE);
  expect(text).toMatch(HOST_FILE_MARK);
  presetSchema('host').parse(parse(text));
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  try {
    const file = join(folder, 'host.yaml');
    writeFileSync(file, text);
    const read = await loadHost(file, 'test');
    for (const figure of FOUND) {
      expect(read[figure] / made.host[figure], figure).toBeCloseTo(1, 2);
      expect(read.spread![figure]! / made.host.spread![figure]!, figure).toBeCloseTo(1, 1);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const { 'per-1000-scanned-clusters': walked, 'ram-page': page } = parse(text);
  expect([walked.mark, walked.source]).toEqual(['measured', 'calibration']);
  expect([page.mark, page.source]).toEqual(['estimate', 'unknown']);
});

test('without QEMU: a processor half as fast at the loops takes twice as long, with a wide spread', () => {
  const loops = timeLoops(1);
  expect(loops.walkNs).toBeGreaterThan(0);
  expect(loops.scanNs).toBeGreaterThan(0);
  const once = hostOfLoops(prior, loops).host;
  const made = hostOfLoops(prior, { walkNs: 2 * loops.walkNs, scanNs: 2 * loops.scanNs });
  const { host, measured, tool, notes } = made;
  for (const figure of measured) {
    expect(host[figure]! / once[figure]!).toBeCloseTo(2, 6);
    expect(host.spread![figure]).toBeGreaterThanOrEqual(0.39 * host[figure]!);
  }
  expect(host.perWriteNs).toBe(prior.perWriteNs);
  expect(tool).toContain('right to about 40 %');
  expect(notes).toHaveLength(1);
  presetSchema('host').parse(parse(hostYaml(made, PROVENANCE)));
});
