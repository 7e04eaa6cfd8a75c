/** The sweep as a user runs it: worker threads, shards, kill -9, Ctrl-C, a full disk. Every way gives the same bytes. */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inProcess } from '../support/in-process.js';
import { stopgap } from '../support/stopgap.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-sweep-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FILE = join(root, 'small.yaml');
const SWEEP = ['sweep', FILE, '--no-figures', '--out'];
const at = (...parts: string[]): string => join(root, ...parts);
const bytes = (dir: string): string =>
  ['runs.csv', 'summary.csv'].map((file) => readFileSync(at(dir, file), 'utf8')).join('');

/** Into a directory with one job: in this process. */
const alone = (dir: string, ...more: string[]) => inProcess(...SWEEP, dir, '--jobs', '1', ...more);

beforeAll(async () => {
  writeFileSync(
    FILE,
    `question: small
base: {bitmaps: {dirty: 100%}, workload: idle, strategies: [store-at-stop, pre-flush]}
axes: {storage: [ceph-nvme, nvme-plp], disk.size: [64G, 256G], bitmaps.count: [1, 3]}
replications: 12
`,
  );
  const { code, out, err } = await alone(at('one'));
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/288 rows/);
});

test('ends with what was found and what fits, in the words of its report, as wide as the terminal', async () => {
  const file = at('told.yaml');
  writeFileSync(
    file,
    `question: told
base: {bitmaps: {dirty: 100%}, workload: idle, strategies: [store-at-stop]}
axes: {disk.size: [64G, 256G]}
replications: 1
finding:
  text: >-
    A disk of 256 GiB has a stop of {disk.size=256G}, one of 64 GiB has one of {disk.size=64G}, which is said here at some
    length so that it has to be broken.
  holds: ['{disk.size=256G} > {disk.size=64G}']
`,
  );
  process.env.COLUMNS = '60';
  const { code, out } = await inProcess('sweep', file, '--out', at('told'), '--jobs', '1').finally(
    () => delete process.env.COLUMNS,
  );
  expect(code).toBe(0);
  const [finding, answer] = out.split('\n\n');
  expect(finding).toMatch(/^A disk of 256 GiB has a stop of [\d.]+ ms, one of 64 GiB has\none/);
  expect(answer!.replace(/\s+/g, ' ')).toContain('- store-at-stop fits the budget of 300 ms in 0 of 2');
  const lines = out.split('\n').filter((line) => !line.includes(at('told')));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(readFileSync(at('told', 'report.html'), 'utf8')).toContain(
    `<p>${finding!.replaceAll('\n', ' ')}</p>`,
  );
  const again = JSON.parse(
    (await inProcess('sweep', file, '--out', at('told'), '--jobs', '1', '--json')).out,
  );
  expect(again.finding).toBe(finding!.replaceAll('\n', ' '));
});

/** Starts a sweep and sends it a signal once rows are there; gives its exit code. */
async function interrupted(
  dir: string,
  signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM',
): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, [
    'dist/cli/main.js',
    ...SWEEP,
    at(dir),
    '--jobs',
    '2',
    '--replications',
    '2000',
  ]);
  let err = '';
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const rows = (): number => (existsSync(at(dir, 'runs.csv')) ? readFileSync(at(dir, 'runs.csv')).length : 0);
  while (rows() < 20_000) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
  return { code: await ended, err };
}

describe('the same bytes', () => {
  test('with two jobs', () => {
    expect(stopgap(...SWEEP, at('two'), '--jobs', '2').code).toBe(0);
    expect(bytes('two')).toBe(bytes('one'));
  });

  test('from three shards, merged', async () => {
    // As processes: the manifest keeps the words of the command line, which merge repeats.
    const shards = ['1/3', '2/3', '3/3'].map((shard) => {
      const dir = at(`shard-${shard[0]}`);
      expect(stopgap(...SWEEP, dir, '--shard', shard, '--jobs', '1').code).toBe(0);
      return dir;
    });
    const missing = await inProcess('merge', shards[0]!, shards[2]!, '--out', at('merged'));
    expect([missing.code, missing.err]).toEqual([
      2,
      `stopgap: merge: shard 2/3 (not given) is missing; run it, then merge again: stopgap ${SWEEP.slice(0, -1).join(' ')} --jobs 1 --shard 2/3 --out ${shards[1]}\n`,
    ]);
    expect((await inProcess('merge', shards[0]!, shards[0]!, shards[1]!, '--out', at('merged'))).err).toMatch(
      /again/,
    );
    expect((await inProcess('merge', shards[2]!, shards[0]!, shards[1]!, '--out', at('merged'))).code).toBe(
      0,
    );
    expect(bytes('merged')).toBe(bytes('one'));
  });

  test('after kill -9, and a shard that was killed is named by merge', async () => {
    expect((await interrupted('killed', 'SIGKILL')).code).toBeNull();
    expect((await inProcess('merge', at('killed'), '--out', at('never'))).err).toMatch(/whole sweep/);
    const { code, out } = await alone(at('killed'));
    expect(code).toBe(0);
    expect(out).toMatch(/known already/);
    expect(bytes('killed')).toBe(bytes('one'));
  });

  test('after Ctrl-C, which says how to go on', async () => {
    const { code, err } = await interrupted('stopped', 'SIGINT');
    expect(code).toBe(130);
    expect(err).toMatch(/interrupted, \d+ rows are kept in .*the same command goes on/);
    expect(existsSync(at('stopped', '.stopgap.lock'))).toBe(false);
    expect((await alone(at('stopped'))).code).toBe(0);
    expect(bytes('stopped')).toBe(bytes('one'));
  });

  test('after SIGTERM, which ends a sweep as Ctrl-C does', async () => {
    expect((await interrupted('ended', 'SIGTERM')).code).toBe(130);
    expect(existsSync(at('ended', '.stopgap.lock'))).toBe(false);
  });

  test('after the file could grow no further', async () => {
    const limited = `ulimit -f 48; exec "${process.execPath}" dist/cli/main.js ${[...SWEEP, at('full')].join(' ')} --jobs 1`;
    const { status, stderr } = spawnSync('bash', ['-c', limited], { encoding: 'utf8' });
    expect([status, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toMatch(/runs\.csv: .*limit/);
    expect((await alone(at('full'))).code).toBe(0);
    expect(bytes('full')).toBe(bytes('one'));
  });

  test.runIf(existsSync('/dev/full'))('not on a stdout that is full: one line', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['dist/cli/main.js', ...SWEEP, '-', '--jobs', '1'],
      {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      },
    );
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^stopgap: stdout: ENOSPC.*\n$/);
  });

  test('on stdout', () => {
    const { out } = stopgap(...SWEEP, '-', '--jobs', '2');
    expect(out).toBe(readFileSync(at('one', 'runs.csv'), 'utf8'));
  });
});

