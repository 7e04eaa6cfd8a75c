/** Results directories: what is there is kept, what is missing is run, and every way gives the same bytes. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { parseTable } from '../../../src/sweep/results/csv.js';
import { type Recorded, recordInto, recordTo } from '../../../src/sweep/results/record.js';
import { columnsOf } from '../../../src/sweep/results/rows.js';
import { summaryColumns } from '../../../src/sweep/results/summary.js';
import { summaryText } from '../../../src/sweep/results/summary-file.js';
import { type Executor, InlineExecutor, sweepExecutor } from '../../../src/sweep/run/executor.js';
import type { Shard } from '../../../src/sweep/run/shard.js';
import { type Job, OUTCOMES, type Task } from '../../../src/sweep/run/task.js';
import { fakeRunner, testPlan } from '../support.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-record-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Finishes tasks out of order, as workers do: later ones often first. */
class ShuffledExecutor implements Executor {
  readonly width = 3;
  private count = 0;
  run(task: Task) {
    return this.make(task, OUTCOMES);
  }
  async make<Given, Made>(given: Given, job: Job<Given, Made>) {
    const turns = [3, 0, 2, 1][this.count++ % 4]!;
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    return job.here(given, fakeRunner);
  }
  async close() {}
}

/** Asks for an end after so many tasks. */
class StoppingExecutor extends InlineExecutor {
  private left: number;
  private readonly controller: AbortController;
  constructor(left: number, controller: AbortController) {
    super(fakeRunner);
    this.left = left;
    this.controller = controller;
  }
  override async make<Given, Made>(given: Given, job: Job<Given, Made>) {
    if (--this.left === 0) this.controller.abort();
    return super.make(given, job);
  }
}

const WHOLE: Shard = { index: 1, of: 1 };
const read = (dir: string, file = 'runs.csv'): string => readFileSync(join(root, dir, file), 'utf8');
const into = async (
  dir: string,
  overrides = {},
  shard = WHOLE,
  executor: Executor = new InlineExecutor(fakeRunner),
) => recordInto(join(root, dir), { plan: await testPlan(overrides), executor, shard });
const rowsOf = (dir: string) => parseTable(read(dir), dir).rows;

