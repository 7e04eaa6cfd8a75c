/** A title is true of the whole figure: every type, each with three sets of rows that would make a hasty one lie. */
import { describe, expect, test } from 'vitest';
import { broken, paragraphOf } from '../../src/output/figures/paragraph.js';
import { FIGURES } from '../../src/output/figures/registry.js';
import type { Drawing } from '../../src/output/figures/render.js';
import { verdictTexts } from '../../src/output/figures/verdicts.js';
import type { FigureSpec } from '../../src/sweep/experiment/schema.js';
import type { Row } from '../../src/sweep/results/csv.js';

const TIB = 2 ** 40;

/** One row of summary.csv: a strategy at a point. */
function row(cells: Record<string, string | number>): Row {
  const usual = { strategy: 'store-at-stop', variant: '', storage: 'ceph-nvme', budget_ms: 300 };
  const counts = { n: 10, completed: 10, not_converged: 0, failed: 0 };
  return Object.fromEntries(
    Object.entries({ ...usual, ...counts, ...cells }).map(([name, cell]) => [name, String(cell)]),
  );
}

/** A line over disk sizes in TiB: mean downtimes, `never` where the guest never stops. */
function over(sizes: readonly number[], means: readonly (number | 'never')[], cells = {}): Row[] {
  return sizes.map((size, i) => {
    const mean = means[i]!;
    const stop = mean === 'never' ? { not_converged: 10, downtime_mean_ms: 1 } : { downtime_mean_ms: mean };
    return row({ point: `${size}-${JSON.stringify(cells)}`, disk_bytes: size * TIB, ...stop, ...cells });
  });
}

function draw(summary: readonly Row[], spec: FigureSpec, runs: readonly Row[] = []): Drawing {
  return FIGURES[spec.type].draw({ summary, runs: () => runs }, spec)!;
}

const titleOf = (summary: readonly Row[], spec: FigureSpec, runs?: readonly Row[]): string =>
  draw(summary, spec, runs).title;

describe('downtime', () => {
  const spec: FigureSpec = { type: 'downtime', x: 'disk.size', by: 'storage' };
  test('a line that crosses twice is not said to be over from one place on', () => {
    expect(titleOf(over([1, 2, 4, 8], [100, 400, 200, 500]), spec)).toBe(
      'Over 300 ms at 2 TiB and 8 TiB on ceph-nvme',
    );
  });
  test('a crossing that would round to a setting within the budget is not named by it', () => {
    const title = titleOf(over([1, 2], [299.999, 2000]), spec);
    expect(title).toBe('Over 300 ms from 2 TiB on ceph-nvme');
  });
  test('what never stops is neither within nor over, and lines within are not left out', () => {
    const rows = [
      ...over([1, 4, 16], [100, 'never', 'never']),
      ...over([1, 4, 16], [10, 20, 30], { storage: 'nvme-plp' }),
      ...over([1, 4, 16], [100, 250, 1000], { storage: 'hdd-7200' }),
    ];
    expect(titleOf(rows, spec)).toBe(
      'Over 300 ms from 4.8 TiB on hdd-7200; within it on ceph-nvme and nvme-plp; ceph-nvme never stops from 4 TiB',
    );
    expect(titleOf(over([1, 4], ['never', 'never']), spec)).toBe('It never stops');
  });
  test('the answer of each line says where it keeps the budget', () => {
    const rows = [1, 2, 4, 8].map((count) =>
      row({ point: count, bitmaps: count, downtime_mean_ms: 70 * count }),
    );
    const { answers } = draw(rows, { type: 'downtime', x: 'bitmaps.count', by: 'storage' });
    expect(answers).toEqual(['ceph-nvme: within 300 ms up to 4 bitmaps; 70 ms to 560 ms']);
  });
});

describe('strategies', () => {
  const spec: FigureSpec = { type: 'strategies', x: 'disk.size' };
  const stream = { strategy: 'dont-store', variant: 'stream' };
  test('nobody is shortest throughout who is not at every setting', () => {
    const rows = [...over([1, 4], [200, 290]), ...over([1, 4], [100, 'never'], stream)];
    expect(titleOf(rows, spec)).toBe(
      'The downtime is within 300 ms wherever the guest stops: 100 ms to 290 ms; dont-store/stream never stops at 4 TiB',
    );
  });
  test('nor who shares the place', () => {
    const rows = [...over([1, 4], [200, 290]), ...over([1, 4], [200, 100], stream)];
    expect(titleOf(rows, spec)).not.toContain('throughout;');
    expect(titleOf(rows, spec)).toBe('The downtime is within 300 ms throughout: 100 ms to 290 ms');
  });
  test('of one point all strategies are counted, and what never stops is said', () => {
    const rows = [...over([1], [400]), ...over([1], [100], { ...stream, point: 0 })];
    const never = over([1], ['never'], { strategy: 'dont-store', variant: 'postcopy' });
    expect(titleOf([...rows, ...never], { type: 'strategies' })).toBe(
      'The downtime is 100 ms with dont-store/stream to 400 ms with store-at-stop; 1 of 2 over 300 ms; dont-store/postcopy never stops',
    );
  });
});

