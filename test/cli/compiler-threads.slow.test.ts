/** The end of the program itself, where threads of the engine are still at work. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('ends where compiler threads are still at work on a full heap', () => {
  const trace = join(folder, 'writes.trace');
  writeFileSync(trace, Array.from({ length: 7000 }, (_, i) => `${i} 0 ${(i * 7919) % 1e6} 16 0`).join('\n'));
  // A slow compiler and a small heap make the most of what else happens once in some hundred runs.
  const full = ['--concurrent-recompilation-delay=300', '--max-old-space-size=8', 'dist/cli/main.js'];
  const measure = ['workload', trace, '--format', 'ascii:us:512:512', '--json'];
  const ends = Array.from({ length: 5 }, () => {
    const { signal } = spawnSync(process.execPath, [...full, ...measure], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    return signal;
  });
  expect(ends).toEqual([null, null, null, null, null]);
}, 320_000);
