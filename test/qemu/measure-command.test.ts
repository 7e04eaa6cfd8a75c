/** `stopgap measure` as a user runs it: what it prints, what it refuses, and that nothing is left behind. */
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { missing } from './available.js';

const MAIN = 'dist/cli/main.js';

/** A scratch place; its `tmp` is the temp directory of the command, so leftovers are seen. */
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sg-'));
});
afterEach(() => rmSync(place, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  args: readonly string[],
  { path = process.env.PATH!, temporary = place, during = (_pid: number): void => {} } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, 'measure', ...args], {
    env: { ...process.env, PATH: path, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran = { code: null as number | null, stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (ran.stdout += data));
  child.stderr.on('data', (data) => (ran.stderr += data));
  during(child.pid!);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ran, code })));
}

/** Processes whose command line names our scratch place, or that run in it: what a measurement started and did not end. */
function leftProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const isHere = line.includes(place) || readlinkSync(`/proc/${pid}/cwd`).startsWith(place);
        return isHere ? [line] : [];
      } catch {
        return []; // gone meanwhile
      }
    });
}

async function expectClean(but: readonly string[] = []): Promise<void> {
  for (let i = 0; i < 50 && leftProcesses().length > 0; i++) await new Promise((r) => setTimeout(r, 20));
  expect(leftProcesses()).toEqual([]);
  expect(readdirSync(place)).toEqual(but);
}

