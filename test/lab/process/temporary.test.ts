/** What a killed measurement leaves is removed by the next one; what anybody else has there is not. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { makeTemporary, removeOrphans } from '../../../src/lab/process/temporary.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sg-orphans-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** Far above any process id that Linux gives. */
const NOBODY = String(2 ** 30);

/** A directory as this process makes it, under the name that a process which is dead would have given it. */
function orphan(change: (name: string) => string): string {
  const made = makeTemporary(parent, 'measure');
  rmSync(made, { recursive: true });
  const path = join(parent, change(basename(made)));
  mkdirSync(path);
  writeFileSync(join(path, 'disk0.qcow2'), 'data');
  return path;
}

const ofDead = (name: string): string => name.replace(`-${process.pid}-`, `-${NOBODY}-`);

test('that of a dead process goes, with all it holds', () => {
  orphan(ofDead);
  removeOrphans(parent);
  expect(readdirSync(parent)).toEqual([]);
});

test('that of a process whose id was given again goes', () => {
  orphan((name) => name.replace(/-\d+-(\w{6})$/, '-1-$1'));
  removeOrphans(parent);
  expect(readdirSync(parent)).toEqual([]);
});

test.each([
  ['of a living process', (name: string) => name],
  [
    'of another host or container',
    (name: string) => ofDead(name).replace(/^(stopgap-\w+-)\w{8}/, '$100000000'),
  ],
  ['of no such form', (name: string) => `${ofDead(name)}-mine`],
  ['of an older form', () => 'stopgap-measure-AbCdEf'],
])('one %s stays', (_, change) => {
  const path = orphan(change);
  removeOrphans(parent);
  expect(existsSync(join(path, 'disk0.qcow2'))).toBe(true);
});

test('a link of such a name stays, and what it leads to', () => {
  const path = orphan(ofDead);
  rmSync(path, { recursive: true });
  const mine = join(parent, 'mine');
  mkdirSync(mine);
  writeFileSync(join(mine, 'x'), '');
  symlinkSync(mine, path);
  removeOrphans(parent);
  expect(readdirSync(mine)).toEqual(['x']);
  expect(existsSync(path)).toBe(true);
});

test.runIf(process.platform === 'linux')('other programs that look into it are not ended', async () => {
  const path = orphan(ofDead);
  const reader = spawn('sleep', ['60'], { cwd: path });
  await new Promise((started) => reader.once('spawn', started));
  removeOrphans(parent);
  expect(readdirSync(parent)).toEqual([]);
  expect(reader.exitCode ?? reader.signalCode).toBe(null);
  reader.kill();
});

test('where none can be made, one line says so', () => {
  expect(() => makeTemporary('/no/such', 'measure')).toThrow(InputError);
});
