/** Ways in which the ground goes from under a sweep: the terminal is closed, the directory is removed. And odd names. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inProcess } from '../support/in-process.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-ends-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(root, ...parts);

const MAIN = resolve('dist/cli/main.js');
const FILE = at('small.yaml');
writeFileSync(
  FILE,
  'question: small\nbase: {bitmaps: {dirty: 100%}, workload: idle, strategies: [store-at-stop]}\n' +
    'axes: {storage: [ceph-nvme, nvme-plp], disk.size: [1T, 4T]}\nreplications: 2000\n',
);

/** Starts a long sweep and waits for its first rows. */
async function started(dir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [
    MAIN,
    'sweep',
    FILE,
    '--no-figures',
    '--jobs',
    '1',
    '--out',
    at(dir),
  ]);
  const rows = (): number => (existsSync(at(dir, 'runs.csv')) ? readFileSync(at(dir, 'runs.csv')).length : 0);
  while (rows() < 20_000) await new Promise((wake) => setTimeout(wake, 5));
  return child;
}

const closed = (child: ChildProcess): Promise<number | null> =>
  new Promise((done) => child.on('close', done));

test('a closed terminal ends it as Ctrl-C does, though nobody reads what it says', async () => {
  const child = await started('closed');
  const end = closed(child);
  child.stdout!.destroy();
  child.stderr!.destroy();
  child.kill('SIGHUP');
  expect(await end).toBe(130);
  expect(existsSync(at('closed', '.stopgap.lock'))).toBe(false);
  expect(JSON.parse(readFileSync(at('closed', 'manifest.json'), 'utf8')).state).toBe('interrupted');
});

test('a directory that was removed meanwhile is called that', async () => {
  const child = await started('removed');
  let err = '';
  child.stderr!.on('data', (data: Buffer) => (err += data.toString()));
  const end = closed(child);
  rmSync(at('removed'), { recursive: true });
  expect(await end).toBe(2);
  expect(err).toBe(
    `stopgap: ${at('removed')}: this directory was removed while the command was writing to it; what it had written is lost\n`,
  );
});

test.each([
  ['.yaml', 'experiment'],
  ['..yaml', 'experiment'],
  ['...yaml', 'experiment'],
  ['.hidden.yaml', 'hidden'],
  ['two\nlines.yaml', 'two-lines'],
])('the default directory of %j is results/%s', async (name, folder) => {
  const place = mkdtempSync(at('named-'));
  copyFileSync(FILE, join(place, name));
  const back = process.cwd();
  const run = async () => {
    process.chdir(place);
    try {
      return await inProcess('sweep', name, '--replications', '1', '--jobs', '1', '--no-figures');
    } finally {
      process.chdir(back);
    }
  };
  const listening = process.listenerCount('SIGINT');
  expect(await run()).toMatchObject({ code: 0, err: '' });
  // What listens for an interruption ends with the sweep.
  expect(process.listenerCount('SIGINT')).toBe(listening);
  expect(readdirSync(place).sort()).toEqual([name, 'results'].sort());
  expect(readdirSync(join(place, 'results'))).toEqual([folder]);
  expect((await run()).code).toBe(0);
});