describe.skipIf(missing.length > 0)('stopgap measure', () => {
  test('prints measured beside predicted and writes rows for validate', async () => {
    const csv = join(place, 'rows.csv');
    const { code, stdout, stderr } = await run([
      '--nbdkit-delay',
      '2ms',
      '--disk',
      '256G',
      '--repeats',
      '1',
      '--csv',
      csv,
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /bitmaps, first store .* ms .* 12\/12 writes, 1\/1 reads, 0\/0 punches, 2\/2 flushes/,
    );
    expect(stdout).toMatch(/replacing a copy .* 13\/13 writes, 3\/3 reads, 8\/8 punches, 3\/3 flushes/);
    const [header, ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
    expect(header).toContain('measured_bitmap_ms,writes,write_bytes');
    expect(rows).toHaveLength(2);
    await expectClean(['rows.csv']);
  });

  test('--csv leaves a file of somebody else, before it measures', async () => {
    const csv = join(place, 'rows.csv');
    writeFileSync(csv, 'a,b\n1,2\n');
    const { code, stderr } = await run(['--nbdkit-delay', '1ms', '--csv', csv]);
    expect([code, readFileSync(csv, 'utf8')]).toEqual([2, 'a,b\n1,2\n']);
    expect(stderr).toMatch(/^stopgap: --csv: .*not an earlier output/);
    await expectClean(['rows.csv']);
  });

  test('disks that differ: what each file is asked for, as predicted', async () => {
    const disks = ['--disk', '64G:bitmaps=2,granularity=32k,history=new', '--disk', '32G:flush-latency=3ms'];
    const { code, stdout, stderr } = await run([
      '--nbdkit-delay',
      '1ms',
      ...disks,
      '--repeats',
      '1',
      '--json',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const { files, ...all } = JSON.parse(stdout);
    for (const { source, destination } of files)
      expect([source.measured, destination.measured]).toEqual([source.predicted, destination.predicted]);
    expect(files.map(({ file }: { file: string }) => file)).toEqual(['disk0', 'disk1']);
    expect(all.requests_equal).toBe(true);
    expect(all.predicted_blackout_ms).toBeGreaterThan(all.predicted_source_ms);
    await expectClean();
  });

  test('a directory: nothing of it stays there', async () => {
    const { code, stdout } = await run([
      place,
      '--disk',
      '64G',
      '--repeats',
      '1',
      '--cache',
      'writeback',
      '--json',
    ]);
    expect(code).toBe(0);
    const { store, predicted } = JSON.parse(stdout);
    expect(store.map((row: { phase: string }) => row.phase)).toEqual(['baseline', 'first', 'replace']);
    expect(predicted.first.requests).toMatchObject({ writes: 6, flushes: 2 });
    await expectClean();
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle: 130, and nothing is left', async (signal) => {
    const { code } = await run(['--nbdkit-delay', '20ms', '--disk', '16T', '--repeats', '9'], {
      during: (pid) =>
        void (async () => {
          // As soon as QEMU runs, in the middle of things.
          for (let i = 0; i < 500 && !leftProcesses().some((line) => line.includes('.qmp')); i++)
            await new Promise((resolve) => setTimeout(resolve, 20));
          process.kill(pid, signal);
        })(),
    });
    expect(code).toBe(130);
    await expectClean();
  });

  test('SIGKILL in the middle: the next run ends and removes what it left, and nothing else', async () => {
    const images = join(place, 'images');
    mkdirSync(images);
    const measure = [images, '--cache', 'writeback', '--disk', '256G', '--repeats'];
    await run([...measure, '9'], {
      during: (pid) =>
        void (async () => {
          for (let i = 0; i < 500 && !leftProcesses().some((line) => line.includes('.qmp')); i++)
            await new Promise((resolve) => setTimeout(resolve, 20));
          process.kill(pid, 'SIGKILL');
        })(),
    });
    expect(leftProcesses()).not.toEqual([]);
    expect(readdirSync(images)).not.toEqual([]);
    const foreign = 'stopgap-measure-mine';
    mkdirSync(join(images, foreign));
    expect((await run([...measure, '1'])).code).toBe(0);
    await expectClean(['images']);
    expect(readdirSync(images)).toEqual([foreign]);
  });

  test.each([
    ['--repeats', '1'],
    ['--destination', '--stream', '--repeats', '1'],
  ])('in directories whose names mean something to QEMU: %s', async (...options) => {
    const images = join(place, 'vm:im,ages');
    const temporary = join(place, 't,m:p;#?%20 x');
    mkdirSync(images);
    mkdirSync(temporary);
    const small = ['--disk', '64G', ...options];
    const file = await run([images, '--cache', 'writeback', ...small], { temporary });
    expect(file.stderr).toBe('');
    const volume = await run(['--nbdkit-delay', '1ms', ...small], { temporary });
    expect(volume.stderr).toBe('');
    expect([file.code, volume.code]).toEqual([0, 0]);
    expect(readdirSync(images)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
    await expectClean(['t,m:p;#?%20 x', 'vm:im,ages']);
  });

  test.each([
    ['no place', [], /give either a directory or --nbdkit-delay/],
    ['no directory', ['/no/such/place'], /'\/no\/such\/place' is not a directory/],
    ['half a millisecond', ['--nbdkit-delay', '500us'], /not a whole number of milliseconds/],
    ['no size', ['--nbdkit-delay', '1ms', '--disk', 'big'], /--disk: 'big' is not a size/],
    ['too many bits', ['--nbdkit-delay', '1ms', '--dirty', '200%'], /--dirty: '200%' is not a share/],
    ['listed in a directory', ['.', '--disk', '1T:bitmaps=2'], /directory is for disks that are all alike/],
    [
      'half of one',
      ['--nbdkit-delay', '1ms', '--disk', '1T:flush-latency=0.5ms'],
      /would take 500 .s.*whole milliseconds/,
    ],
    ['bits of a guest', ['--nbdkit-delay', '1ms', '--disk', '1T:dirty=auto'], /no guest runs here/],
    ['stream alone', ['--nbdkit-delay', '1ms', '--stream'], /--stream: needs --destination/],
    [
      'no such folder',
      ['--nbdkit-delay', '1ms', '--csv', '/no/such/x.csv'],
      /--csv: cannot write '\/no\/such\/x.csv'/,
    ],
  ])('refuses in one line: %s', async (_, args, message) => {
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
    await expectClean();
  });

  test('a program that fails is named with its last words, and nothing is left', async () => {
    const programs = mkdtempSync(join(tmpdir(), 'sg-bin-'));
    const nbdkit = join(programs, 'nbdkit');
    writeFileSync(nbdkit, '#!/bin/sh\necho "nbdkit: error: no memory for you" >&2\nexit 1\n', {
      mode: 0o755,
    });
    const { code, stderr } = await run(['--nbdkit-delay', '1ms', '--csv', join(place, 'rows.csv')], {
      path: `${programs}:${process.env.PATH}`,
    });
    rmSync(programs, { recursive: true });
    expect(stderr).toBe('stopgap: measure: nbdkit did not start: nbdkit: error: no memory for you\n');
    expect(code).toBe(2);
    await expectClean();
  });

  test('names the packages that are missing', async () => {
    const { code, stderr } = await run(['--nbdkit-delay', '1ms'], { path: '/nonexistent' });
    expect(stderr).toContain('apt-get install qemu-system-x86 qemu-utils nbdkit');
    expect(code).toBe(2);
  });
});
