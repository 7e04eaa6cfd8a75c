/** Stale chunks per window, one panel for each chunk size: what a flusher would have to write back. */
import * as Plot from '@observablehq/plot';
import { formatSize, formatTime } from '../../base/units.js';
import type { WorkloadStatistics } from '../../traces/statistics/statistics.js';
import { coloursOf, INK } from './palette.js';
import type { Drawing } from './render.js';
import { timeAxis } from './time-axis.js';

const BINS_MAX = 240;
const PANEL_HEIGHT = 120;
const WIDTH = 800;
const [MEAN_COLOUR] = coloursOf(['trace']) as [string];

interface Bin {
  readonly chunk: string;
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly most: number;
}

interface Column {
  readonly bytes: number;
  readonly chunk: string;
  readonly values: Float64Array;
  readonly mean: number;
}

function bins({ chunk, values }: Column, windowInUnits: number): Bin[] {
  const per = Math.max(1, Math.ceil(values.length / BINS_MAX));
  const rows: Bin[] = [];
  for (let from = 0; from < values.length; from += per) {
    const part = values.subarray(from, from + per);
    rows.push({
      chunk,
      from: from * windowInUnits,
      to: (from + part.length) * windowInUnits,
      mean: part.reduce((sum, value) => sum + value, 0) / part.length,
      most: part.reduce((most, value) => Math.max(most, value), 0),
    });
  }
  return rows;
}

const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(2)));

function describe({ chunk, values, mean, bytes }: Column, windowNs: number): string {
  const sorted = values.slice().sort();
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  const rate = formatSize((mean * bytes) / (windowNs / 1e9));
  return `${chunk}: mean ${short(mean)}, p95 ${short(p95)}, most ${short(sorted.at(-1)!)}; ${rate}/s to write back`;
}

function titleOf(columns: readonly Column[]): string {
  const [fine, coarse] = [columns[0]!, columns.at(-1)!];
  const ratio = (coarse.mean * coarse.bytes) / (fine.mean * fine.bytes);
  if (!Number.isFinite(ratio) || columns.length < 2) return 'Stale chunks per window';
  return `Chunks of ${coarse.chunk} write back ${short(ratio)} times the bytes of chunks of ${fine.chunk}`;
}

/** 1, 2 or 5 times a power of ten, as far apart on a square-root scale as labels need. */
function rootTicks(most: number): number[] {
  const ticks = [0];
  for (let power = 1; power <= most; power *= 10)
    for (const digit of [1, 2, 5]) {
      const tick = digit * power;
      if (tick <= most && Math.sqrt(tick / most) - Math.sqrt(ticks.at(-1)! / most) > 0.25) ticks.push(tick);
    }
  return ticks;
}

/** One panel a chunk size. `name`: of the trace. */
export function staleChunksFigure(stats: WorkloadStatistics, name: string): Drawing {
  const { windowNs, chunksBytes } = stats.options;
  const { unitNs, x } = timeAxis(stats.durationNs);
  const columns = chunksBytes
    .map((bytes, i): Column => {
      const values = stats.windows.newChunks[i]!;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { bytes, chunk: formatSize(bytes), values, mean };
    })
    .sort((a, b) => a.bytes - b.bytes);
  const rows = columns.flatMap((column) => bins(column, windowNs / unitNs));
  const binned = rows.length < columns.length * stats.windowCount;
  const most = Math.max(1, ...rows.map((row) => row.most));
  const notes = columns.map((column) => ({ chunk: column.chunk, text: describe(column, windowNs) }));
  return {
    title: titleOf(columns),
    subtitle: `Chunks of the bitmap with a first touch, per window of ${formatTime(windowNs)}, in ${name}${binned ? ' (bars: most of a bin, line: mean)' : ''}`,
    width: WIDTH,
    height: 70 + PANEL_HEIGHT * columns.length,
    options: {
      x,
      y: {
        type: 'sqrt',
        domain: [0, most],
        label: 'stale chunks per window (square-root scale)',
        labelArrow: 'none',
        ticks: rootTicks(most),
        tickFormat: short,
        grid: true,
      },
      fy: { domain: columns.map((column) => column.chunk), axis: null, padding: 0.28 },
      marginLeft: 50,
      marginTop: 24,
      marginBottom: 40,
      marks: [
        Plot.rectY(rows, {
          fy: 'chunk',
          x1: 'from',
          x2: 'to',
          y: 'most',
          fill: MEAN_COLOUR,
          fillOpacity: 0.35,
          inset: 0,
        }),
        Plot.ruleY(rows, {
          fy: 'chunk',
          x1: 'from',
          x2: 'to',
          y: 'mean',
          stroke: MEAN_COLOUR,
          strokeWidth: 1.5,
        }),
        Plot.ruleY([0], { stroke: '#888' }),
        Plot.text(notes, { fy: 'chunk', text: 'text', frameAnchor: 'top-right', dy: -13, fill: INK }),
      ],
    },
  };
}
