/** `workload --json` and `--csv`, in pieces, because a month of seconds has millions of windows. */
import { stringify } from 'csv-stringify/sync';
import type { WorkloadStatistics } from '../traces/statistics/statistics.js';

const WINDOWS_PER_PIECE = 20_000;

/** Writes per second over the trace; null where all records bear the same time. */
function writesPerS(stats: WorkloadStatistics): number | null {
  return stats.durationNs > 0 ? (stats.writes / stats.durationNs) * 1e9 : null;
}

/** Start of window k in seconds, without the rounding of k times a decimal fraction. */
const windowStartS = (stats: WorkloadStatistics, k: number): number => (k * stats.options.windowNs) / 1e9;

/** The JSON text. `new_chunks` is that of the first chunk size. */
export function* workloadJson(stats: WorkloadStatistics): Generator<string> {
  const { windows, options } = stats;
  const head = {
    format: stats.format,
    records: stats.records,
    writes: stats.writes,
    duration_s: stats.durationNs / 1e9,
    write_iops: writesPerS(stats),
    bytes_written: stats.bytesWritten,
    footprint_granules: stats.footprintGranules,
    granularity_bytes: options.granularityBytes,
    chunk_bytes: options.chunksBytes[0],
  };
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "windows": [`;
  let piece: string[] = [];
  for (let k = 0; k < stats.windowCount; k++) {
    const row = {
      t_s: windowStartS(stats, k),
      writes: windows.writes[k],
      new_granules: windows.newGranules[k],
      new_chunks: windows.newChunks[0]![k],
    };
    piece.push(`${k === 0 ? '' : ','}\n    ${JSON.stringify(row)}`);
    if (piece.length === WINDOWS_PER_PIECE) {
      yield piece.join('');
      piece = [];
    }
  }
  yield `${piece.join('')}\n  ]\n}\n`;
}

/** One row a window, with the running total of set bits. */
export function* workloadCsv(stats: WorkloadStatistics): Generator<string> {
  const { windows } = stats;
  const header = ['t_s', 'writes', 'bytes_written', 'new_granules', 'set_granules', 'new_chunks'];
  let rows: (string | number)[][] = [header];
  let set = 0;
  for (let k = 0; k < stats.windowCount; k++) {
    set += windows.newGranules[k]!;
    rows.push([
      windowStartS(stats, k),
      windows.writes[k]!,
      windows.bytes[k]!,
      windows.newGranules[k]!,
      set,
      windows.newChunks[0]![k]!,
    ]);
    if (rows.length >= WINDOWS_PER_PIECE) {
      yield stringify(rows);
      rows = [];
    }
  }
  yield stringify(rows);
}
