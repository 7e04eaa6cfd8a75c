/** Real fio on a directory, briefly: what is checked is shape and tidiness, not speed. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storageOfValues } from '../../src/input/storage-values/values.js';
import { calibrateSource } from '../../src/lab/calibrate/calibrate.js';
import { runFio } from '../../src/lab/calibrate/run-fio.js';
import { Interrupted, withCleanup } from '../../src/lab/process/cleanup.js';
import { missingPackages } from '../../src/lab/process/programs.js';
import { calibratedInOdd, ODD } from '../support/odd-directories.js';

const missing = missingPackages(['fio']);
if (missing.length > 0 && process.env.STOPGAP_REQUIRE_QEMU) throw new Error('fio must be installed here');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync('.probe-test-'); // here, not in the temp directory: that may be a tmpfs without O_DIRECT
});
afterEach(() => rmSync(directory, { recursive: true }));

const quick = { direct: false, budgetMs: 300 } as const;

/** Processes that run in this directory. */
function processesOf(path: string): number {
  const folder = (pid: string): string => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
      return ''; // it has ended, or is not ours
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => folder(pid).includes(basename(path))).length;
}

describe.skipIf(missing.length > 0)('a directory measured by fio', () => {
  test('gives the same classes as the built-in probe, holes included', async () => {
    const { found, tool } = await calibrateSource([directory], { ...quick, probe: 'auto' });
    expect(tool).toMatch(/^fio-/);
    const { ops, hostCache } = storageOfValues(found, 'fio');
    expect(ops.write.referenceBytes).toBe(65_536);
    expect(ops.smallWrite.referenceBytes).toBe(4096);
    expect(found.values.has('punch.latency')).toBe(true);
    expect(hostCache).toBe('writeback');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('around the page cache says so, although holes have no O_DIRECT', async () => {
    const { found } = await calibrateSource([directory], { direct: true, budgetMs: 300, probe: 'fio' });
    expect(found.values.get('host-cache')).toBe('none');
    expect(found.notes.join()).not.toContain('page cache');
  });

  test.each(ODD)('in %s, nothing outside is touched, and fio works', async (name) => {
    const { found } = await calibratedInOdd(directory, name, 'fio');
    expect(found.values.has('punch.latency')).toBe(true);
  });

  test('is one process, which ends with an interruption', async () => {
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, processesOf(directory));
    }, 20);
    setTimeout(() => process.emit('SIGHUP', 'SIGHUP'), 1500);
    const running = withCleanup((cleanup) => runFio(cleanup, directory, { direct: false, budgetMs: 60_000 }));
    await expect(running).rejects.toThrow(Interrupted);
    await sleep(200);
    clearInterval(watch);
    expect(most).toBe(1);
    expect(processesOf(directory)).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });
});