test('repro repeats a row, and notices one that was changed', async () => {
  const text = readFileSync(at('one', 'runs.csv'), 'utf8');
  const row = text.split('\n')[100]!;
  const id = row.split(',')[0]!;
  expect(await inProcess('repro', at('one'), id)).toMatchObject({ code: 0 });
  cpSync(at('one'), at('forged'), { recursive: true });
  const forged = row.replace(
    /completed,,(\d+)/,
    (_all, digits: string) => `completed,,${Number(digits) + 1}`,
  );
  expect(forged).not.toBe(row);
  writeFileSync(at('forged', 'runs.csv'), text.replace(row, forged));
  const { code, out } = await inProcess('repro', at('forged'), id, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out).differences).toMatchObject([{ column: 'downtime_ms' }]);
});

test.each([
  ['point', '999', '0 to 7'],
  ['point', '-1', '0 to 7'],
  ['replication', '12', '0 to 11'],
  ['replication', '1e3', '0 to 11'],
])('repro refuses a row whose %s is %s', async (column, forged, allowed) => {
  const text = readFileSync(at('one', 'runs.csv'), 'utf8');
  const [id, point, replication] = text.split('\n')[100]!.split(',');
  const cells = column === 'point' ? [id, forged, replication] : [id, point, forged];
  cpSync(at('one'), at('odd'), { recursive: true });
  writeFileSync(at('odd', 'runs.csv'), text.replace([id, point, replication].join(','), cells.join(',')));
  const { code, err } = await inProcess('repro', at('odd'), id!);
  expect([code, err.split('\n').length]).toEqual([2, 2]);
  expect(err).toContain(`has ${column} '${forged}', this sweep has ${allowed}`);
});

test('figures and report follow from the CSV, to the byte', async () => {
  const files = (): string[] => [
    ...readdirSync(at('one', 'figures')).map((name) => join('figures', name)),
    'report.html',
  ];
  const contents = (): string[] => files().map((file) => readFileSync(at('one', file), 'latin1'));
  expect(stopgap('plot', at('one')).code).toBe(0);
  const first = contents();
  expect(files().length).toBe(5);
  expect((await inProcess('plot', at('one'))).code).toBe(0);
  expect(contents()).toEqual(first);
});

test('dry-run runs nothing', async () => {
  const { code, out } = await inProcess(
    'sweep',
    FILE,
    '--dry-run',
    '--out',
    at('dry'),
    '--axis',
    'disk.size=1T',
    '--seed',
    '5',
  );
  expect(code).toBe(0);
  expect(out).toMatch(/points 4, replications 48, rows 144/);
  expect(existsSync(at('dry'))).toBe(false);
});

test('dry-run counts what is missing, not the whole', async () => {
  const dry = async (...flags: string[]) =>
    JSON.parse((await inProcess('sweep', FILE, '--dry-run', '--json', '--out', at('part'), ...flags)).out);
  const axis = (...sizes: string[]): string[] => ['--axis', `disk.size=${sizes.join(',')}`];
  await inProcess('sweep', FILE, '--out', at('part'), '--no-figures', ...axis('1T'));
  const before = readFileSync(at('part', 'runs.csv'), 'utf8');
  const { replications, rows } = await dry(...axis('1T', '2T'), '--seed', '77');
  const rest = await dry(...axis('1T', '2T'));
  expect([rest.known, rest.replications, rest.rows]).toEqual([replications / 2, replications / 2, rows / 2]);
  expect(await dry(...axis('1T'))).toMatchObject({ replications: 0, rows: 0, seconds: 0 });
  expect(readFileSync(at('part', 'runs.csv'), 'utf8')).toBe(before);
});

describe('bad input ends with 2 and one line', () => {
  beforeAll(() => writeFileSync(at('late.yaml'), 'question: x\naxes: {disk.granularity: [64k, 512]}\n'));
  test.each([
    ['sweep', '@missing.yaml'],
    ['sweep', '@late.yaml', '--out', '@late'],
    ['sweep', '@small.yaml', '--shard', '4/3'],
    ['sweep', '@small.yaml', '--out', '/dev/null/x'],
    ['sweep', '@small.yaml', '--out', '@.'],
    ['plot', '@nowhere'],
    ['repro', '@one', 'zzzz'],
  ])('%s %s %s %s', async (...args) => {
    const { code, err, out } = await inProcess(
      ...args.map((arg) => (arg.startsWith('@') ? at(arg.slice(1)) : arg)),
    );
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^stopgap: .*\n$/);
    expect(existsSync(at('late'))).toBe(false);
  });
});