describe('stale chunks', () => {
  const spec: FigureSpec = { type: 'stale-chunks', x: 'workload.write-iops' };
  const stale = (values: readonly number[], cells = {}): Row[] =>
    values.map((value, i) =>
      row({
        point: i,
        strategy: 'pre-flush',
        variant: 'in-place',
        workload_write_iops: 10 ** (i + 1),
        stale_chunks_at_stop_mean: value,
        ...cells,
      }),
    );
  test('they are not said to grow where they do not at every step', () => {
    expect(titleOf(stale([0, 8, 4]), spec)).toBe(
      'Stale chunks at the stop: 0 (10 guest writes per second) to 8 (100 guest writes per second)',
    );
  });
  test('where they do on every line, they are', () => {
    const rows = [...stale([1, 4, 8]), ...stale([2, 5, 9], { pre_flush_chunk_bytes: 4096 })];
    const all = rows.map((each) => ({ pre_flush_chunk_bytes: '65536', ...each }));
    expect(titleOf(all, spec)).toMatch(/^Stale chunks at the stop: 1 \(.*\) to 9 \(.*\), growing with/);
  });
  test('nothing anywhere is nothing throughout', () => {
    expect(titleOf(stale([0, 0, 0]), spec)).toBe('Stale chunks at the stop: 0 throughout');
  });
});

describe('phases', () => {
  const bar = (storage: string, data: number, load: number, cells = {}): Row =>
    row({
      point: storage,
      storage,
      phase_store_data_mean_ms: data,
      phase_load_mean_ms: load,
      downtime_mean_ms: data + load,
      ...cells,
    });
  const spec: FigureSpec = { type: 'phases', x: 'storage' };
  test('a part that is the largest of the longest bar alone is not said of all', () => {
    expect(titleOf([bar('a', 1, 2), bar('b', 1, 3), bar('c', 100, 1)], spec)).toBe(
      'The largest part of 3 stops is load on target in 2, bitmap clusters in 1',
    );
  });
  test('what never stops has no parts', () => {
    expect(titleOf([bar('a', 1, 3), bar('b', 9, 1, { not_converged: 10 })], spec)).toBe(
      'The largest part of the stop is load on target: 75 %; in 1 of 2 situations the guest never stops',
    );
  });
  test('a change that makes the stop longer is no gain', () => {
    const now = { what_if_defer_punch: 'false', what_if_load_early: 'false' };
    const rows = [
      bar('a', 100, 100, now),
      bar('a', 100, 150, { ...now, point: 1, what_if_load_early: 'true' }),
    ];
    expect(titleOf(rows, { type: 'phases' })).toBe('No single change shortens the stop of 200 ms');
    const gain = bar('a', 50, 100, { ...now, point: 2, what_if_defer_punch: 'true' });
    const drawing = draw([...rows, gain], { type: 'phases' });
    expect(drawing.title).toBe('Defer punch takes the stop from 200 ms to 150 ms, the most of 2 changes');
    expect((drawing.options.y as { domain: string[] }).domain).toEqual([
      'QEMU as it is',
      'defer punch',
      'load early',
    ]);
  });
});

describe('distribution', () => {
  const runs = (strategy: string, values: readonly number[], state = 'completed'): Row[] =>
    values.map((value) => row({ point: 0, strategy, state, downtime_ms: value }));
  const spec: FigureSpec = { type: 'distribution' };
  test('a small share over the budget is not none', () => {
    const all = runs('store-at-stop', [...Array.from({ length: 199 }, () => 100), 301]);
    expect(titleOf(all.slice(0, 1), spec, all)).toBe('Migrations over 300 ms: 0.5 % with store-at-stop');
  });
  test('a value on the budget keeps it', () => {
    const all = runs('store-at-stop', [300, 300]);
    expect(titleOf(all.slice(0, 1), spec, all)).toBe('Migrations over 300 ms: 0 % with store-at-stop');
  });
  test('a forced stop is nobody’s, and that is said', () => {
    const never = runs('pre-flush', [1], 'not-converged');
    const all = [...runs('store-at-stop', [400]), ...never];
    const drawing = draw([all[0]!, never[0]!], spec, all);
    expect(drawing.title).toBe('Migrations over 300 ms: 100 % with store-at-stop');
    expect(drawing.subtitle).toContain('Left out: 1 situation in which');
  });
});

