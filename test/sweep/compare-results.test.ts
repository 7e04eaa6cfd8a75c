import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compareDirectories } from '../../src/sweep/compare-results.js';
import { recordInto } from '../../src/sweep/results/record.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';
import type { Runner } from '../../src/sweep/run/task.js';
import { fakeRunner, testPlan } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const AXES = { sizes: '[1T, 2T, 4T]', more: 'bitmaps.count: [1, 2]' };

/** Results in which every stop takes `factor` times as long. */
async function record(name: string, factor = 1, { sizes, more } = AXES): Promise<string> {
  const text = `question: q?\nbase: {strategies: [store-at-stop, pre-flush]}\naxes:\n  disk.size: ${sizes}\n  ${more}\nreplications: 3\n`;
  const runner: Runner = (...args) =>
    fakeRunner(...args).map((result) => ({
      ...result,
      metrics: result.metrics && { ...result.metrics, downtimeNs: factor * result.metrics.downtimeNs },
    }));
  await recordInto(at(name), {
    plan: await testPlan({}, text),
    executor: new InlineExecutor(runner),
    shard: { index: 1, of: 1 },
  });
  return at(name);
}

it('pairs points by what they are, whatever their order, and strategies by their names', async () => {
  const first = await record('first');
  const other = await record('other', 1.5, { ...AXES, sizes: '[8T, 4T, 1T]' });
  const rows = compareDirectories([first, other, first], 'downtime_ms');
  expect(rows.map(({ name, strategy, points, n }) => [name, strategy, points, n])).toEqual([
    [other, 'store-at-stop', 4, 12],
    [other, 'pre-flush', 4, 12],
    [first, 'store-at-stop', 6, 18],
    [first, 'pre-flush', 6, 18],
  ]);
  expect(rows.map(({ change }) => change)).toEqual(['worse', 'worse', 'none', 'none']);
  expect(rows[0]!.ratio!.mean).toBeCloseTo(1.5, 6);
});

it('a migration that does not end is worse than one that does', async () => {
  const [whole, broken] = [await record('whole'), await record('broken')];
  const path = join(broken, 'runs.csv');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('store-at-stop,,completed,', 'store-at-stop,,not-converged,'),
  );
  const [store, preFlush] = compareDirectories([whole, broken], 'downtime_ms');
  expect([store!.change, store!.ratio, preFlush!.change]).toEqual(['worse', null, 'none']);
});

it('refuses points that the others cannot tell apart, metrics that nobody has, and nothing in common', async () => {
  const [two, one] = [await record('two'), await record('one', 1, { ...AXES, more: '' })];
  expect(compareDirectories([one, one], 'downtime_ms')).toHaveLength(2);
  const path = join(one, 'runs.csv');
  // As an older version would have written it: without a column of its own for the bitmaps.
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/,bitmaps,(.*),all_bitmaps_bytes,/, ',old,$1,older,'),
  );
  expect(() => compareDirectories([two, one], 'downtime_ms')).toThrow(
    /two: point 1 differs from an earlier one only in columns that the other directories do not have/,
  );
  expect(() => compareDirectories([two, one], 'nonsense')).toThrow(
    /--metric: .*two has no column 'nonsense'/,
  );
  const far = await record('far', 1, { ...AXES, sizes: '[64T]' });
  expect(() => compareDirectories([two, far], 'downtime_ms')).toThrow(/no point in common with/);
});
