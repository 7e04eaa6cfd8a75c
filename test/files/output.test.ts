/** Files that the user names: nothing of anybody's is replaced, nothing is written through a link. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { claimOutput, type OutputRules } from '../../src/files/output.js';
import { removeLeftovers, temporaryBeside } from '../../src/files/replace.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stopgap-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const claim = (name: string, rules: Partial<OutputRules> = {}) =>
  claimOutput(at(name), { flag: '--out', mark: /^# ours/, force: false, inputs: [], ...rules });

test('a new file appears at the end, whole, and nothing beside it', () => {
  const output = claim('x');
  expect(readdirSync(folder)).toEqual([]);
  output.write('# ours\n1');
  expect(readdirSync(folder)).toEqual(['x']);
  expect(readFileSync(at('x'), 'utf8')).toBe('# ours\n1');
});

test('an earlier output is replaced and keeps its mode; another file only by force', () => {
  writeFileSync(at('x'), '# ours, once');
  chmodSync(at('x'), 0o640);
  claim('x').write('# ours\n2');
  expect(readFileSync(at('x'), 'utf8')).toBe('# ours\n2');
  expect(statSync(at('x')).mode & 0o777).toBe(0o640);
  writeFileSync(at('x'), 'mine: # ours');
  expect(() => claim('x')).toThrow(/^--out: '.*' is there and not an earlier output .*--force/);
  claim('x', { force: true }).write('new');
  expect(readFileSync(at('x'), 'utf8')).toBe('new');
});

test('an input is never replaced, by whatever name and force', () => {
  writeFileSync(at('in'), '# ours');
  linkSync(at('in'), at('same'));
  symlinkSync('in', at('way'));
  for (const name of ['in', 'same'])
    for (const inputs of [[at('in')], [at('way')], ['nvme-plp', at('same')]])
      expect(() => claim(name, { force: true, inputs })).toThrow(/is an input of this command/);
});

test.each([
  ['a link', () => symlinkSync('victim', at('x')), /is a link/],
  ['a link to nothing', () => symlinkSync('nowhere', at('x')), /is a link/],
  ['a folder', () => mkdirSync(at('x')), /is a directory/],
  ['a pipe', () => void spawnSync('mkfifo', [at('x')]), /is not a regular file/],
])('%s is refused, by force too, and what it leads to is untouched', (_, make, message) => {
  writeFileSync(at('victim'), '# ours and precious');
  make();
  const before = readdirSync(folder);
  for (const force of [false, true]) expect(() => claim('x', { force })).toThrow(message);
  expect(readdirSync(folder)).toEqual(before);
  expect(readFileSync(at('victim'), 'utf8')).toBe('# ours and precious');
});

test('what comes to lie there during the work is not lost either', () => {
  const output = claim('x');
  writeFileSync(at('x'), 'of somebody quick');
  expect(() => output.write('late')).toThrow(InputError);
  rmSync(at('x'));
  symlinkSync('victim', at('x'));
  expect(() => output.write('late')).toThrow(/is a link/);
  expect(readdirSync(folder)).toEqual(['x']);
});

test('a place that cannot be written is known before the work', () => {
  expect(() => claim('no/such')).toThrow(/^--out: cannot write '.*': ENOENT$/);
  writeFileSync(at('file'), '');
  expect(() => claim('file/x')).toThrow(/: ENOTDIR$/);
  expect(() => claim('n'.repeat(300))).toThrow(/: ENAMETOOLONG$/);
  expect(() => claimOutput('/proc/x', { flag: '--out', mark: /a/, force: true, inputs: [] })).toThrow(
    /^--out: cannot write/,
  );
  // As long as a name may be: the temporary one beside it is shorter.
  claim('n'.repeat(255)).write('x');
});

test('temporary names cannot be guessed, and those of the dead are removed', () => {
  const names = Array.from({ length: 100 }, () => temporaryBeside(at('x')));
  expect(new Set(names).size).toBe(100);
  const ofDead = names[0]!.replace(`-${process.pid}-`, `-${2 ** 30}-`);
  for (const name of [names[1]!, ofDead, at('.stopgap-1-x.tmp')]) writeFileSync(name, '');
  removeLeftovers(folder);
  expect(readdirSync(folder).map(at).sort()).toEqual([names[1]!, at('.stopgap-1-x.tmp')].sort());
});
