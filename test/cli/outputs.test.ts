/** Every option that names an output: what stopgap did not make stays as it is, what it made is made anew. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inProcess } from '../support/in-process.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-outputs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SCENARIO = join(root, 's.yaml');
writeFileSync(SCENARIO, 'replications: 1\n');
const TRACE = 'test/fixtures/traces/iolog-v3.log';
const FIO = 'test/fixtures/fio/fio-randwrite-64k.json';
const MEASURED = 'results/validation/dirty_runs.csv';

interface Named {
  readonly words: readonly string[];
  readonly option: string;
  readonly name: string;
  /** The file within, where the option names a folder. */
  readonly inside?: string;
}

const PREDICT = ['validate', 'results/validation/handover.csv'];
const OUTPUTS: readonly Named[] = [
  { words: ['run', SCENARIO], option: '--trace', name: 't.json' },
  { words: ['calibrate', FIO], option: '--out', name: 'o.yaml' },
  { words: PREDICT, option: '--figure', name: 'f.svg' },
  { words: PREDICT, option: '--figure', name: 'f.png' },
  { words: ['workload', TRACE], option: '--fit', name: 'w.yaml' },
  { words: ['workload', TRACE], option: '--figures', name: 'folder', inside: 'stale-chunks.png' },
  { words: ['workload', TRACE], option: '--figures', name: 'folder', inside: 'first-touches.svg' },
];

let places = 0;
/** A place for an output, with the command that writes it and the path of the file itself. */
function place({ words, option, name, inside }: Named) {
  const folder = join(root, String(places++));
  mkdirSync(folder);
  const target = join(folder, name);
  const file = inside === undefined ? target : join(target, inside);
  mkdirSync(dirname(file), { recursive: true });
  return { folder, file, command: [...words, option, target] };
}

describe.each(OUTPUTS)('$words $option $name $inside', async (output) => {
  test('leaves a file of somebody else, unless forced, and replaces its own', async () => {
    const { file, command } = place(output);
    writeFileSync(file, 'precious');
    const { code, err } = await inProcess(...command);
    expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
    expect(err).toMatch(/is there and not an earlier output of this command; --force replaces it/);
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect((await inProcess(...command, '--force')).code).toBe(0);
    const made = readFileSync(file);
    expect(made.toString('latin1')).not.toContain('precious');
    expect((await inProcess(...command)).code).toBe(0);
    expect(readFileSync(file).equals(made)).toBe(true);
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('follows no link', async () => {
    const { folder, file, command } = place(output);
    symlinkSync(join(folder, 'nowhere'), file);
    const { code, err } = await inProcess(...command, '--force');
    expect(code).toBe(2);
    expect(err).toContain('is a link; give the path of the file itself');
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});

test.each([
  ['the scenario', ['run', '@s.yaml', '--trace', '@s.yaml']],
  ['a storage that it names', ['run', '@s.yaml', '--trace', '@mine.yaml']],
  ['a storage that is set', ['run', '@plain.yaml', '--set', 'storage=@mine.yaml', '--trace', '@mine.yaml']],
  ['the output of fio', ['calibrate', '@fio.json', '--out', '@fio.json']],
  ['a reply of a recording', ['observe', '--from', '@idle', '--out', '@idle/first/query-block.json']],
  ['the trace', ['workload', '@trace.svg', '--format', 'iolog', '--fit', '@trace.svg']],
])('no force writes over an input: %s', async (_, words) => {
  const folder = mkdtempSync(join(root, 'in-'));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('mine.yaml'), readFileSync('models/storage/nvme-plp.yaml'));
  writeFileSync(at('s.yaml'), `storage: ${at('mine.yaml')}\nreplications: 1\n`);
  writeFileSync(at('plain.yaml'), 'replications: 1\n');
  writeFileSync(at('fio.json'), readFileSync(FIO));
  writeFileSync(at('trace.svg'), readFileSync(TRACE));
  cpSync('test/fixtures/observe/idle', at('idle'), { recursive: true });
  const all = (): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const before = all();
  const { code, err } = await inProcess(...words.map((word) => word.replace('@', `${folder}/`)), '--force');
  expect(err).toMatch(/is an input of this command\n$/);
  expect(code).toBe(2);
  expect(all()).toEqual(before);
});

test('another kind of output is not replaced either', async () => {
  const preset = join(root, 'preset.yaml');
  expect((await inProcess('calibrate', FIO, '--out', preset)).code).toBe(0);
  expect((await inProcess('run', SCENARIO, '--trace', preset)).code).toBe(2);
  expect((await inProcess('validate', MEASURED, '--figure', join(root, 'x.txt'))).code).toBe(2);
  expect(readFileSync(preset, 'utf8')).toMatch(/^# Made by stopgap calibrate/);
});
