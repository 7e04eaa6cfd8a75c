/** `stopgap calibrate --host` on this machine, and that its file predicts the next stop. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { missing } from './available.js';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'sg-'));
});
afterAll(() => rmSync(place, { recursive: true }));

function stopgap(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly seconds: number }> {
  const began = performance.now();
  const env = { ...process.env, TMPDIR: place };
  return new Promise((resolve) =>
    execFile(process.execPath, ['dist/cli/main.js', ...args], { env, maxBuffer: 2 ** 24 }, (error, out) =>
      resolve({ code: error ? 1 : 0, out, seconds: (performance.now() - began) / 1000 }),
    ),
  );
}

describe.skipIf(missing.length > 0)('stopgap calibrate --host', () => {
  test('a host whose walk over an allocated image predicts the next one within its stated interval', async () => {
    const file = join(place, 'host.yaml');
    const made = await stopgap('calibrate', '--host', '--out', file);
    expect(made.code).toBe(0);
    expect(made.out).toMatch(/per-1000-scanned-clusters +[\d.]+ µs ± [\d.]+ (µs|ns)\n/);
    const preset = parse(readFileSync(file, 'utf8'));
    // The walk comes first; on a busy machine there may be no time for the rest, which is then as in the preset unknown.
    expect(preset['per-1000-scanned-clusters'].mark).toBe('measured');
    expect(made.seconds).toBeLessThan(60);
    expect(preset['ram-page'].mark).toBe('estimate');

    const image = ['--nbdkit-delay', '1ms', '--disk', '256G', '--preallocated', '--dirty', '1'];
    const { code, out } = await stopgap('measure', ...image, '--host', file, '--json');
    expect(code).toBe(0);
    const { comparison } = JSON.parse(out);
    for (const { what, measured_ms, predicted_ci95_ms } of comparison.slice(1)) {
      const [low, high] = predicted_ci95_ms;
      expect(measured_ms, what).toBeGreaterThan(low);
      expect(measured_ms, what).toBeLessThan(high);
      // And not by being so wide that it says nothing.
      expect((high - low) / (high + low), what).toBeLessThan(0.35);
    }
    expect(readdirSync(place)).toEqual(['host.yaml']);
  });
});
