/** All cells, one after another, and the rows as CSV. */
import { stringify } from 'csv-stringify/sync';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { DISK_BYTES, togetherCells } from './grid.js';
import { CLUSTER_BYTES, GRANULARITY_BYTES, playTogether, type TogetherRow } from './play.js';

interface Played extends TogetherRow {
  readonly qemu: string;
}

type Written = string | number | undefined;

const digits = (value: number, count: number): number => Number(value.toFixed(count));

const COLUMNS: Readonly<Record<string, (played: Played) => Written>> = {
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
  write_64k_us: ({ calibration }) => digits(calibration.write64kUs, 1),
  write_4k_us: ({ calibration }) => digits(calibration.write4kUs, 1),
  read_64k_us: ({ calibration }) => digits(calibration.read64kUs, 1),
  flush_us: ({ calibration }) => digits(calibration.flushUs, 1),
  trim_64k_us: ({ calibration }) => digits(calibration.trim64kUs, 1),
  stream_mb_per_s: ({ calibration }) => digits(calibration.streamMbPerS, 1),
  write_1m_us: ({ calibration }) => digits(calibration.write1mUs, 1),
  read_1m_us: ({ calibration }) => digits(calibration.read1mUs, 1),
  loaded_write_64k_us: ({ loaded }) => digits(loaded.write64kUs, 1),
  loaded_write_4k_us: ({ loaded }) => digits(loaded.write4kUs, 1),
  loaded_trim_64k_us: ({ loaded }) => digits(loaded.trim64kUs, 1),
  start_ms: ({ startMs }) => digits(startMs, 3),
  baseline_ms: ({ baselineMs }) => digits(baselineMs, 3),
  together_bitmap_ms: ({ bitmapMs }) => digits(bitmapMs, 3),
  load1: ({ load1 }) => digits(load1, 2),
};

/** What such a file begins with. */
export const TOGETHER_CSV_MARK = new RegExp(`^${Object.keys(COLUMNS).join(',')}\\r?\\n`);

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
  const written = rows.map((row) => Object.values(COLUMNS).map((cell) => cell(row) ?? ''));
  return stringify([Object.keys(COLUMNS), ...written]);
}
