/**
 * A disk that is too small for the rows: one line, the rows that fit are whole, and with more room the same command
 * goes on to the bytes of a sweep that had room from the start. As root on a real small file system; without the right
 * to mount one, on the shim that says ENOSPC from some request on.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-small-disk-'));
const disk = join(folder, 'disk');
const experiment = join(folder, 'small.yaml');
const mounted = (options: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'stopgap-test', disk]).status === 0;
let isReal = false;

function sweep(out: string, env: Record<string, string> = {}) {
  const args = ['dist/cli/main.js', 'sweep', experiment, '--out', out, '--jobs', '1', '--no-figures'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stderr };
}

/** The shim, where no small file system can be had. */
function failing(): Record<string, string> {
  const shim = join(folder, 'shim.so');
  execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', shim, 'test/torture/shim.c', '-ldl', '-pthread']);
  return {
    LD_PRELOAD: shim,
    TORTURE_DIR: disk,
    TORTURE_AT: '30',
    TORTURE_HOW: 'always',
    TORTURE_ERRNO: String(constants.errno.ENOSPC),
  };
}

beforeAll(() => {
  mkdirSync(disk);
  writeFileSync(
    experiment,
    'question: q\nbase: {storage: nvme-plp, workload: idle}\naxes: {disk.size: [64G, 128G]}\nreplications: 40\n',
  );
  isReal = mounted('size=128k');
});
afterAll(() => {
  if (isReal) execFileSync('umount', [disk]);
  rmSync(folder, { recursive: true });
});

it('a full disk is one line, and no row is lost or torn', { timeout: 120_000 }, () => {
  const out = join(disk, 'out');
  const full = sweep(out, isReal ? {} : failing());
  expect(full.stderr).toMatch(/^stopgap: .*(?:no room|no space|full).*\n$/i);
  expect(full.status).toBe(2);

  const roomy = join(folder, 'roomy');
  expect(sweep(roomy).status).toBe(0);
  const whole = readFileSync(join(roomy, 'runs.csv'), 'utf8');
  const kept = readFileSync(join(out, 'runs.csv'), 'utf8');
  expect(whole.length).toBeGreaterThan(2 ** 17);
  expect(whole.startsWith(kept.slice(0, kept.lastIndexOf('\n') + 1))).toBe(true);

  if (isReal) execFileSync('mount', ['-o', 'remount,size=8m', disk]);
  expect(sweep(out)).toMatchObject({ status: 0 });
  for (const name of ['runs.csv', 'summary.csv'])
    expect(readFileSync(join(out, name), 'utf8')).toBe(readFileSync(join(roomy, name), 'utf8'));
});
