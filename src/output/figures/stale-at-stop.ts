/** Stale chunks left at the stop against the guest's write rate, with the line that queueing theory expects. */

import { DEFINITIONS, flushesEarly } from '../../sim/strategies/lookup.js';
import { fixedRepairStaleMean } from '../../sim/theory/repair.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import { num, selected } from './data.js';
import { drawLines } from './draw-lines.js';
import type { Figure } from './figure.js';
import { type Line, linesOf, xColumnOf } from './series.js';
import type { Split } from './split.js';

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

function theoryLines(
  all: readonly Row[],
  rows: readonly Row[],
  xColumn: string,
  split: Split,
): readonly Line[] {
  const expected = rows
    .map((row) => ({ ...row, theory: String(theoryOf(row)) }))
    .filter((row) => row.theory !== 'NaN');
  const metric = { mean: 'theory', low: '', high: '', p50: '', p95: '' };
  return linesOf({ rows: expected, all, xColumn, metric, split }).map((line) => ({ ...line, theory: true }));
}

export const staleAtStop: Figure = {
  type: 'stale-chunks',
  summary: 'chunks that pre-flush leaves for the stop, over the write rate, with the line of queueing theory',
  draw(data, spec: FigureSpec) {
    const rows = selected(data.summary, spec, EARLY);
    const xColumn = xColumnOf(rows, spec.x ? spec : { ...spec, x: RATE });
    if (!xColumn || rows.length === 0) return undefined;
    const hasTheory = rows.some((row) => Number.isFinite(theoryOf(row)));
    const remark = hasTheory
      ? ' Dashed: the machine-repair queue in its steady state, one flusher that has the storage to itself (here the guest writes too).'
      : '';
    return drawLines({
      data,
      spec,
      rows,
      xColumn,
      metric: METRIC,
      how: 'Mean stale chunks at the stop',
      more: (split) => theoryLines(data.summary, rows, xColumn, split),
      remark,
    });
  },
};