describe('a results directory', () => {
  let plain: Recorded;
  test('holds every row in plan order, and its companions', async () => {
    plain = await into('plain');
    expect(plain).toMatchObject({ finished: true, rows: 6 * 7 * 3, fresh: 6 * 7 * 3, keptRows: 0 });
    const rows = rowsOf('plain');
    expect(rows).toHaveLength(126);
    const order = rows.map((row) => Number(row.point) * 1000 + Number(row.replication) * 10);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(rows[0]).toMatchObject({ disk_bytes: String(2 ** 40), strategy: 'none', bitmap_bytes: '2097152' });
    const summary = parseTable(read('plain', 'summary.csv'), 's').rows;
    expect(summary).toHaveLength(18);
    expect(summary[1]).toMatchObject({
      n: '7',
      strategy: 'store-at-stop',
      verdict: 'fits',
      p_over_budget: '0',
    });
    const pack = JSON.parse(read('plain', 'datapackage.json'));
    const names = pack.resources[0].schema.fields.map((field: { name: string }) => field.name);
    expect(names).toEqual(Object.keys(rows[0]!));
    expect(JSON.parse(read('plain', 'manifest.json'))).toMatchObject({ state: 'complete', rows: 126 });
  });

  test('is the same from workers that finish out of order, and from a stream', async () => {
    await into('shuffled', {}, WHOLE, new ShuffledExecutor());
    expect(read('shuffled')).toBe(read('plain'));
    expect(read('shuffled', 'summary.csv')).toBe(read('plain', 'summary.csv'));
    let text = '';
    const plan = await testPlan();
    await recordTo((piece) => void (text += Buffer.from(piece)), {
      plan,
      executor: new ShuffledExecutor(),
      shard: WHOLE,
    });
    expect(text).toBe(read('plain'));
  });

  test('names its data package as the specification asks, whatever the file is called', async () => {
    const plan = await testPlan({}, undefined, 'My experiment é');
    await recordInto(join(root, 'named'), { plan, executor: new InlineExecutor(fakeRunner), shard: WHOLE });
    expect(JSON.parse(read('named', 'datapackage.json')).name).toBe('my-experiment--');
  });

  test('a second run does nothing', async () => {
    expect(await into('plain')).toMatchObject({ fresh: 0, rows: 126 });
  });

  test('tells that rows of another commit are taken over, and says nothing where none are', async () => {
    cpSync(join(root, 'plain'), join(root, 'commit'), { recursive: true });
    const manifest = JSON.parse(read('commit', 'manifest.json'));
    writeFileSync(join(root, 'commit', 'manifest.json'), JSON.stringify({ ...manifest, commit: 'abc' }));
    const [note, ...others] = (await into('commit')).notes;
    expect(note).toBe(
      `rows known already are of commit abc, this is ${manifest.commit}; if the model has changed in between, give another --out`,
    );
    expect(others).toEqual([]);
    expect((await into('commit')).notes).toEqual([]);
  });

  test('goes on after an interruption, wherever it was', async () => {
    for (const tasks of [1, 2, 3]) {
      const controller = new AbortController();
      const executor = new StoppingExecutor(tasks, controller);
      const plan = await testPlan();
      const dir = join(root, `stopped${tasks}`);
      const first = await recordInto(dir, { plan, executor, shard: WHOLE, signal: controller.signal });
      expect(first.finished).toBe(false);
      expect(JSON.parse(read(`stopped${tasks}`, 'manifest.json')).state).toBe('interrupted');
      const second = await into(`stopped${tasks}`);
      expect(second.finished).toBe(true);
      expect(read(`stopped${tasks}`)).toBe(read('plain'));
    }
  });

  test('a torn last line is cut, at whatever byte the crash came', async () => {
    const size = Buffer.byteLength(read('plain'));
    for (const bytes of [0, 5, 1500, Math.floor(size / 2), size - 1]) {
      rmSync(join(root, 'torn'), { recursive: true, force: true });
      cpSync(join(root, 'plain'), join(root, 'torn'), { recursive: true });
      truncateSync(join(root, 'torn', 'runs.csv'), bytes);
      const { fresh } = await into('torn');
      expect(read('torn')).toBe(read('plain'));
      expect(fresh).toBeLessThanOrEqual(126);
      if (bytes === size - 1) expect(fresh).toBe(3);
    }
  });

  test('a widened axis and more replications run only what is new', async () => {
    cpSync(join(root, 'plain'), join(root, 'wide'), { recursive: true });
    const wider = { axis: ['disk.size=512G,1T,2T,3T,4T'] };
    expect(await into('wide', wider)).toMatchObject({ rows: 210, fresh: 84, keptRows: 0 });
    await into('wide-fresh', wider);
    expect(read('wide')).toBe(read('wide-fresh'));
    expect(await into('wide', { ...wider, replications: 9 })).toMatchObject({ fresh: 60, rows: 270 });
    expect(existsSync(join(root, 'wide', 'runs.kept.csv'))).toBe(false);
  });

  test('a narrowed plan keeps the other rows aside and takes them back', async () => {
    cpSync(join(root, 'plain'), join(root, 'narrow'), { recursive: true });
    const narrow = { axis: ['disk.size=4T'] };
    expect(await into('narrow', narrow)).toMatchObject({ rows: 42, fresh: 0, keptRows: 84 });
    expect(rowsOf('narrow')).toHaveLength(42);
    expect(await into('narrow')).toMatchObject({ rows: 126, fresh: 0, keptRows: 0 });
    expect(read('narrow')).toBe(read('plain'));
  });

  test('a new parameter column does not cost the rows that are known', async () => {
    cpSync(join(root, 'plain'), join(root, 'column'), { recursive: true });
    const { scenario } = (await (await testPlan()).point(0)).resolved;
    const { fresh } = await into('column', { axis: [`storage.channels=${scenario.storage.channels}`] });
    expect(rowsOf('column')[0]).toHaveProperty('storage_channels', String(scenario.storage.channels));
    expect(fresh).toBe(0); // what the preset has anyway: the same runs under a new heading
  });

  test('shards take every part once', async () => {
    const ids: string[] = [];
    for (const index of [1, 2, 3]) {
      const { rows } = await into(`shard${index}`, {}, { index, of: 3 });
      expect(rows).toBe(42);
      ids.push(...rowsOf(`shard${index}`).map((row) => `${row.point}/${row.replication}/${row.strategy}`));
    }
    expect(new Set(ids).size).toBe(126);
  });

  test('precision adds replications until the mean is known, the same in any order of finishing', async () => {
    await into('precise', { precision: '2%' });
    await into('precise-shuffled', { precision: '2%' }, WHOLE, new ShuffledExecutor());
    expect(read('precise')).toBe(read('precise-shuffled'));
    const counts = parseTable(read('precise', 'summary.csv'), 's').rows.map((row) => Number(row.n));
    expect(Math.min(...counts)).toBeGreaterThan(10);
    expect(Math.max(...counts)).toBeLessThan(60);
    truncateSync(join(root, 'precise', 'runs.csv'), 20_000);
    await into('precise', { precision: '2%' });
    expect(read('precise')).toBe(read('precise-shuffled'));
  });
});

