/** All cells, one after another, and the rows as CSV. */
import { type Columns, csvOfEach, markOf, rounded } from '../columns.js';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { DISK_BYTES, togetherCells } from './grid.js';
import { CLUSTER_BYTES, GRANULARITY_BYTES, playTogether, type TogetherRow } from './play.js';

interface Played extends TogetherRow {
  readonly qemu: string;
}

const COLUMNS: Columns<[played: Played]> = {
  qemu: ({ qemu }) => qemu,
  config: ({ cell }) => cell.config,
  repeat: ({ repeat }) => repeat,
  phase: ({ phase }) => phase,
  vms: ({ cell }) => cell.vms,
  vm: ({ vm }) => vm,
  channels: ({ cell }) => cell.channels,
  rate_bytes_per_s: ({ cell }) => cell.rateBytesPerS,
  disk_bytes: () => DISK_BYTES,
  cluster_bytes: () => CLUSTER_BYTES,
  granularity_bytes: () => GRANULARITY_BYTES,
  bitmaps: ({ cell }) => cell.bitmaps,
  dirty_clusters: ({ dirtyClusters }) => dirtyClusters,
  old_clusters: ({ oldClusters }) => oldClusters,
  discard: () => 1,
  write_64k_us: ({ calibration }) => rounded(calibration.write64kUs, 1),
  write_4k_us: ({ calibration }) => rounded(calibration.write4kUs, 1),
  read_64k_us: ({ calibration }) => rounded(calibration.read64kUs, 1),
  flush_us: ({ calibration }) => rounded(calibration.flushUs, 1),
  trim_64k_us: ({ calibration }) => rounded(calibration.trim64kUs, 1),
  stream_mb_per_s: ({ calibration }) => rounded(calibration.streamMbPerS, 1),
  write_1m_us: ({ calibration }) => rounded(calibration.write1mUs, 1),
  read_1m_us: ({ calibration }) => rounded(calibration.read1mUs, 1),
  loaded_write_64k_us: ({ loaded }) => rounded(loaded.write64kUs, 1),
  loaded_write_4k_us: ({ loaded }) => rounded(loaded.write4kUs, 1),
  loaded_trim_64k_us: ({ loaded }) => rounded(loaded.trim64kUs, 1),
  start_ms: ({ startMs }) => rounded(startMs, 3),
  baseline_ms: ({ baselineMs }) => rounded(baselineMs, 3),
  together_bitmap_ms: ({ bitmapMs }) => rounded(bitmapMs, 3),
  load1: ({ load1 }) => rounded(load1, 2),
};

/** What such a file begins with. */
export const TOGETHER_CSV_MARK = markOf(COLUMNS);

/** Plays them all, each `repeats` times. */
export async function measureTogether(
  cleanup: Cleanup,
  repeats: number,
  onStep: (done: number, of: number) => void,
): Promise<readonly Played[]> {
  const qemu = await requireQemu('measure --together', ['nbdkit']);
  const cells = togetherCells();
  const played: Played[] = [];
  for (const [i, cell] of cells.entries()) {
    const rows = await withScope(cleanup, (scope) => playTogether(scope, cell, repeats));
    played.push(...rows.map((row) => ({ ...row, qemu })));
    onStep(i + 1, cells.length);
  }
  return played;
}

/** The rows, for `stopgap validate`. */
export function togetherCsv(rows: readonly Played[]): string {
  return csvOfEach(COLUMNS, rows);
}
