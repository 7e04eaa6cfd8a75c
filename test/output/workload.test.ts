/** What `workload` prints and draws: the contract of its JSON, and figures that are the same bytes every time. */
import { describe, expect, it } from 'vitest';
import { firstTouchesFigure } from '../../src/output/figures/first-touches.js';
import { renderPng, renderSvg } from '../../src/output/figures/render.js';
import { staleChunksFigure } from '../../src/output/figures/stale-chunks.js';
import { formatTable } from '../../src/output/table.js';
import { sparkline, workloadTable } from '../../src/output/tables/workload.js';
import { workloadCsv, workloadJson } from '../../src/output/workload.js';
import { measureWorkload, type WorkloadStatistics } from '../../src/traces/statistics/statistics.js';
import { openTrace } from '../../src/traces/trace.js';

const log = new URL('../fixtures/traces/iolog-v3.log', import.meta.url).pathname;
const measure = async (): Promise<WorkloadStatistics> =>
  measureWorkload(await openTrace([log]), {
    granularityBytes: 65536,
    chunksBytes: [65536, 512],
    windowNs: 0.1e9,
  });

describe('workload', () => {
  it('the figure has room for large counts beside its axis', async () => {
    const stats = await measure();
    const newGranules = stats.windows.newGranules.map((fresh) => fresh * 1e5);
    const large = firstTouchesFigure({ ...stats, windows: { ...stats.windows, newGranules } }, 'x');
    // Labels end 9 left of the axis; a digit is some 6.5 wide.
    expect(large.options.marginLeft! - 9).toBeGreaterThan(6.5 * '8,000,000'.length);
  });

  it('JSON has exactly the keys of the contract', async () => {
    const parsed = JSON.parse([...workloadJson(await measure())].join(''));
    expect(Object.keys(parsed)).toEqual([
      'format',
      'records',
      'writes',
      'duration_s',
      'write_iops',
      'bytes_written',
      'footprint_granules',
      'granularity_bytes',
      'chunk_bytes',
      'windows',
    ]);
    // From the log itself: 100 writes of 4 KiB and 10 syncs from 197 us to 1980197 us, in 87 distinct granules; closed at 2000165 us.
    expect(parsed).toMatchObject({
      format: 'iolog',
      records: 110,
      writes: 100,
      duration_s: 1.999968,
      bytes_written: 409600,
    });
    expect(parsed.write_iops).toBeCloseTo(100 / 1.999968, 9);
    expect(parsed.windows).toHaveLength(20);
    expect(parsed.windows[3]).toEqual({
      t_s: 0.3,
      writes: 5,
      new_granules: expect.any(Number),
      new_chunks: 1,
    });
    const touched = parsed.windows.reduce(
      (sum: number, w: { new_granules: number }) => sum + w.new_granules,
      0,
    );
    expect(touched).toBe(parsed.footprint_granules);
  });

  it('CSV has a row a window and a running total', async () => {
    const rows = [...workloadCsv(await measure())].join('').trim().split('\n');
    expect(rows[0]).toBe('t_s,writes,bytes_written,new_granules,set_granules,new_chunks');
    expect(rows).toHaveLength(21);
    expect(rows.at(-1)!.split(',').slice(0, 3)).toEqual(['1.9', '4', '16384']);
  });

  it('the table is short and has no trailing blanks', async () => {
    const lines = workloadTable(await measure(), formatTable).split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(lines.filter((line) => / $/.test(line))).toEqual([]);
  });

  it('a sparkline shows nothing where nothing is, and its highest block at the peak', () => {
    expect(sparkline(Float64Array.of(0, 1, 8, 0))).toBe(' ▁█ ');
    expect(sparkline(new Float64Array(3))).toBe('   ');
  });
});

describe('figures', () => {
  it('are the same bytes twice, whatever was drawn in between', async () => {
    const stats = await measure();
    const drawn = async () => [
      await renderSvg(
        firstTouchesFigure(stats, 'guest', { label: 'the fit', granules: new Float64Array(20) }),
      ),
      await renderSvg(staleChunksFigure(stats, 'guest')),
    ];
    const svgs = await drawn();
    expect(await drawn()).toEqual(svgs);
    for (const svg of svgs) expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svgs[0]).toContain('100 writes set');
    expect(svgs[1]).toContain('512 B: mean');
  });

  it('become PNGs of twice the size', async () => {
    const png = await renderPng(await renderSvg(firstTouchesFigure(await measure(), 'guest')));
    const view = new DataView(png.buffer, png.byteOffset, png.length);
    expect([view.getUint32(0), view.getUint32(16)]).toEqual([0x89504e47, 1600]);
  });
});