describe('decision map', () => {
  const spec: FigureSpec = { type: 'decision-map', x: 'disk.size', y: 'storage' };
  const pair = (size: number, store: string, flush: string, cells = {}): Row[] => [
    row({ point: size, disk_bytes: size * TIB, verdict: store, downtime_mean_ms: 400, ...cells }),
    row({
      point: size,
      disk_bytes: size * TIB,
      verdict: flush,
      downtime_mean_ms: 200,
      strategy: 'pre-flush',
      variant: 'in-place',
      ...cells,
    }),
  ];
  const counted = (over: number, of: number, helped: number): string =>
    `Storing at the stop fits the budget of 300 ms in ${of - over} of ${of} situations; pre-flush/in-place (proposed) makes ${helped} of the others fit`;
  test('borderline does not fit', () => {
    const rows = [...pair(1, 'borderline', 'fits'), ...pair(2, 'borderline', 'borderline')];
    expect(titleOf(rows, spec)).toBe(counted(2, 2, 1));
  });
  test('what loses bits, or never stops, is not made to fit', () => {
    const rows = [...pair(1, 'too-much', 'failed'), ...pair(2, 'too-much', 'not-converged')];
    expect(titleOf(rows, spec)).toBe(counted(2, 2, 0));
  });
  test('pre-flush is called by its layout where all rows have one, as in tables', () => {
    const rows = pair(1, 'too-much', 'fits');
    expect(draw(rows, spec).subtitle).toContain('store-at-stop → pre-flush/in-place (proposed)');
    const other = pair(2, 'too-much', 'fits').map((each) =>
      each.strategy === 'pre-flush' ? { ...each, variant: 'shadow' } : each,
    );
    expect(draw([...rows, ...other], spec).subtitle).toContain('store-at-stop → pre-flush (proposed)');
  });
  test('every value of a fourth parameter is drawn and counted', () => {
    const rows = [1, 2].flatMap((bitmaps) => [
      ...pair(1, 'fits', 'fits', { bitmaps, point: `1-${bitmaps}` }),
      ...pair(2, 'too-much', 'fits', { bitmaps, point: `2-${bitmaps}` }),
    ]);
    expect(titleOf(rows, spec)).toBe(counted(2, 4, 2));
  });
});

describe('a sweep’s answer in sentences', () => {
  test('counts who fits, who is shortest, and what never stops', () => {
    const stream = { strategy: 'dont-store', variant: 'stream', verdict: 'fits' };
    const points = [1, 2].flatMap((point) => [
      row({ point, downtime_mean_ms: 400, verdict: 'too-much' }),
      row({ point, downtime_mean_ms: 100, ...stream }),
    ]);
    const never = { ...points[3]!, not_converged: '3', verdict: 'not-converged' };
    expect(verdictTexts([...points.slice(0, 3), never])).toEqual([
      'store-at-stop fits the budget of 300 ms in 0 of 2 situations; its longest mean downtime is 400 ms.',
      'dont-store/stream fits the budget of 300 ms in 1 of 2 situations; its longest mean downtime is 100 ms.',
      'Shortest mean downtime, of 1 points with several strategies: dont-store/stream at 1.',
      'Never stops by itself, in some or all of its runs: dont-store/stream in 1 of 2 situations.',
    ]);
  });
});

describe('a paragraph whose numbers are looked up', () => {
  const rows = [...over([1, 4], [100, 400]), ...over([1, 4], [50, 60], { storage: 'nvme-plp' })];
  const finding = {
    where: { 'disk.size': '4T' },
    text: '{over} of {rows} are over: {storage=ceph-nvme} on Ceph, {disk.size=1T storage=ceph-nvme} before.',
    holds: ['{storage=ceph-nvme} > 3 * {storage=nvme-plp}'],
  };
  test('says them as readers write them', () => {
    expect(paragraphOf(finding, rows)).toBe('one of two are over: 400 ms on Ceph, 100 ms before.');
  });
  test('is not shown of rows in which a comparison does not hold, or a row is missing', () => {
    const other = rows.map((each) => ({ ...each, downtime_mean_ms: '50' }));
    expect(broken(finding, other)).toEqual(finding.holds);
    expect(paragraphOf(finding, other)).toBeUndefined();
    expect(paragraphOf(finding, rows.slice(1))).toBeUndefined();
  });
});
