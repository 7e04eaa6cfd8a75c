/** Links and other foreign things inside a directory of results: refused, and nothing of theirs is touched. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plotDirectory } from '../../../src/output/figures/plot-directory.js';
import { mergeShards } from '../../../src/sweep/results/merge.js';
import { recordInto } from '../../../src/sweep/results/record.js';
import { InlineExecutor } from '../../../src/sweep/run/executor.js';
import { fakeRunner, testPlan } from '../support.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-links-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WHOLE = { index: 1, of: 1 };
const sweep = async (directory: string, replications = 2, shard = WHOLE) =>
  recordInto(directory, {
    plan: await testPlan({ replications }),
    executor: new InlineExecutor(fakeRunner),
    shard,
  });

let count = 0;
let directory: string;
const victim = join(root, 'victim');
const at = (...names: string[]): string => join(directory, ...names);

beforeAll(async () => {
  await sweep(join(root, 'base'));
  await plotDirectory(join(root, 'base'));
});
beforeEach(() => {
  directory = join(root, `copy${count++}`);
  cpSync(join(root, 'base'), directory, { recursive: true });
  writeFileSync(victim, 'precious');
});

/** What stands under every name of a tree. */
function contents(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}: ${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`);
}

const NAMES = [
  'summary.csv',
  'runs.csv',
  'manifest.json',
  'datapackage.json',
  'report.html',
  'runs.kept.csv',
];
test.each([
  ...NAMES,
  ...NAMES.map((name) => `${name}.tmp`),
  'figures/strategies.svg',
  'figures/strategies.png',
  'figures',
  '.stopgap.lock',
])('a link at %s', async (name) => {
  rmSync(at(name), { recursive: true, force: true });
  symlinkSync(victim, at(name));
  const before = contents(directory);
  await expect(sweep(directory, 3)).rejects.toThrow(/: is a link; stopgap makes none and follows none/);
  await expect(plotDirectory(directory)).rejects.toThrow(/manifest|: is a link;/);
  expect(contents(directory)).toEqual(before);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test('a linked figures/ that holds files of somebody else', async () => {
  const foreign = join(root, 'foreign');
  mkdirSync(foreign);
  renameSync(at('figures', 'strategies.svg'), join(foreign, 'strategies.svg'));
  rmSync(at('figures'), { recursive: true });
  symlinkSync(foreign, at('figures'));
  const before = contents(foreign);
  await expect(plotDirectory(directory)).rejects.toThrow(/figures: is a link/);
  expect(contents(foreign)).toEqual(before);
});

test('a pipe, or a folder where the lock belongs', async () => {
  spawnSync('mkfifo', [at('runs.kept.csv')]);
  await expect(sweep(directory)).rejects.toThrow(/runs.kept.csv: is neither a file nor a folder/);
  rmSync(at('runs.kept.csv'));
  mkdirSync(at('.stopgap.lock'));
  await expect(sweep(directory)).rejects.toThrow(/.stopgap.lock: is neither a file nor a folder/);
});

test('a link in the directory of a merge', async () => {
  const shard = join(root, 'shard');
  await sweep(shard, 2, { index: 1, of: 2 });
  const other = join(root, 'other');
  await sweep(other, 2, { index: 2, of: 2 });
  const out = join(root, 'merged');
  await mergeShards([shard, other], out);
  rmSync(join(out, 'runs.csv'));
  symlinkSync(victim, join(out, 'runs.csv'));
  await expect(mergeShards([shard, other], out)).rejects.toThrow(/runs.csv: is a link/);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test('a backup made of hard links does not change with the results', async () => {
  const backup = join(root, 'backup');
  mkdirSync(backup);
  const files = ['runs.csv', 'summary.csv', 'manifest.json'];
  for (const name of files) linkSync(at(name), join(backup, name));
  const before = contents(backup);
  await sweep(directory, 5);
  expect(contents(backup)).toEqual(before);
  const fresh = join(root, 'fresh');
  await sweep(fresh, 5);
  expect(readFileSync(at('runs.csv'), 'utf8')).toBe(readFileSync(join(fresh, 'runs.csv'), 'utf8'));
});
