/** All situations of a mirror under a writing guest, again and again, and the rows as CSV. */
import { type Columns, csvOfEach, markOf, rounded } from '../columns.js';
import type { Cleanup } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { WRITES_GRID } from './grid.js';
import { CHUNK_BYTES } from './sides.js';
import {
  measureUntilReady,
  PATIENCE_MS,
  WRITES_DATA_BYTES,
  WRITES_DISK_BYTES,
  type WritesRow,
  type WritesSituation,
} from './until-ready.js';

export interface PlayedWrites extends WritesRow {
  readonly qemu: string;
  readonly repeat: number;
  readonly situation: WritesSituation;
}

const COLUMNS: Columns<[row: PlayedWrites]> = {
  config: ({ situation }) => configName(situation),
  qemu: ({ qemu }) => qemu,
  repeat: ({ repeat }) => repeat,
  disk_bytes: () => WRITES_DISK_BYTES,
  data_bytes: () => WRITES_DATA_BYTES,
  chunk_bytes: () => CHUNK_BYTES,
  speed_bytes_per_s: ({ situation }) => situation.speedBytesPerS || undefined,
  source_read_64k_us: ({ source }) => rounded(source.read64kUs, 1),
  source_read_1m_us: ({ source }) => rounded(source.read1mUs, 1),
  target_write_4k_us: ({ target }) => rounded(target.write4kUs, 1),
  target_write_64k_us: ({ target }) => rounded(target.write64kUs, 1),
  target_write_1m_us: ({ target }) => rounded(target.write1mUs, 1),
  target_flush_us: ({ target }) => rounded(target.flushUs, 1),
  patience_ms: () => PATIENCE_MS,
  writes_per_s: ({ writesPerS }) => rounded(writesPerS, 2),
  ready: ({ readyMs }) => Number(readyMs !== undefined),
  ready_under_writes_ms: ({ readyMs }) => rounded(readyMs, 3),
  copied_bytes: ({ copiedBytes }) => copiedBytes,
  left_bytes: ({ leftBytes }) => leftBytes,
  load1: ({ load1 }) => rounded(load1, 2),
};

/** What such a file begins with. */
export const WRITES_CSV_MARK = markOf(COLUMNS);

/**
 * Plays one situation.
 * @internal
 */
export async function playWrites(
  cleanup: Cleanup,
  situation: WritesSituation,
  { qemu, repeat }: Pick<PlayedWrites, 'qemu' | 'repeat'>,
): Promise<PlayedWrites> {
  return { ...(await measureUntilReady(cleanup, situation, repeat)), qemu, repeat, situation };
}

/** Plays every situation once, then again: what the machine does meanwhile falls on all alike. */
export async function playAllWrites(
  cleanup: Cleanup,
  repeats: number,
  onStep: (done: number, of: number) => void,
  onRow: (rows: readonly PlayedWrites[]) => void = () => {},
): Promise<PlayedWrites[]> {
  const qemu = await requireQemu('measure --mirror-writes', ['nbdkit']);
  const rows: PlayedWrites[] = [];
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const situation of WRITES_GRID) {
      rows.push(await playWrites(cleanup, situation, { qemu, repeat }));
      onRow(rows);
      onStep(rows.length, repeats * WRITES_GRID.length);
    }
  return rows;
}

/** The rows, for `stopgap validate`. */
export function writesCsv(rows: readonly PlayedWrites[]): string {
  return csvOfEach(COLUMNS, rows);
}

/** The first word of a name is what the table of `validate` groups by. */
function configName({
  by,
  speedBytesPerS,
  sourceDelayMs,
  targetDelayMs,
  writesPerS,
}: WritesSituation): string {
  const parts = [
    ...(speedBytesPerS > 0 ? [`speed=${speedBytesPerS / 2 ** 20}M`] : []),
    `source_ms=${sourceDelayMs}`,
    `target_ms=${targetDelayMs}`,
    `writes=${writesPerS}`,
  ];
  return `${by}:${parts.join(',')}`;
}
