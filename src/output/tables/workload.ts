/** A trace's statistics for a terminal: the numbers, the first-touch curve, and stale chunks per window. */
import { formatSize, formatTime } from '../../base/units.js';
import type { WorkloadStatistics } from '../../traces/statistics/statistics.js';
import type { DrawTable } from '../table.js';

const LABEL_CELLS = 11;
const CURVE_ROWS = 10;
const BAR_CELLS = 24;
const SPARK_CELLS = 40;
const SPARKS = '▁▂▃▄▅▆▇█';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const short = (value: number): string => (value >= 100 ? count(value) : String(Number(value.toPrecision(3))));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function numbers(stats: WorkloadStatistics): string {
  const { durationNs, writes, options } = stats;
  const seconds = durationNs / 1e9;
  const peak = stats.windows.writes.reduce((most, value) => Math.max(most, value), 0);
  const perWrite = writes > 0 ? `, ${formatSize(stats.bytesWritten / writes)} a write` : '';
  const mean = seconds > 0 ? `${short(writes / seconds)} a second on average, ` : '';
  const rows = [
    ['format', stats.format],
    ['devices', stats.devices.length === 1 ? stats.devices[0]! : count(stats.devices.length)],
    ['duration', formatTime(durationNs)],
    [
      'records',
      `${count(stats.records)}, of them ${count(writes)} writes and ${count(stats.discards)} discards`,
    ],
    ['writes', `${mean}at most ${count(peak)} in ${formatTime(options.windowNs)}`],
    ['written', `${formatSize(stats.bytesWritten)}${perWrite}`],
    [
      'footprint',
      `${count(stats.footprintGranules)} ${stats.footprintGranules === 1 ? 'granule' : 'granules'} of ${formatSize(options.granularityBytes)} = ${formatSize(stats.footprintGranules * options.granularityBytes)}`,
    ],
    [
      'rewrites',
      writes > 0 ? `${percent(stats.rewrites / writes)} of the writes set no new bit` : 'no writes',
    ],
  ];
  return rows.map(([what, value]) => `${what!.padEnd(LABEL_CELLS)}${value}`).join('\n');
}

/** Ends of windows: the first, a hundredth, and every tenth of the trace. */
function curveWindows(windowCount: number): number[] {
  const ends = new Set([1, Math.ceil(windowCount / 100)]);
  for (let i = 1; i <= CURVE_ROWS; i++) ends.add(Math.ceil((windowCount * i) / CURVE_ROWS));
  return [...ends].sort((a, b) => a - b);
}

function firstTouches(stats: WorkloadStatistics, table: DrawTable): string {
  const { windows, windowCount, options } = stats;
  const rows: string[][] = [];
  let k = 0;
  let writes = 0;
  let set = 0;
  for (const end of curveWindows(windowCount)) {
    for (; k < end; k++) {
      writes += windows.writes[k]!;
      set += windows.newGranules[k]!;
    }
    const share = stats.footprintGranules > 0 ? set / stats.footprintGranules : 0;
    const bar = '█'.repeat(Math.round(share * BAR_CELLS));
    rows.push([formatTime(end * options.windowNs), count(writes), count(set), percent(share), bar]);
  }
  const columns = ['after', 'writes', 'granules set', 'of all'].map(
    (title) => ({ title, align: 'right' }) as const,
  );
  return table([...columns, { title: '', spare: true }], rows);
}

/**
 * The mean of each part of the column, as blocks of eight heights.
 * @internal
 */
export function sparkline(values: Float64Array): string {
  const cells = Math.min(SPARK_CELLS, values.length);
  const means = Array.from({ length: cells }, (_, i) => {
    const from = Math.floor((i * values.length) / cells);
    const to = Math.floor(((i + 1) * values.length) / cells);
    return values.subarray(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  });
  const most = Math.max(...means);
  return means.map((mean) => (mean === 0 ? ' ' : SPARKS[Math.ceil((mean / most) * 8) - 1])).join('');
}

function staleChunks(stats: WorkloadStatistics, table: DrawTable): string {
  const rows: string[][] = [];
  const order = stats.options.chunksBytes.map((bytes, i) => ({ bytes, i })).sort((a, b) => a.bytes - b.bytes);
  for (const { bytes, i } of order) {
    const column = stats.windows.newChunks[i]!;
    const sorted = column.slice().sort();
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    rows.push([
      formatSize(bytes),
      short(mean),
      count(sorted[Math.ceil(sorted.length * 0.95) - 1]!),
      count(sorted[sorted.length - 1]!),
      `${formatSize((mean * bytes) / (stats.options.windowNs / 1e9))}/s`,
      sparkline(column),
    ]);
  }
  const columns = ['chunk', 'mean', 'p95', 'most', 'rewritten'].map(
    (title) => ({ title, align: 'right' }) as const,
  );
  return table([...columns, { title: 'over time', spare: true }], rows);
}

/** The whole text, ready for stdout. */
export function workloadTable(stats: WorkloadStatistics, table: DrawTable): string {
  const window = formatTime(stats.options.windowNs);
  return [
    numbers(stats),
    '',
    'First touches (all bits clear at the first record)',
    firstTouches(stats, table),
    '',
    `Stale chunks per window of ${window}, were each written back once a window`,
    staleChunks(stats, table),
    '',
  ].join('\n');
}
