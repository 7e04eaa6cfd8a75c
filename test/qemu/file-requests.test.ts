/** Requests to a local file, as strace sees them: there QEMU skips flushes with nothing to flush, and punches holes. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolve } from '../../src/input/resolve.js';
import { predictStops } from '../../src/lab/measure/predict.js';
import { type Cleanup, withCleanup } from '../../src/lab/process/cleanup.js';
import { ended, findProgram } from '../../src/lab/process/programs.js';
import { startQemu } from '../../src/lab/qemu/qemu.js';
import { resumeSource, type Stop, setCapabilities, stopOnce } from '../../src/lab/qemu/stop.js';
import { type Situation, situationRuns } from '../../src/lab/qemu/store.js';
import {
  addBitmaps,
  createImage,
  diskName,
  diskNodes,
  paintPattern,
  patternNodes,
} from '../../src/lab/qemu/test-image.js';
import { migrate } from '../../src/sim/migration/controller.js';
import { countOps } from '../../src/sim/qcow2/op-counts.js';
import { installedQemu, missing } from './available.js';
import { situation } from './situations.js';

/** Of `pid time call(`: calls that QEMU's file driver makes, by what they are. */
const CALLS = /^\d+ +(\d+\.\d+) (pwrite64|pwritev|pread64|preadv|fdatasync|fallocate)\(/;
const KIND = {
  pwrite64: 'writes',
  pwritev: 'writes',
  pread64: 'reads',
  preadv: 'reads',
  fdatasync: 'flushes',
  fallocate: 'trims',
} as const;
/** strace says so on stderr when it is attached to all threads. */
const ATTACHED = /attached/;

/** What was in the image before each of the stops below; null: a stop without bitmaps. */
const HISTORIES = [null, 'new', 'stored'] as const;

/** Flushes of a stop on a storage of models/, as the simulation counts and times them. */
async function modelFlushes(
  storage: string,
  history: (typeof HISTORIES)[number],
  discard: boolean,
): Promise<number> {
  const { scenario } = await resolve(
    {},
    {
      storage,
      workload: 'idle',
      'bitmaps.dirty': '100%',
      qemu: installedQemu.name,
      'disk.discard': discard ? 'on' : 'off',
      'bitmaps.history': history ?? 'new',
    },
  );
  const spec = history === null ? ({ name: 'none' } as const) : ({ name: 'store-at-stop' } as const);
  return migrate(scenario, spec, { seed: 1, replication: 0 }).metrics.storeFlushes;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stopgap-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The stops of one repeat under strace, and its log. */
async function tracedStops(cleanup: Cleanup, wanted: Situation): Promise<{ stops: Stop[]; log: string }> {
  const place = { kind: 'file', path: join(directory, 'disk.qcow2'), cache: 'writeback' } as const;
  await createImage(cleanup, place, wanted.diskBytes, wanted.clusterBytes);
  const nodes = [...patternNodes(wanted.diskBytes), ...diskNodes(place, 0, wanted.discard)];
  const qemu = await startQemu(cleanup, directory, 'source', nodes, { disks: [diskName(0)] });
  await setCapabilities(qemu);
  await paintPattern(qemu, situationRuns(wanted), wanted.granularityBytes, wanted.diskBytes);
  const output = join(directory, 'strace.log');
  const calls = `trace=${Object.keys(KIND).join(',')}`;
  const args = ['-f', '-ttt', '-s0', '-o', output, '-e', calls, '-p', String(qemu.pid)];
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  cleanup.defer(() => strace.kill('SIGKILL'));
  let said = '';
  strace.stderr.on('data', (text) => (said += text));
  for (let i = 0; i < 200 && !ATTACHED.test(said) && strace.exitCode === null; i++) await sleep(20);
  expect(said).toMatch(ATTACHED);
  const stops: Stop[] = [];
  for (const bitmaps of [0, wanted.bitmaps, 0]) {
    await addBitmaps(qemu, 0, bitmaps, wanted.granularityBytes);
    stops.push(await stopOnce(qemu));
    await resumeSource(qemu);
  }
  strace.kill('SIGINT');
  await ended(strace, 5000);
  await qemu.quit();
  return { stops, log: readFileSync(output, 'utf8') };
}

describe.skipIf(missing.length > 0 || !findProgram('strace'))('requests to a file', () => {
  test.each([true, false])('discards passed on: %s', async (discard) => {
    const wanted = situation({
      bitmaps: 2,
      discard,
      storage: { kind: 'directory', path: directory, cache: 'writeback' },
    });
    const { stops, log } = await withCleanup((cleanup) => tracedStops(cleanup, wanted));
    const calls = log.split('\n').flatMap((line) => {
      const match = CALLS.exec(line);
      return match ? [{ timeUs: Number(match[1]) * 1e6, kind: KIND[match[2] as keyof typeof KIND] }] : [];
    });
    const seen = stops.map(({ fromUs, toUs }) => {
      const inside = calls.filter(({ timeUs }) => timeUs >= fromUs && timeUs <= toUs);
      const count = (kind: string): number => inside.filter((call) => call.kind === kind).length;
      return [count('writes'), count('reads'), count('trims'), count('flushes')];
    });
    const predicted = predictStops(wanted, installedQemu).map(({ work }) => {
      const { writes, reads, trims, flushes } = countOps(work.ops);
      return [writes, reads, trims, flushes];
    });
    expect(seen).toEqual(predicted);
    // So says the property of the storages that are files or devices: without bitmaps, first store, replacement.
    const flushes = seen.map((counts) => counts.at(-1));
    for (const storage of ['file-cache', 'hdd-7200'])
      expect(
        await Promise.all([...HISTORIES].map((history) => modelFlushes(storage, history, discard))),
      ).toEqual(flushes);
  });
});
