/** One writer per results directory: the living are respected, the dead are not waited for. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { LOCK_FILE, lockDirectory } from '../../../src/sweep/results/lock.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FAST = { beatMs: 20, silenceMs: 200 };
let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'd'));
  path = join(directory, LOCK_FILE);
});

/** Far above any process id that Linux gives. */
const NOBODY = 2 ** 30;

test('is taken, kept from others, written again and given free', async () => {
  const lock = await lockDirectory(directory, FAST);
  await expect(lockDirectory(directory, FAST)).rejects.toThrow(
    /another sweep is writing here \(process \d+ /,
  );
  const first = readFileSync(path, 'utf8');
  expect(first).toBe(`${process.pid} ${hostname()} 0\n`);
  await expect.poll(() => readFileSync(path, 'utf8'), { timeout: 5000 }).not.toBe(first);
  lock.check();
  lock.release();
  expect(existsSync(path)).toBe(false);
});

test('of a dead process on this host is taken over at once', async () => {
  writeFileSync(path, `${NOBODY} ${hostname()} 7\n`);
  (await lockDirectory(directory, { ...FAST, silenceMs: 1e9 })).release();
});

test('of a forerunner with the same process id, as in a container that was started again, is no lock', async () => {
  writeFileSync(path, `${process.pid} ${hostname()} 7\n`);
  (await lockDirectory(directory, { ...FAST, silenceMs: 1e9 })).release();
});

test('of a living process on this host is respected, however silent', async () => {
  writeFileSync(path, `1 ${hostname()} 7\n`);
  await expect(lockDirectory(directory, FAST)).rejects.toBeInstanceOf(InputError);
  expect(readFileSync(path, 'utf8')).toBe(`1 ${hostname()} 7\n`);
});

test('from elsewhere is taken over once it has been silent', async () => {
  writeFileSync(path, '12 lost-node 3\n');
  const notes: string[] = [];
  const lock = await lockDirectory(directory, { ...FAST, note: (note) => notes.push(note) });
  expect(notes).toHaveLength(1);
  expect(readFileSync(path, 'utf8')).toMatch(`${process.pid} `);
  lock.release();
});

test('from elsewhere is respected while it shows life', async () => {
  writeFileSync(path, '12 far-node 3\n');
  const timer = setTimeout(() => writeFileSync(path, '12 far-node 4\n'), 50);
  await expect(lockDirectory(directory, { ...FAST, silenceMs: 60_000 })).rejects.toThrow(/far-node/);
  clearTimeout(timer);
});

test('that was taken over is noticed by who held it, and left to the other', async () => {
  const lock = await lockDirectory(directory, FAST);
  writeFileSync(path, '12 far-node 0\n');
  expect(() => lock.check()).toThrow(/taken this directory over/);
  await new Promise((resolve) => setTimeout(resolve, 3 * FAST.beatMs));
  lock.release();
  expect(readFileSync(path, 'utf8')).toBe('12 far-node 0\n');
});

test("that is empty is nobody's, and taken over soon", async () => {
  writeFileSync(path, '');
  const lock = await lockDirectory(directory, { silenceMs: 1e9, emptyMs: 50 });
  expect(readFileSync(path, 'utf8')).toMatch(`${process.pid} `);
  lock.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('that was empty for a moment only is respected', async () => {
  writeFileSync(path, '');
  setTimeout(() => writeFileSync(path, '12 far-node 0\n'), 20);
  await expect(lockDirectory(directory, { ...FAST, emptyMs: 400 })).rejects.toThrow(/far-node/);
});

test.each([
  ['a pipe', () => void spawnSync('mkfifo', [path])],
  ['a link', () => symlinkSync(join(root, 'elsewhere'), path)],
  ['a folder', () => mkdirSync(path)],
  ['a text of somebody else', () => writeFileSync(path, 'my notes\n')],
])('that is %s is refused at once', async (_, make) => {
  make();
  await expect(lockDirectory(directory, { silenceMs: 1e9 })).rejects.toThrow(/not a lock of stopgap/);
  expect(existsSync(join(root, 'elsewhere'))).toBe(false);
});

test('whose directory was removed, or made anew, says so and does not speak of kept rows', async () => {
  const lock = await lockDirectory(directory, FAST);
  rmSync(directory, { recursive: true });
  expect(() => lock.check()).toThrow(/was removed while .* is lost$/);
  mkdirSync(`${directory}-other`); // takes the number that became free
  mkdirSync(directory);
  const second = await lockDirectory(directory, { ...FAST, beatMs: 1e6 });
  writeFileSync(path, '12 far-node 0\n');
  expect(() => lock.check()).toThrow(/was removed/);
  expect(() => second.check()).toThrow(/taken this directory over/);
  lock.release();
  second.release();
  expect(readFileSync(path, 'utf8')).toBe('12 far-node 0\n');
});

test('that was removed by hand is told from both', async () => {
  const lock = await lockDirectory(directory, { beatMs: 1e6 });
  rmSync(path);
  expect(() => lock.check()).toThrow(/this lock was removed .* is kept$/);
  lock.release();
});

test('of a dead process is taken by one of many that find it', async () => {
  writeFileSync(path, `${NOBODY} ${hostname()} 7\n`);
  const takers = Array.from({ length: 8 }, () => lockDirectory(directory, { beatMs: 1e6 }));
  const locks = (await Promise.allSettled(takers)).filter((result) => result.status === 'fulfilled');
  expect(locks).toHaveLength(1);
  for (const { value } of locks) value.release();
});