describe('refusals, without loss', () => {
  const refusal = async (run: Promise<unknown>): Promise<string> => {
    const error = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  };
  test('files of somebody else', async () => {
    const dir = mkdtempSync(join(root, 'foreign-'));
    writeFileSync(join(dir, 'thesis.txt'), 'precious');
    const plan = await testPlan();
    const options = { plan, executor: new InlineExecutor(fakeRunner), shard: WHOLE };
    expect(await refusal(recordInto(dir, options))).toMatch(/thesis.txt/);
    expect(await refusal(recordInto(join(dir, 'thesis.txt'), options))).toMatch(/is a file/);
    expect(readFileSync(join(dir, 'thesis.txt'), 'utf8')).toBe('precious');
  });
  test('another experiment, version or shard; a running sweep', async () => {
    const before = read('plain');
    const other = await testPlan({}, undefined, '91-other');
    const executor = new InlineExecutor(fakeRunner);
    const dir = join(root, 'plain');
    expect(await refusal(recordInto(dir, { plan: other, executor, shard: WHOLE }))).toMatch(/90-test/);
    expect(await refusal(into('plain', {}, { index: 1, of: 2 }))).toMatch(/the whole sweep, not shard 1\/2/);
    const manifest = read('plain', 'manifest.json');
    writeFileSync(join(dir, 'manifest.json'), manifest.replace(/"version": "[^"]+"/, '"version": "0.0.1"'));
    expect(await refusal(into('plain'))).toMatch(/0\.0\.1/);
    writeFileSync(join(dir, 'manifest.json'), manifest);
    writeFileSync(join(dir, '.stopgap.lock'), `1 ${hostname()} 0\n`);
    expect(await refusal(into('plain'))).toMatch(/another sweep/);
    rmSync(join(dir, '.stopgap.lock'));
    expect(read('plain')).toBe(before);
  });
  test('a runs.csv with other columns', async () => {
    cpSync(join(root, 'plain'), join(root, 'strange'), { recursive: true });
    writeFileSync(join(root, 'strange', 'runs.csv'), 'a,b\n1,2\n');
    expect(await refusal(into('strange'))).toMatch(/not the columns/);
    expect(read('strange')).toBe('a,b\n1,2\n');
  });
  test('rows added by hand behind the end do not survive a finished plan', async () => {
    cpSync(join(root, 'plain'), join(root, 'tail'), { recursive: true });
    appendFileSync(join(root, 'tail', 'runs.csv'), 'half a li');
    await into('tail');
    expect(read('tail')).toBe(read('plain'));
  });
});

test('a broken run is a row with its reason, not the end of the sweep', async () => {
  const executor = new InlineExecutor((scenario, strategies, seed, replication) => {
    if (replication === 3) throw new Error('assertion failed:\nqueue empty');
    return fakeRunner(scenario, strategies, seed, replication);
  });
  const done = await into('broken', {}, WHOLE, executor);
  expect(done.rows).toBe(126);
  expect(done.failures[0]).toMatch(/^none: .*queue empty/);
  expect((await into('broken', {}, WHOLE, executor)).failures).toEqual(done.failures);
  const bad = rowsOf('broken').filter((row) => row.state === 'failed');
  expect(bad).toHaveLength(18);
  expect(bad[0]).toMatchObject({
    replication: '3',
    downtime_ms: '',
    reason: 'internal: assertion failed: queue empty',
  });
});

describe('a sweep of some columns', () => {
  const columns = new Set(['point', 'strategy', 'downtime_ms']);
  const lean = async (dir: string) =>
    recordInto(join(root, dir), {
      plan: await testPlan(),
      executor: new InlineExecutor(fakeRunner),
      shard: WHOLE,
      columns,
    });

  test('has the same cells in them as one of all, and no summary', async () => {
    await lean('lean');
    const all = parseTable(read('plain'), 'plain').rows;
    const few = parseTable(read('lean'), 'lean');
    expect(few.header).toEqual([...columns]);
    expect(few.rows).toEqual(
      all.map(({ point, strategy, downtime_ms }) => ({ point, strategy, downtime_ms })),
    );
    expect(existsSync(join(root, 'lean', 'summary.csv'))).toBe(false);
  });

  test('is run again into its own place, and never takes that of another', async () => {
    const before = read('lean');
    await lean('lean');
    expect(read('lean')).toBe(before);
    await expect(lean('plain')).rejects.toThrow(/--columns: .*other columns/);
  });
});

test('a sweep that is over at once starts no threads', async () => {
  const executor = sweepExecutor(2);
  await recordInto(join(root, 'patient'), {
    plan: await testPlan({ replications: 1 }),
    executor,
    shard: WHOLE,
  });
  expect(executor.width).toBe(1);
  await executor.close();
});

/** Asks for an end when the rows are to be summarised. */
class HastyExecutor extends InlineExecutor {
  readonly controller = new AbortController();
  constructor() {
    super(fakeRunner);
  }
  override async make<Given, Made>(given: Given, job: Job<Given, Made>) {
    if (job.file.includes('summary')) this.controller.abort();
    return super.make(given, job);
  }
}

describe('a summary', () => {
  test('that is interrupted is made when the sweep goes on, and none of its rows is run again', async () => {
    const executor = new HastyExecutor();
    const { signal } = executor.controller;
    const plan = await testPlan();
    const options = { plan, executor, shard: WHOLE, signal };
    expect(await recordInto(join(root, 'hasty'), options)).toMatchObject({ finished: false, rows: 126 });
    expect(JSON.parse(read('hasty', 'manifest.json')).state).toBe('interrupted');
    expect(existsSync(join(root, 'hasty', 'summary.csv'))).toBe(false);
    expect(await into('hasty')).toMatchObject({ finished: true, fresh: 0 });
    expect(read('hasty', 'summary.csv')).toBe(read('plain', 'summary.csv'));
  });

  test('is the same however the rows are cut', async () => {
    const path = join(root, 'plain', 'runs.csv');
    const columns = summaryColumns(columnsOf((await testPlan()).experiment));
    for (const pieceBytes of [1, 3000, 20_000]) {
      const summary = await summaryText(path, columns, { executor: new ShuffledExecutor(), pieceBytes });
      const texts = [...summary!.texts];
      expect(texts.length).toBeGreaterThan(2);
      expect(texts.join('')).toBe(read('plain', 'summary.csv'));
    }
  });
});
