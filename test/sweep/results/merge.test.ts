/** Shards to one result: the same bytes, or a refusal that says what is wrong, how to go on, and changes nothing. */
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import type { Overrides } from '../../../src/sweep/experiment/experiment.js';
import { mergeShards } from '../../../src/sweep/results/merge.js';
import { recordInto } from '../../../src/sweep/results/record.js';
import { InlineExecutor } from '../../../src/sweep/run/executor.js';
import { fakeRunner, testPlan } from '../support.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-merge-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function record(
  dir: string,
  index: number,
  of: number,
  overrides: Overrides = {},
  name = '90-test',
  file?: string,
) {
  const plan = await testPlan(overrides, file, name);
  await recordInto(dir, { plan, executor: new InlineExecutor(fakeRunner), shard: { index, of } });
}

/** A manifest's fields, changed. */
function forge(dir: string, change: object): void {
  const path = join(dir, 'manifest.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

const made = join(root, 'made');
beforeAll(async () => {
  await record(join(made, 'whole'), 1, 1);
  for (const index of [1, 2, 3]) {
    const dir = join(made, `${index}-of-3`);
    await record(dir, index, 3);
    forge(dir, {
      argv: [
        'sweep',
        'my test.yaml',
        '--shard',
        `${index}/3`,
        '--jobs',
        '2',
        `--out=${dir}`,
        '--set',
        "a='b'",
      ],
    });
  }
});

let place: string;
let shards: string[];
let out: string;
beforeEach(() => {
  place = mkdtempSync(join(root, 'case-'));
  cpSync(made, place, { recursive: true });
  shards = [1, 2, 3].map((index) => join(place, `${index}-of-3`));
  out = join(place, 'out');
});

/** Every file below a directory with content and time. */
function picture(dir: string): string {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return files
    .map((file) => join(dir, file))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path} ${statSync(path).mtimeMs} ${readFileSync(path, 'utf8')}`)
    .join('\n');
}

/** The message of a refusal: one line, and no file was changed or made. */
async function refusal(directories = shards): Promise<string> {
  const before = picture(place);
  const error = await mergeShards(directories, out).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(picture(place)).toBe(before);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message.replaceAll(place, '');
}

const COMMAND = (index: number, dir: string): string =>
  `stopgap sweep 'my test.yaml' --jobs 2 --set 'a='\\''b'\\''' --shard ${index}/3 --out ${dir}`;

test('in any order: the bytes of the sweep in one piece, twice over', async () => {
  for (const order of [shards, [...shards].reverse()]) {
    expect(await mergeShards(order, out)).toEqual({ rows: 126, failures: 0, notes: [] });
    for (const file of ['runs.csv', 'summary.csv', 'datapackage.json'])
      expect(readFileSync(join(out, file), 'utf8')).toBe(readFileSync(join(made, 'whole', file), 'utf8'));
  }
});

test('more shards than points and replications', async () => {
  const many = Array.from({ length: 13 }, (_, i) => join(place, `many-${i + 1}`));
  for (const [i, dir] of many.entries()) await record(dir, i + 1, 13);
  await mergeShards(many, out);
  expect(readFileSync(join(out, 'runs.csv'), 'utf8')).toBe(
    readFileSync(join(made, 'whole/runs.csv'), 'utf8'),
  );
});

test('evacuations, each the work of one shard', async () => {
  const file = `
question: Are evacuations left whole?
base: { vms: 3, strategies: [store-at-stop] }
axes: { disk.size: [1T, 2T], vms: [1, 3] }
replications: 8
`;
  const parts = [1, 2, 3].map((index) => join(place, `evacuated-${index}`));
  for (const [i, dir] of parts.entries()) await record(dir, i + 1, 3, {}, 'evacuated', file);
  await record(join(place, 'evacuated'), 1, 1, {}, 'evacuated', file);
  await mergeShards(parts, out);
  for (const name of ['runs.csv', 'summary.csv'])
    expect(readFileSync(join(out, name), 'utf8')).toBe(readFileSync(join(place, 'evacuated', name), 'utf8'));
});

describe('a shard that is missing is named with the command that runs it', () => {
  test('not given', async () => {
    expect(await refusal([shards[0]!, shards[2]!])).toBe(
      `merge: shard 2/3 (not given) is missing; run it, then merge again: ${COMMAND(2, '/2-of-3')}`,
    );
  });
  test('given, but not there', async () => {
    rmSync(shards[1]!, { recursive: true });
    expect(await refusal()).toBe(
      `merge: shard 2/3 (/2-of-3: no such directory) is missing; run it, then merge again: ${COMMAND(2, '/2-of-3')}`,
    );
  });
  test('several', async () => {
    rmSync(shards[0]!, { recursive: true });
    const message = await refusal([shards[0]!, shards[1]!]);
    expect(message).toMatch(/shard 1\/3 \(.*no such directory\), shard 3\/3 \(not given\) are missing/);
    expect(message.endsWith(`: ${COMMAND(1, '/1-of-3')} && ${COMMAND(3, '/3-of-3')}`)).toBe(true);
  });
  test('names without numbers', async () => {
    cpSync(shards[0]!, join(place, 'left'), { recursive: true });
    cpSync(shards[1]!, join(place, 'middle'), { recursive: true });
    expect(await refusal([join(place, 'left'), join(place, 'middle'), join(place, 'right')])).toContain(
      COMMAND(3, '/right'),
    );
    expect(await refusal([join(place, 'left'), join(place, 'middle')])).toContain(
      COMMAND(3, '/shard-3-of-3'),
    );
  });
  test('not finished, as after kill -9', async () => {
    forge(shards[1]!, { state: 'running', rows: null });
    expect(await refusal()).toContain(
      `shard 2/3 (/2-of-3: not finished, running) is missing; run it, then merge again: ${COMMAND(2, '/2-of-3')}`,
    );
  });
  test.each([
    ['no rows at all', (path: string) => rmSync(path), /holds no runs\.csv/],
    [
      'a torn end',
      (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -9)),
      /41 rows of 42/,
    ],
    ['a row too many', (path: string) => appendFileSync(path, 'x,5,6,\n'), /row 43 .*not of this shard/],
    [
      "another shard's rows",
      (path: string) => cpSync(path.replace('2-of', '1-of'), path),
      /row 1 .*not of this shard/,
    ],
    ['other columns', (path: string) => writeFileSync(path, 'a,b\n1,2\n'), /other columns/],
    ['an empty file', (path: string) => writeFileSync(path, ''), /other columns/],
  ])('with %s', async (_name, spoil, expected) => {
    spoil(join(shards[1]!, 'runs.csv'));
    const message = await refusal();
    expect(message).toMatch(expected);
    expect(message).toContain(COMMAND(2, '/2-of-3'));
  });
});

describe('refused', () => {
  test('a shard twice', async () => {
    expect(await refusal([...shards, shards[0]!])).toMatch(/shard 1 again/);
  });
  test('a whole sweep among them', async () => {
    expect(await refusal([...shards, join(place, 'whole')])).toMatch(/whole sweep, not a shard/);
  });
  test('other options, another experiment, another number of shards, another version', async () => {
    const other = join(place, 'other');
    const merge = (): Promise<string> => refusal([shards[0]!, other, shards[2]!]);
    await record(other, 2, 3, { seed: 9 });
    expect(await merge()).toMatch(/another sweep .*options differ/);
    rmSync(other, { recursive: true });
    await record(other, 2, 3, {}, '91-other');
    expect(await merge()).toMatch(/another sweep .*'90-test' and '91-other'/);
    rmSync(other, { recursive: true });
    await record(other, 2, 4);
    expect(await merge()).toMatch(/another sweep .*one of 3 and one of 4/);
    forge(other, { version: '9.0.0' });
    expect(await merge()).toMatch(/9\.0\.0/);
  });
  test('directories without results', async () => {
    expect(await refusal([join(place, 'nowhere')])).toMatch(/nowhere: no such directory/);
    expect(await refusal([place])).toMatch(/holds no manifest\.json/);
    expect(await refusal([...shards, join(place, 'nowhere')])).toMatch(/nowhere: no such directory/);
  });
  test('a manifest that is torn, or not ours', async () => {
    writeFileSync(join(shards[1]!, 'manifest.json'), '{"tool": "stop');
    expect(await refusal()).toMatch(/not a manifest/);
  });
  test('a directory in the way, of files, of a shard, of a sweep with other options', async () => {
    out = join(place, 'out');
    cpSync(shards[0]!, out, { recursive: true });
    expect(await refusal()).toMatch(/shard 1\/3, not the whole sweep/);
    rmSync(out, { recursive: true });
    await record(out, 1, 1, { seed: 9 });
    expect(await refusal()).toMatch(/other options/);
    rmSync(out, { recursive: true });
    writeFileSync(out, 'precious');
    expect(await refusal()).toMatch(/is a file/);
    rmSync(out);
    out = place;
    expect(await refusal()).toMatch(/no manifest\.json of stopgap/);
  });
});

test('shards of different commits are merged with a note', async () => {
  forge(shards[2]!, { commit: 'abc' });
  expect((await mergeShards(shards, out)).notes[0]).toMatch(/different commits: .* abc$/);
});

test('rows of runs that failed are merged, and counted', async () => {
  const path = join(shards[1]!, 'runs.csv');
  writeFileSync(path, readFileSync(path, 'utf8').replace(',completed,', ',failed,'));
  expect(await mergeShards(shards, out)).toMatchObject({ rows: 126, failures: 1 });
});
