/** Directories are measured for real, but briefly: what is checked is shape and tidiness, not speed. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { InputError } from '../../../src/base/errors.js';
import { readStorage } from '../../../src/input/models/storage.js';
import { loadPreset } from '../../../src/input/presets.js';
import { latencyValue, storageOfValues, timeText } from '../../../src/input/storage-values/values.js';
import { latencyMeanNs } from '../../../src/input/values/compound.js';
import { calibrateSource } from '../../../src/lab/calibrate/calibrate.js';
import { presetYaml } from '../../../src/lab/calibrate/preset-file.js';
import { probeDirectory } from '../../../src/lab/calibrate/probe.js';
import { Interrupted, withCleanup } from '../../../src/lab/process/cleanup.js';
import { calibratedInOdd, ODD } from '../../support/odd-directories.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync('.probe-test-'); // here, not in the temp directory: that may be a tmpfs without O_DIRECT
});
afterEach(() => rmSync(directory, { recursive: true }));

const quick = { direct: false, budgetMs: 300 } as const;

describe('a directory', () => {
  test('the built-in probe times every class, reports progress, and leaves nothing behind', async () => {
    const seen: number[] = [];
    const { found, tool } = await calibrateSource([directory], {
      ...quick,
      probe: 'builtin',
      onProgress: (done) => seen.push(done),
    });
    expect(tool).toBe('built-in probe');
    const { ops, flushNsPerByte, hostCache } = storageOfValues(found, 'probe');
    for (const { latency } of [ops.write, ops.smallWrite, ops.read])
      expect(latencyMeanNs(latency)).toBeGreaterThan(0);
    expect(ops.write.referenceBytes).toBe(65_536);
    expect(ops.smallWrite.referenceBytes).toBe(4096);
    expect(flushNsPerByte).toBeGreaterThanOrEqual(0);
    expect(hostCache).toBe('writeback');
    expect(seen.at(-1)).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('interrupted in the middle, it leaves nothing behind', async () => {
    // Once: what was interrupted goes on for a moment, and would interrupt the next test.
    let interrupted = false;
    const onProgress = (done: number): void => {
      if (done <= 0.2 || interrupted) return;
      interrupted = true;
      process.emit('SIGINT', 'SIGINT');
    };
    const running = withCleanup((cleanup) => probeDirectory(cleanup, directory, { ...quick, onProgress }));
    await expect(running).rejects.toThrow(Interrupted);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(ODD)('in %s, nothing outside is touched, and the probe works', async (name) => {
    const { found } = await calibratedInOdd(directory, name, 'builtin');
    expect(found.values.has('punch.latency')).toBe(true);
  });

  test('of a fio that writes elsewhere is refused', async () => {
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'fio'), '#!/bin/sh\n', { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${resolve(bin)}:${path}`;
    try {
      await expect(calibrateSource([directory], { ...quick, probe: 'fio' })).rejects.toThrow(/fio wrote no /);
    } finally {
      process.env.PATH = path;
    }
  });

  test('what cannot be measured is bad input', async () => {
    await expect(calibrateSource(['no-such-place'], { ...quick, probe: 'auto' })).rejects.toThrow(InputError);
    await expect(calibrateSource([directory, directory], { ...quick, probe: 'auto' })).rejects.toThrow(
      /one directory/,
    );
  });
});

describe('the preset file', () => {
  const found = {
    values: new Map<string, unknown>([
      ['write.latency', latencyValue({ ns: [107_400, 2_000_000], counts: [3, 1] })],
      ['write.at', 65_536],
      ['flush.latency', latencyValue({ ns: [160_000], counts: [1] })],
      ['flush.per-64k', timeText(90_000)],
      ['host-cache', 'writeback'],
    ]),
    notes: ['punched holes: not measured'],
  };
  const provenance = {
    summary: 'a disk',
    date: '2026-05-01',
    command: 'stopgap calibrate /images',
    tool: 'built-in probe',
  };

  test('says how each figure was got', () => {
    const yaml = presetYaml(found, provenance);
    const preset = parse(yaml);
    const cited = { mark: 'measured', source: 'calibration' };
    expect(preset.write).toEqual({
      latency: { bins: { '107.4us': 750_000, '2ms': 250_000 }, ...cited },
      at: 65_536,
    });
    expect(preset.flush).toEqual({
      latency: { value: '160us', ...cited },
      'per-64k': { value: '90us', ...cited },
    });
    expect(preset.sources.calibration).toBe('built-in probe, 2026-05-01: stopgap calibrate /images');
    expect(yaml).toContain('# punched holes: not measured');
  });

  test('is read back as the same storage', async () => {
    const file = join(directory, 'made.yaml');
    writeFileSync(file, presetYaml(found, provenance));
    const preset = await loadPreset('storage', file, '--storage');
    const read = readStorage([preset.layer], 'made');
    expect(read).toEqual(storageOfValues(found, 'made'));
    expect(latencyMeanNs(read.ops.write.latency)).toBeCloseTo((3 * 107_400 + 2_000_000) / 4, 3);
  });
});
