import { describe, expect, test } from 'vitest';
import { labHost } from '../../src/lab/host.js';
import type { Measured } from '../../src/lab/measure/measure.js';
import { predictStore } from '../../src/lab/measure/predict.js';
import { volumeStorage } from '../../src/lab/measure/predict-storage.js';
import type { StorePhase, StoreRow } from '../../src/lab/qemu/store.js';
import { tableFor } from '../../src/output/fitted-table.js';
import { measureJson, measureReport } from '../../src/output/measure-report.js';
import { formatTable } from '../../src/output/table.js';
import { situation } from '../qemu/situations.js';

const calibration = {
  write64kUs: 1000,
  write4kUs: 1000,
  read64kUs: 1000,
  flushUs: 0,
  trim64kUs: 500,
  streamMbPerS: 1000,
  write1mUs: 1500,
  read1mUs: 1500,
};
const wanted = situation({ diskBytes: 1024 ** 4, bits: 16_777_216 });
const storage = volumeStorage([calibration]);
const host = await labHost();

function row(phase: StorePhase, bitmapMs: number): StoreRow {
  const { requests } = predictStore(wanted, phase, { storage, host });
  return {
    repeat: 0,
    phase,
    setBits: 16_777_216,
    dirtyClusters: 32,
    oldClusters: 0,
    stopMs: bitmapMs + 2,
    downtimeMs: Math.round(bitmapMs + 2),
    baselineMs: 2,
    bitmapMs,
    requests,
    sequence: undefined,
    load1: 0,
    calibration,
  };
}

function measured(rows: readonly StoreRow[]): Measured {
  return { qemuVersion: '7.2.22', store: rows, handover: [], storage, host, csv: '' };
}

describe('report of a measurement', () => {
  // 36 writes of 1 ms + 15 us and 2048 L1 entries of 0.87 ns, 1 read of 1 ms, 2 MiB of bitmap, 0.2 ms a disk.
  const firstMs = 36 * (1 + 0.015 + 2048 * 0.87e-6) + 1 + 0.16 + 0.2;
  // One write and two reads more, and 32 punches of 0.5 ms + 9 us.
  const replaceMs = firstMs + (1.015 + 2048 * 0.87e-6) + 2 + 32 * 0.509;

  test('the prediction is the sum that can be made by hand', () => {
    // To 5 us: looking at the refcounts of 40 clusters is left out of the sum.
    expect(predictStore(wanted, 'first', { storage, host }).bitmapMs).toBeCloseTo(firstMs, 2);
    expect(predictStore(wanted, 'replace', { storage, host }).bitmapMs).toBeCloseTo(replaceMs, 2);
  });

  test('measured beside predicted, with both counts', () => {
    const rows = [row('baseline', 0), row('first', 40), row('replace', 60)];
    const text = measureReport(wanted, measured(rows), formatTable);
    expect(text).toContain(
      '1 TiB, 1 x 2 MiB of bitmap (1 bit per 64 KiB), 32 clusters of 64 KiB to store each',
    );
    const error = ((firstMs / 40 - 1) * 100).toFixed(1);
    // 1.06 ms of any stop, 1.1 % of the device's 37 ms, 15 us for each of 39 requests; what the host's figures may be off
    // by: 5 us a write, 20 us a MiB, 0.2 ms a disk.
    const hostMs = Math.hypot(36 * 0.005, 2 * 0.02, 0.2);
    const reach = (1.96 * Math.hypot(1.06, 0.011 * 37, 0.015 * 39, hostMs)).toFixed(1);
    expect(text).toMatch(
      new RegExp(
        `first store +40\\.0 ms .* ${firstMs.toFixed(1)} ± ${reach} ms +${(firstMs - 40).toFixed(1)} ms +${error} % +36/36 writes, 1/1 reads`,
      ),
    );
    expect(text).not.toContain('Repeats differ');
  });

  test('a short stop differs by milliseconds, a noisy one is called so', () => {
    const short = [row('baseline', 0), row('first', 20), row('replace', 60), row('replace', 90)];
    const text = measureReport(wanted, measured(short), formatTable);
    // Its share would say little.
    expect(text).toMatch(new RegExp(`first store +20\\.0 ms .* \\+${(firstMs - 20).toFixed(1)} ms +36/36`));
    expect(text).toContain('Repeats differ by up to 40 %: smaller differences mean nothing here.');
  });

  test('warns of one repeat, and of a machine that had other work', () => {
    const rows = [row('baseline', 0), row('first', 40), row('replace', 60)];
    const quiet = measureReport({ ...wanted, repeats: 3 }, measured(rows), formatTable);
    expect(quiet).not.toMatch(/One repeat|busy/);
    const once = measureReport({ ...wanted, repeats: 1 }, measured(rows), formatTable);
    expect(once).toContain('; 1 repeat\n');
    expect(once).toContain('One repeat says nothing of chance');
    const busy = measured(rows.map((each) => ({ ...each, load1: 1000 })));
    expect(measureReport({ ...wanted, repeats: 3 }, busy, formatTable)).toMatch(
      /^The machine was busy \(load 1000\.0, \d+ processors?\)/m,
    );
  });

  test.each([60, 80])('fits %d columns, its rows whole or as blocks', (width) => {
    const rows = [row('baseline', 0), row('first', 40), row('replace', 60)];
    const text = measureReport({ ...wanted, repeats: 3 }, measured(rows), tableFor(width));
    const [, table = ''] = text.split('\n\n');
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(table).toMatch(/^bitmaps, first store\n {2}measured +40\.0 ms\n/m);
  });

  test('JSON has the parts, and they sum to the whole', () => {
    const rows = [row('baseline', 0), row('first', 40), row('replace', 60)];
    const json = JSON.parse(JSON.stringify(measureJson(wanted, measured(rows))));
    const { bitmapMs, partsMs } = json.predicted.replace;
    expect(Object.values(partsMs as Record<string, number>).reduce((a, b) => a + b, 0)).toBeCloseTo(
      bitmapMs,
      9,
    );
    expect(json.comparison[1]).toMatchObject({
      measured_ms: 40,
      predicted_ms: json.predicted.first.bitmapMs,
    });
  });
});

test('a full 16 TiB disk in a file: the example of the facts, request by request', () => {
  const full = situation({
    diskBytes: 16 * 1024 ** 4,
    bits: 268_435_456,
    storage: { kind: 'directory', path: '/x', cache: 'none' },
  });
  const { requests } = predictStore(full, 'replace', { storage, host });
  // A.4: K + n + directory + refcount blocks (allocated, freed) + header; old directory, refcounts, old table.
  expect(requests).toMatchObject({ writes: 517, trims: 512, reads: 3, flushes: 4 });
});
