/** One tar file of a whole result: the same bytes however it was made, and none where a run was not sound. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inProcess } from '../support/in-process.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-archive-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(root, ...parts);

const FILE = at('small.yaml');
const sweep = (out: string, ...more: string[]) =>
  inProcess('sweep', FILE, '--jobs', '1', '--no-figures', '--out', at(out), ...more);

beforeAll(async () => {
  for (const folder of ['whole', 'merged', 'again']) mkdirSync(at(folder));
  writeFileSync(
    FILE,
    `question: small
base: {storage: ceph-nvme, bitmaps: {dirty: 100%}, workload: idle, strategies: [store-at-stop]}
axes: {disk.size: [64G, 256G]}
replications: 3
`,
  );
  const { code, err } = await sweep('one', '--format', 'parquet', '--archive', at('whole', 'small.tar'));
  expect([code, err]).toEqual([0, '']);
});

test('any tar unpacks it to a directory of results, with the name of the file', async () => {
  const { status } = spawnSync('tar', ['-xf', at('whole', 'small.tar'), '-C', at('again')]);
  expect(status).toBe(0);
  for (const file of ['runs.csv', 'summary.csv', 'runs.parquet', 'datapackage.json'])
    expect(readFileSync(at('again', 'small', file)).equals(readFileSync(at('one', file)))).toBe(true);
  expect(existsSync(at('again', 'small', 'manifest.json'))).toBe(true);
  // Its manifest is one.
  expect((await inProcess('plot', at('again', 'small'))).code).toBe(0);
});

test('shards that are merged, in directories that are links, give the same bytes, and it replaces itself', async () => {
  const parts = ['1', '2'].map((index) => at(`${index}-of-2`));
  for (const [i, part] of parts.entries()) {
    expect((await sweep(`${part}.work`.slice(root.length + 1), '--shard', `${i + 1}/2`)).code).toBe(0);
    // As Nextflow hands them on.
    symlinkSync(`${part}.work`, part);
  }
  const target = at('merged', 'small.tar');
  for (let time = 0; time < 2; time++) {
    const { code, err } = await inProcess(
      ...['merge', ...parts, '--out', at('out'), '--format', 'parquet', '--archive', target],
    );
    expect([code, err]).toEqual([0, '']);
    expect(readFileSync(target).equals(readFileSync(at('whole', 'small.tar')))).toBe(true);
  }
});

test('is not written where a run failed its check', async () => {
  const target = at('failed.tar');
  await sweep('failed');
  const rows = at('failed', 'runs.csv');
  writeFileSync(rows, readFileSync(rows, 'utf8').replace(',completed,', ',failed,'));
  expect((await sweep('failed', '--archive', target)).code).toBe(1);
  expect(existsSync(target)).toBe(false);
});

test.each([
  [['--archive', at('thesis.tar')], /--archive: '.*thesis.tar' is there and not an earlier output/],
  [['--archive', at('results.zip')], /--archive: '.*results.zip' does not end in .tar/],
  [['--archive', at('a.tar'), '--shard', '1/2'], /--archive: a shard is no whole result/],
])('refuses %j before anything is run', async (more, message) => {
  writeFileSync(at('thesis.tar'), 'precious');
  const { code, err } = await sweep('refused', ...more);
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(existsSync(at('refused'))).toBe(false);
  expect(readFileSync(at('thesis.tar'), 'utf8')).toBe('precious');
});
