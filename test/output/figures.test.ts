/** Figures: every type draws, the same bytes twice, nothing outside the numbers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFigures } from '../../src/output/figures/check.js';
import { type FigureData, firstRowsNote } from '../../src/output/figures/data.js';
import { drawFigures, figureData } from '../../src/output/figures/draw-all.js';
import { drawErrors, drawPredicted } from '../../src/output/figures/predicted.js';
import { renderPng, renderSvg, wrapText } from '../../src/output/figures/render.js';
import { reportHtml } from '../../src/output/figures/report.js';
import { logTicks, measuredScale, spread } from '../../src/output/figures/scales.js';
import type { FigureSpec } from '../../src/sweep/experiment/schema.js';
import { readManifest } from '../../src/sweep/results/manifest.js';
import { recordInto } from '../../src/sweep/results/record.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';
import { fakeRunner, testPlan } from '../sweep/support.js';

const dir = mkdtempSync(join(tmpdir(), 'stopgap-figures-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let data: FigureData;

beforeAll(async () => {
  const plan = await testPlan();
  await recordInto(join(dir, 'r'), {
    plan,
    executor: new InlineExecutor(fakeRunner),
    shard: { index: 1, of: 1 },
  });
  data = figureData(join(dir, 'r'));
});

const SPECS: Readonly<Record<FigureSpec['type'], FigureSpec>> = {
  downtime: { type: 'downtime', x: 'disk.size', by: 'bitmaps.count' },
  strategies: { type: 'strategies', x: 'disk.size', where: { 'bitmaps.count': 2 } },
  'decision-map': { type: 'decision-map', x: 'disk.size', y: 'bitmaps.count' },
  'stale-chunks': { type: 'stale-chunks', x: 'disk.size', where: { 'bitmaps.count': 1 } },
  phases: { type: 'phases', x: 'disk.size' },
  distribution: { type: 'distribution', where: { 'disk.size': '4T', 'bitmaps.count': 2 } },
};

describe.each(Object.keys(SPECS) as (keyof typeof SPECS)[])('%s', (type) => {
  test('is an SVG of its own, the same bytes twice', async () => {
    const [first] = await drawFigures(data, [SPECS[type]]);
    const [second] = await drawFigures(data, [SPECS[type]]);
    expect(first!.svg).toBe(second!.svg);
    expect(first!.svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(first!.svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(first!.title.length).toBeGreaterThan(10);
    const png = await renderPng(first!.svg);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.equals(await renderPng(first!.svg))).toBe(true);
  });
});

test('of a long summary the first rows are drawn, and that is said', () => {
  const short = figureData(join(dir, 'r'), 5);
  expect(short.summary).toEqual(data.summary.slice(0, 5));
  expect(firstRowsNote(data)).toBe('');
  const said = `Figures and table are of the first 5 of ${data.summary.length} rows of summary.csv.`;
  expect(firstRowsNote(short)).toBe(said);
  const manifest = readManifest(join(dir, 'r'));
  expect(reportHtml(manifest, short, [])).toContain(said);
  expect(reportHtml(manifest, data, [])).not.toContain('Figures and table are of');
});

test('rows with too few replications for their interval are counted in the report', () => {
  const manifest = readManifest(join(dir, 'r'));
  const summary = data.summary.map((row, i) => ({ ...row, too_few: String(i < 2) }));
  const said = `In 2 of ${summary.length} rows the replications are too few`;
  expect(reportHtml(manifest, { ...data, summary }, [])).toContain(said);
  const none = summary.map((row) => ({ ...row, too_few: 'false' }));
  expect(reportHtml(manifest, { ...data, summary: none }, [])).not.toContain('too few');
});

test('what does not differ is not told apart, what differs always is', async () => {
  const [figure] = await drawFigures(data, [{ type: 'downtime', x: 'disk.size' }]);
  expect(figure!.svg).toMatch(/>1 bitmap</);
  expect(figure!.svg).toMatch(/>2 bitmaps</);
  const [one] = await drawFigures(data, [
    { type: 'downtime', x: 'disk.size', where: { 'bitmaps.count': 1 } },
  ]);
  expect(one!.svg).not.toMatch(/>1 bitmap</);
  expect(one!.svg).toMatch(/budget 300 ms/);
});

describe('names that the results will not have are refused before the first run', () => {
  test.each([
    ["figures[0].x: the results have no 'disk.siz'; did you mean 'disk.size'?", { x: 'disk.siz' }],
    [
      "figures[0].where.storag: the results have no 'storag'; did you mean 'storage'?",
      { where: { storag: 'x' } },
    ],
    ["figures[0].by: the results have no 'flush-latency'", { by: 'flush-latency' }],
    [
      "figures[0].metric: 'downtime' is not what a run gives; did you mean 'downtime_ms'?",
      { metric: 'downtime' },
    ],
  ])('%s', async (message, names) => {
    const { experiment } = await testPlan();
    const figures = [{ type: 'downtime' as const, ...names }];
    expect(() => checkFigures({ ...experiment, figures })).toThrow(message);
  });
  test('and those are taken that they have', async () => {
    const { experiment } = await testPlan();
    checkFigures({ ...experiment, figures: Object.values(SPECS) });
    checkFigures({ ...experiment, figures: [{ type: 'downtime', x: 'bitmap_bytes', by: 'strategy' }] });
  });
});

test('a condition that no row meets draws nothing', async () => {
  expect(await drawFigures(data, [{ type: 'downtime', where: { 'disk.size': '9T' } }])).toEqual([]);
});

describe('the title', () => {
  const row = (iops: number, pending: string, mean: number, not_converged = 0) => ({
    point: `${iops}-${pending}`,
    workload_write_iops: String(iops),
    pre_flush_pending: pending,
    strategy: 'pre-flush',
    budget_ms: '1000',
    n: '4',
    not_converged: String(not_converged),
    downtime_mean_ms: String(mean),
  });
  const titleOf = async (summary: readonly ReturnType<typeof row>[]): Promise<readonly string[]> => {
    const spec: FigureSpec = { type: 'downtime', x: 'workload.write-iops', by: 'pre-flush.pending' };
    const [figure] = await drawFigures({ summary, runs: () => [] }, [spec]);
    return [figure!.title, figure!.svg];
  };
  test('names the crossing, and what never stops, which has a mark and no point', async () => {
    const rows = [row(10, 'off', 500), row(300, 'off', 1100), row(10, 'bits', 490), row(300, 'bits', 480, 4)];
    const [title, svg] = await titleOf(rows);
    expect(title).toBe(
      'Over 1 s from 200 guest writes per second with pending off; within it with pending bits; pending bits never stops at 300 guest writes per second',
    );
    expect(svg).toContain('>pending bits<');
    expect(svg).toContain('× never stops by itself.');
    expect(svg).toContain('>never stops<');
    expect(svg!.match(/<circle fill="#/g)).toHaveLength(3);
  });
  test('names the side of the crossing that is over', async () => {
    const [title] = await titleOf([
      row(10, 'off', 3000),
      row(300, 'off', 20),
      row(10, 'on', 30),
      row(300, 'on', 10),
    ]);
    expect(title).toBe(
      'Over 1 s up to 21 guest writes per second with pending off; within it with pending on',
    );
  });
});

test('a distribution leaves out what never stops, as the other figures do', async () => {
  const run = (strategy: string, state: string) => ({
    point: '0',
    strategy,
    variant: '',
    state,
    budget_ms: '300',
    downtime_ms: '20',
  });
  const runs = [run('store-at-stop', 'completed'), run('pre-flush', 'not-converged')];
  const [figure] = await drawFigures({ summary: runs, runs: () => runs }, [{ type: 'distribution' }]);
  expect(figure!.title).toBe('Migrations over 300 ms: 0 % with store-at-stop');
  expect(figure!.svg).toMatch(/Left out: 1 situation in which/);
});

test('a distribution of several points has a panel for each', async () => {
  const [figure] = await drawFigures(data, [{ type: 'distribution', where: { 'disk.size': '1T' } }]);
  expect(figure!.title).toMatch(/^In 4 of 4 cases 95 % of the migrations keep the budget of 300 ms$/);
  expect(figure!.svg).toContain('>2 bitmaps<');
});

test('panels of a map stand in the order of their values', async () => {
  const row = (disk: number, strategy: string) => ({
    point: String(disk),
    strategy,
    variant: '',
    disk_bytes: String(disk),
    storage: 'ceph-nvme',
    workload: 'idle',
    budget_ms: '300',
    n: '2',
    verdict: 'too-much',
    downtime_mean_ms: '400',
  });
  const summary = [2 ** 44, 2 ** 38, 2 ** 40].flatMap((disk) => [
    row(disk, 'store-at-stop'),
    row(disk, 'pre-flush'),
  ]);
  const spec: FigureSpec = { type: 'decision-map', x: 'storage', y: 'workload', facet: 'disk.size' };
  const [figure] = await drawFigures({ summary, runs: () => [] }, [spec]);
  const panels = [...figure!.svg.matchAll(/translate\((\d+)[^>]*>disk size ([^<]*)</g)];
  const byPlace = panels.sort((a, b) => Number(a[1]) - Number(b[1])).map((match) => match[2]);
  expect(byPlace).toEqual(['256 GiB', '1 TiB', '16 TiB']);
});

test('a figure grows with its names, which are not cut', async () => {
  const name = 'x'.repeat(60);
  const summary = ['1', '2'].map((count) => ({
    point: count,
    strategy: 'store-at-stop',
    variant: '',
    storage: name,
    bitmaps: count,
    n: '2',
    not_converged: '0',
    downtime_mean_ms: '400',
  }));
  const [figure] = await drawFigures({ summary, runs: () => [] }, [
    { type: 'downtime', x: 'bitmaps.count', by: 'storage' },
  ]);
  const width = Number(/width="(\d+)"/.exec(figure!.svg)![1]);
  expect(width).toBeGreaterThan(860 + 7.2 * 60 - 240);
});

test('what there is no room for is said', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({
    point: String(i),
    strategy: 'store-at-stop',
    disk_bytes: String(2 ** 40 + i),
    downtime_mean_ms: '5',
    phase_stop_mean_ms: '5',
    not_converged: '0',
    n: '2',
  }));
  const [figure] = await drawFigures({ summary: rows, runs: () => [] }, [{ type: 'phases', x: 'disk.size' }]);
  expect(figure!.svg).toContain('Drawn: the first 24 of 30 bars.');
});

test('predicted against measured', async () => {
  const point = (measured_ms: number, predicted_ms: number) => ({
    config: 'c',
    group: 'first',
    measured_ms,
    predicted_ms,
    lo_ms: predicted_ms * 0.9,
    hi_ms: predicted_ms * 1.1,
  });
  const drawing = drawPredicted([point(10, 11), point(100, 101), point(1000, 1500), point(0, 1)])!;
  expect(drawing.title).toBe('Half of 3 measured stops are predicted within 10.0 %, 1 within 5 %');
  expect(await renderSvg(drawing)).not.toMatch(/NaN/);
  expect(drawPredicted([point(0, 0)])).toBeUndefined();

  const errors = drawErrors([point(10, 11), point(100, 101), point(1000, 1500), point(0, 1)], 3)!;
  expect(errors.title).toBe('Of 2 stops of 30 ms and more, 1 are predicted within 5 %');
  expect(errors.subtitle).toContain('1 beyond 20 % stand at the edge');
  expect(await renderSvg(errors)).not.toMatch(/NaN/);
});

describe('layout', () => {
  test('labels are moved apart in order and stay inside', () => {
    const places = spread([0.5, 0.51, 0.99, 1, 0], 0.05);
    const sorted = [...places].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++)
      expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(0.05 - 1e-12);
    expect(places[0]!).toBeLessThan(places[1]!);
    expect(Math.max(...places)).toBeLessThanOrEqual(1);
  });
  test('ticks are round, few and inside', () => {
    expect(logTicks([5, 2500], 10)).toEqual([5, 10, 20, 50, 100, 200, 500, 1000, 2000]);
    expect(logTicks([1, 1e9], 5).length).toBeLessThanOrEqual(5);
    expect(measuredScale([0, 9.5], 6).ticks).toEqual([0, 2, 4, 6, 8, 10]);
    expect(measuredScale([0, 0], 6).domain[1]).toBeGreaterThan(0);
  });
  test('numbers stay with their units', () => {
    expect(wrapText('takes about 300 ms and more', 100, 9)).toEqual([
      'takes about',
      '300\u00a0ms and',
      'more',
    ]);
  });
});
