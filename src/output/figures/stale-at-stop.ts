/** Stale chunks left at the stop against the guest's write rate, with the line that queueing theory expects. */

import { DEFINITIONS, flushesEarly } from '../../sim/strategies/lookup.js';
import { fixedRepairStaleMean } from '../../sim/theory/repair.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { num, replicationsText, selected, shown } from './data.js';
import { type Figure, HEIGHT } from './figure.js';
import { type Line, lineChartOptions, lineChartWidth, THEORY } from './line-chart.js';
import { linesOf, metricColumns, xColumnOf } from './series.js';

/** Only they leave stale chunks. */
const EARLY = DEFINITIONS.filter(flushesEarly).map(({ name }) => name);

const METRIC = 'stale_chunks_at_stop';
const RATE = 'workload_write_iops';

/** Chunks of all recording bitmaps of a row, and what share of the bits can still be set. */
function chunksOf(row: Row): { chunks: number; unset: number } {
  const perBitmap = Math.ceil(num(row, 'bitmap_bytes') / num(row, 'pre_flush_chunk_bytes'));
  const bits = num(row, 'disk_bytes') / num(row, 'granularity_bytes');
  return {
    chunks: perBitmap * num(row, 'disks'),
    unset: 1 - num(row, 'bits_set_at_stop_mean') / (bits * num(row, 'disks')),
  };
}

/**
 * The theory of one row; NaN where its assumptions cannot be read off the columns: uniform writes, a known time of
 * one write of the flusher (`flush-latency`), all bitmaps alike.
 */
function theoryOf(row: Row): number {
  const latencyS = num(row, 'flush_latency_ms') / 1000;
  const { chunks, unset } = chunksOf(row);
  const writesPerS = num(row, RATE);
  const limit = num(row, 'pre_flush_rate_bytes_per_s');
  const paceS = Number.isFinite(limit) ? num(row, 'pre_flush_chunk_bytes') / limit : 0;
  const serviceS = Math.max(latencyS * num(row, 'bitmaps'), paceS);
  return fixedRepairStaleMean(chunks, writesPerS * Math.max(0, unset) * serviceS);
}

function theoryLines(rows: readonly Row[], spec: FigureSpec, xColumn: string): readonly Line[] {
  const expected = rows
    .map((row) => ({ ...row, theory: String(theoryOf(row)) }))
    .filter((row) => row.theory !== 'NaN');
  const columns = { mean: 'theory', low: '', high: '', p50: '', p95: '' };
  return linesOf(expected, spec, xColumn, columns).map((line) => ({
    ...line,
    name: `${THEORY}${line.name}`,
    theory: true,
  }));
}

function finding(lines: readonly Line[], xColumn: string): string {
  // The line that reaches highest has the most to say.
  const peak = (line: Line): number => Math.max(...line.points.map((point) => point.y));
  const line = lines.filter((candidate) => !candidate.theory).sort((a, b) => peak(b) - peak(a))[0];
  const [first, last] = [line?.points[0], line?.points.at(-1)];
  if (!first || !last) return 'Stale chunks at the stop';
  const say = (value: number): string => String(Number(value.toPrecision(2)));
  return `From ${shown(xColumn, first.x)} to ${shown(xColumn, last.x)} ${columnLabel(xColumn)} the chunks left for the stop ${first.y <= last.y ? 'grow' : 'fall'} from ${say(first.y)} to ${say(last.y)}`;
}

export const staleAtStop: Figure = {
  type: 'stale-chunks',
  summary: 'chunks that pre-flush leaves for the stop, over the write rate, with the line of queueing theory',
  draw(data, spec: FigureSpec) {
    const rows = selected(data.summary, spec, EARLY);
    const xColumn = xColumnOf(rows, spec.x ? spec : { ...spec, x: RATE });
    if (!xColumn || rows.length === 0) return undefined;
    const measured = linesOf(rows, spec, xColumn, metricColumns(METRIC));
    const theory = theoryLines(rows, spec, xColumn);
    const lines = [...measured, ...theory];
    const dashed =
      theory.length > 0
        ? ' Dashed: the machine-repair queue in its steady state, one flusher that has the storage to itself (here the guest writes too).'
        : '';
    return {
      title: spec.title ?? finding(lines, xColumn),
      subtitle: `Mean stale chunks at the stop, ${replicationsText(rows)}; bars are 95 % intervals.${dashed}`,
      width: lineChartWidth(lines),
      height: HEIGHT,
      options: lineChartOptions({
        lines,
        xColumn,
        yColumn: METRIC,
        yLabel: 'stale chunks at the stop',
        height: HEIGHT,
      }),
    };
  },
};
