/** All cells, one after another, and the rows as CSV. */
import { formatSize } from '../../base/units.js';
import { type Columns, csvOfEach, markOf, rounded } from '../columns.js';
import type { Cleanup } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { guestBytes } from '../ram/dirty-guest.js';
import { type Cell, guestOf, stackCells, WIRE_BYTES_PER_S } from './grid.js';
import { KNOB_COLUMNS, knobColumns } from './knobs.js';
import { playStack, type StackRow } from './stack-stop.js';
import { granularityOf, type StackSituation, type Steering, steeringOf } from './steering.js';

export interface PlayedCell extends StackRow {
  readonly cell: Cell;
  readonly situation: StackSituation;
  readonly steering: Steering;
}

const COLUMNS: Columns<[played: PlayedCell]> = {
  config: ({ cell }) => `${cell.stack}:${cell.guestName},disk=${formatSize(cell.diskBytes)}`,
  qemu: ({ situation }) => situation.qemu,
  stack: ({ cell }) => cell.stack,
  guest: ({ cell }) => cell.guestName,
  disk_bytes: ({ cell }) => cell.diskBytes,
  granularity_bytes: ({ steering }) => granularityOf(steering),
  ram_bytes: ({ situation }) => guestBytes(situation.guest),
  used_bytes: ({ situation }) => situation.guest.usedBytes,
  working_set_bytes: ({ situation }) => situation.guest.workingSetBytes,
  wire_bytes_per_s: ({ situation }) => situation.wireBytesPerS || undefined,
  ...Object.fromEntries(
    KNOB_COLUMNS.map((column) => [
      column,
      ({ steering }: PlayedCell) => knobColumns(steering.scenario.migration)[column],
    ]),
  ),
  persistent: ({ steering }) => Number(steering.persistent),
  dirty_bitmaps: ({ steering }) => Number(steering.streams),
  data_file: ({ steering }) => Number(steering.scenario.disks[0]!.dataFile !== undefined),
  writes_per_s: ({ writesPerS }) => rounded(writesPerS, 1),
  wait_rounds_per_s: ({ waitRoundsPerS }) => rounded(waitRoundsPerS ?? undefined, 0),
  peak_bytes_per_s: ({ peakBytesPerS }) => rounded(peakBytesPerS ?? undefined, 0),
  converged: ({ route }) => Number(route !== null),
  route: ({ route }) => route ?? undefined,
  final_limit_ms: ({ limitMs }) => limitMs,
  running_ms: ({ runningMs }) => rounded(runningMs, 0),
  load1: ({ load1 }) => rounded(load1, 2),
};

/** What such a file begins with. */
export const STACKS_CSV_MARK = markOf(COLUMNS);

/**
 * Plays one cell. `wireBytesPerS` 0: over a unix socket.
 * @internal
 */
export async function playCell(
  cleanup: Cleanup,
  cell: Cell,
  qemu: string,
  wireBytesPerS = WIRE_BYTES_PER_S,
): Promise<PlayedCell> {
  const { stack, guestName, diskBytes } = cell;
  const situation = { stack, qemu, guest: guestOf(guestName), diskBytes, wireBytesPerS };
  const steering = await steeringOf(situation);
  return { ...(await playStack(cleanup, situation, steering)), cell, situation, steering };
}

/** Plays them all, `repeats` times. */
export async function playStacks(
  cleanup: Cleanup,
  repeats: number,
  onStep: (done: number, of: number) => void,
): Promise<PlayedCell[]> {
  const qemu = await requireQemu('measure --stacks');
  const cells = Array.from({ length: repeats }, stackCells).flat();
  const played: PlayedCell[] = [];
  for (const cell of cells) {
    played.push(await playCell(cleanup, cell, qemu));
    onStep(played.length, cells.length);
  }
  return played;
}

/** The rows, for `stopgap validate`. */
export function stacksCsv(rows: readonly PlayedCell[]): string {
  return csvOfEach(COLUMNS, rows);
}
