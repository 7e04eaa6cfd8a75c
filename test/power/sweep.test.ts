/**
 * The power fails after each operation of a sweep in turn. What a manifest says is true then, no row that was safe is
 * lost, and the same command ends with the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../src/lab/process/programs.js';
import { inProcess } from '../support/in-process.js';
import { FAILURES, ForgetfulDisk } from './disk.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-power-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(root, ...parts);

const canRecord = process.platform === 'linux' && findProgram('cc') !== undefined;
const FILE = at('small.yaml');

beforeAll(() => {
  const built = spawnSync('cc', [
    '-shared',
    '-fPIC',
    '-o',
    at('recorder.so'),
    'test/power/recorder.c',
    '-ldl',
  ]);
  if (canRecord) expect(built.status).toBe(0);
  writeFileSync(
    FILE,
    'question: small\nbase: {bitmaps: {dirty: 100%}, workload: idle, strategies: [store-at-stop]}\n' +
      'axes: {storage: [ceph-nvme, nvme-plp], disk.size: [1T, 4T]}\nreplications: 3\n',
  );
});

/** The words of a sweep into a directory of `place`. */
const words = (place: string, more: readonly string[]): string[] => [
  'sweep',
  FILE,
  '--no-figures',
  '--jobs',
  '1',
  '--out',
  join(place, 'out'),
  ...more,
];

async function sweep(place: string, more: readonly string[] = []): Promise<void> {
  const { code, err } = await inProcess(...words(place, more));
  expect(code, err).toBe(0);
}

/** Runs a sweep, and gives the record of what it did there. */
function recordedSweep(place: string, more: readonly string[]): string[] {
  const log = at('log');
  const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', ...words(place, more)], {
    encoding: 'utf8',
    env: { ...process.env, LD_PRELOAD: at('recorder.so'), POWER_DIR: place, POWER_LOG: log },
  });
  expect(status, stderr).toBe(0);
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

/** The files below a place. */
function filesOf(place: string): Record<string, Buffer> {
  const entries = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path)];
    }),
  );
}

/** The measured part of every row that is whole, by run id. */
function rowsIn(...texts: readonly (Buffer | undefined)[]): Map<string, string> {
  const rows = new Map<string, string>();
  for (const text of texts) {
    const [header, ...lines] = (text ?? '').toString('latin1').split('\n').slice(0, -1);
    const start = header?.split(',').indexOf('strategy') ?? 0;
    for (const line of lines) {
      const cells = line.split(',');
      if (!line.includes('\0')) rows.set(cells[0]!, cells.slice(start).join(','));
    }
  }
  return rows;
}

const without = (place: string, files: Record<string, Buffer>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([path, data]) => [path.slice(place.length), data.toString()]),
  );

describe.skipIf(!canRecord)('a power failure after any operation', () => {
  interface Story {
    readonly place: string;
    readonly before: Record<string, Buffer>;
    readonly more: readonly string[];
    readonly record: readonly string[];
    readonly end: Record<string, Buffer>;
  }

  async function story(
    name: string,
    first: readonly string[] | undefined,
    more: readonly string[],
  ): Promise<Story> {
    const place = at(name);
    mkdirSync(place);
    if (first) await sweep(place, first);
    const before = filesOf(place);
    const record = recordedSweep(place, more);
    return { place, before, more, record, end: filesOf(place) };
  }

  /** The disk after every line; folders that were there are safe. */
  function* failures({ place, before, record }: Story) {
    const disk = new ForgetfulDisk(place, before);
    if (Object.keys(before).length > 0)
      for (const line of [`folder\t${join(place, 'out')}\t\t0\t`, `sync\t${place}\t\t0\t`]) disk.play(line);
    for (const [i, line] of record.entries()) {
      disk.play(line);
      for (const failure of FAILURES) yield { i, failure, left: disk.after(failure) };
    }
  }

  const STORIES: Record<string, readonly [readonly string[] | undefined, readonly string[]]> = {
    'a fresh sweep': [undefined, []],
    'a wider one, whose rows stand in another order': [
      [],
      ['--axis', 'disk.size=1T,2T,4T', '--replications', '5'],
    ],
    'a narrower one, whose other rows are put aside': [[], ['--axis', 'disk.size=4T']],
  };

  test.each(Object.entries(STORIES))('%s', async (name, [first, more]) => {
    const told = await story(name.replaceAll(' ', '-'), first, more);
    const { place, before, record, end } = told;
    const path = (file: string): string => join(place, 'out', file);
    expect(record.length).toBeGreaterThan(10);
    const known = rowsIn(before[path('runs.csv')]);
    const again = at('again');
    let spoken = 0;
    let tried = 0;
    for (const { i, failure, left } of failures(told)) {
      const manifest = left.get(path('manifest.json'))?.toString();
      const state = manifest === undefined ? undefined : JSON.parse(manifest).state;
      const isNew = manifest !== before[path('manifest.json')]?.toString();
      if (state === 'complete' && isNew) {
        spoken++;
        for (const file of ['runs.csv', 'summary.csv', 'datapackage.json'])
          expect(left.get(path(file))?.toString(), `${file} after ${i}, ${failure}`).toBe(
            end[path(file)]!.toString(),
          );
      }
      const rows = rowsIn(left.get(path('runs.kept.csv')), left.get(path('runs.csv')));
      for (const [id, results] of known)
        expect(rows.get(id)?.replace(/,+$/, ''), `row ${id} after ${i}, ${failure}`).toBe(
          results.replace(/,+$/, ''),
        );
      // The way on, from three of these disks: a whole sweep takes a second.
      if ((3 * i + FAILURES.indexOf(failure)) % record.length !== 7) continue;
      tried++;
      rmSync(again, { recursive: true, force: true });
      mkdirSync(again);
      for (const [file, data] of left) {
        const copy = join(again, file.slice(place.length));
        mkdirSync(dirname(copy), { recursive: true });
        writeFileSync(copy, data);
      }
      rmSync(join(again, 'out', '.stopgap.lock'), { force: true });
      await sweep(again, told.more);
      const [now, then] = [without(again, filesOf(again)), without(place, end)];
      for (const file of ['/out/runs.csv', '/out/summary.csv']) expect(now[file]).toBe(then[file]);
    }
    expect(spoken).toBeGreaterThan(0);
    expect(tried).toBe(3);
  });
});
