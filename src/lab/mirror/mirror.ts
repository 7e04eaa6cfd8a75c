/** All situations, again and again, and the rows as CSV. */
import { type Columns, csvOfEach, markOf, rounded } from '../columns.js';
import type { Cleanup } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { MIRROR_GRID, MIRROR_HOST_GRID } from './grid.js';
import { DISK_BYTES, type MirrorRow, type MirrorSituation, measureMirror } from './mirror-stop.js';
import { CHUNK_BYTES } from './sides.js';

export interface PlayedMirror extends MirrorRow {
  readonly qemu: string;
  readonly repeat: number;
  readonly situation: MirrorSituation;
  /** It says what the host is, and is not judged. */
  readonly forHost: boolean;
}

const COLUMNS: Columns<[row: PlayedMirror]> = {
  config: ({ situation }) => configName(situation),
  qemu: ({ qemu }) => qemu,
  repeat: ({ repeat }) => repeat,
  for_host: ({ forHost }) => Number(forHost),
  copy_mode: ({ situation }) => situation.copyMode,
  disk_bytes: () => DISK_BYTES,
  data_bytes: ({ dataBytes }) => dataBytes,
  chunk_bytes: () => CHUNK_BYTES,
  dirty_chunks: ({ situation }) => situation.dirtyChunks,
  bitmaps: ({ situation }) => situation.bitmaps,
  granularity_bytes: ({ situation }) => situation.granularityBytes,
  source_read_64k_us: ({ source }) => rounded(source.read64kUs, 1),
  source_flush_us: ({ source }) => rounded(source.flushUs, 1),
  target_write_64k_us: ({ target }) => rounded(target.write64kUs, 1),
  target_flush_us: ({ target }) => rounded(target.flushUs, 1),
  measured_ready_ms: ({ readyMs }) => rounded(readyMs, 3),
  end_answered_ms: ({ endAnsweredMs }) => rounded(endAnsweredMs, 3),
  go_on_answered_ms: ({ goOnAnsweredMs }) => rounded(goOnAnsweredMs, 3),
  run_answered_ms: ({ runAnsweredMs }) => rounded(runAnsweredMs, 3),
  measured_mirror_ms: ({ mirrorMs }) => rounded(mirrorMs, 3),
  measured_source_ms: ({ sourceMs }) => rounded(sourceMs, 3),
  measured_blackout_ms: ({ blackoutMs }) => rounded(blackoutMs, 3),
  copied_chunks: ({ copiedChunks }) => copiedChunks,
  other_writes: ({ otherWrites }) => otherWrites,
  flushes: ({ flushes }) => flushes,
  destination_reads: ({ destinationReads }) => destinationReads,
  load1: ({ load1 }) => rounded(load1, 2),
};

/** What such a file begins with. */
export const MIRROR_CSV_MARK = markOf(COLUMNS);

/**
 * Plays one situation.
 * @internal
 */
export async function playMirror(
  cleanup: Cleanup,
  situation: MirrorSituation,
  beside: Pick<PlayedMirror, 'qemu' | 'repeat' | 'forHost'>,
): Promise<PlayedMirror> {
  return { ...(await measureMirror(cleanup, situation)), ...beside, situation };
}

/** Plays every situation once, those for the host first, then again: what the machine does meanwhile falls on all alike. */
export async function playMirrors(
  cleanup: Cleanup,
  repeats: number,
  onStep: (done: number, of: number) => void,
  onRound: (rows: readonly PlayedMirror[]) => void = () => {},
): Promise<PlayedMirror[]> {
  const qemu = await requireQemu('measure --mirror', ['nbdkit']);
  const rows: PlayedMirror[] = [];
  const grids = [
    [true, MIRROR_HOST_GRID],
    [false, MIRROR_GRID],
  ] as const;
  const all = repeats * (MIRROR_HOST_GRID.length + MIRROR_GRID.length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [forHost, grid] of grids)
      for (const situation of grid) {
        rows.push(await playMirror(cleanup, situation, { qemu, repeat, forHost }));
        onStep(rows.length, all);
      }
    onRound(rows);
  }
  return rows;
}

/** The rows, for `stopgap validate`. */
export function mirrorCsv(rows: readonly PlayedMirror[]): string {
  return csvOfEach(COLUMNS, rows);
}

function configName(situation: MirrorSituation): string {
  const { copyMode, sourceDelayMs, targetDelayMs, dirtyChunks, bitmaps, granularityBytes } = situation;
  const parts = [
    `source_ms=${sourceDelayMs}`,
    `target_ms=${targetDelayMs}`,
    `chunks=${dirtyChunks}`,
    `bitmaps=${bitmaps}`,
    `gran=${granularityBytes}`,
  ];
  return `${copyMode}:${parts.join(',')}`;
}
