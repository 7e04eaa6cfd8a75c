/** All situations, again and again, and the rows as CSV. */
import { stringify } from 'csv-stringify/sync';
import type { Cleanup } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { MIRROR_GRID, MIRROR_HOST_GRID } from './grid.js';
import {
  CHUNK_BYTES,
  DISK_BYTES,
  type MirrorRow,
  type MirrorSituation,
  measureMirror,
} from './mirror-stop.js';

export interface PlayedMirror extends MirrorRow {
  readonly qemu: string;
  readonly repeat: number;
  readonly situation: MirrorSituation;
  /** It says what the host is, and is not judged. */
  readonly forHost: boolean;
}

type Cell = string | number | undefined;

const digits = (value: number, count: number): Cell => Number(value.toFixed(count));

const COLUMNS: Readonly<Record<string, (row: PlayedMirror) => Cell>> = {
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
  source_read_64k_us: ({ source }) => digits(source.read64kUs, 1),
  source_flush_us: ({ source }) => digits(source.flushUs, 1),
  target_write_64k_us: ({ target }) => digits(target.write64kUs, 1),
  target_flush_us: ({ target }) => digits(target.flushUs, 1),
  measured_ready_ms: ({ readyMs }) => digits(readyMs, 3),
  end_answered_ms: ({ endAnsweredMs }) => digits(endAnsweredMs, 3),
  go_on_answered_ms: ({ goOnAnsweredMs }) => digits(goOnAnsweredMs, 3),
  run_answered_ms: ({ runAnsweredMs }) => digits(runAnsweredMs, 3),
  measured_mirror_ms: ({ mirrorMs }) => digits(mirrorMs, 3),
  measured_source_ms: ({ sourceMs }) => digits(sourceMs, 3),
  measured_blackout_ms: ({ blackoutMs }) => digits(blackoutMs, 3),
  copied_chunks: ({ copiedChunks }) => copiedChunks,
  other_writes: ({ otherWrites }) => otherWrites,
  flushes: ({ flushes }) => flushes,
  destination_reads: ({ destinationReads }) => destinationReads,
  load1: ({ load1 }) => digits(load1, 2),
};

/** What such a file begins with. */
export const MIRROR_CSV_MARK = new RegExp(`^${Object.keys(COLUMNS).join(',')}\\r?\\n`);

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
  const cells = rows.map((row) => Object.values(COLUMNS).map((cell) => cell(row) ?? ''));
  return stringify([Object.keys(COLUMNS), ...cells]);
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
