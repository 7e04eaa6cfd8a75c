/** All cells, one after another; the rows as CSV. A campaign that was ended goes on where it was. */
import { availableParallelism } from 'node:os';
import { parse } from 'csv-parse/sync';
import { type Columns, cellsOf, csvOf, markOf, rounded } from '../columns.js';
import type { Cleanup } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { SPELLS_GRID } from './grid.js';
import { type PlayedCell, playSpellsCell, type SpellStop } from './spell-stop.js';

const COLUMNS: Columns<[played: PlayedCell, stop: SpellStop, qemu: string]> = {
  config: ({ cell }) => cell.name,
  qemu: (_, __, qemu) => qemu,
  repeat: (_, { repeat }) => repeat,
  disk_bytes: ({ cell }) => cell.image.diskBytes,
  cluster_bytes: ({ cell }) => cell.image.clusterBytes,
  granularity_bytes: ({ cell }) => cell.image.granularityBytes,
  bitmaps: ({ cell }) => cell.image.bitmaps,
  set_bits: ({ setBits }) => setBits,
  dirty_clusters: ({ dirtyClusters }) => dirtyClusters,
  discard: ({ cell }) => Number(cell.image.discard),
  given_request_us: ({ cell }) => cell.law.requestUs,
  given_flush_us: ({ cell }) => cell.law.flushUs,
  level_spread: ({ cell }) => cell.law.levelSpread,
  slow_factor: ({ cell }) => cell.law.slowFactor,
  slow_ms: ({ cell }) => cell.law.slowMs,
  fast_ms: ({ cell }) => cell.law.fastMs,
  neighbour_depth: ({ cell }) => cell.neighbour?.depth ?? 0,
  neighbour_here_ms: ({ cell }) => cell.neighbour?.hereMs,
  neighbour_away_ms: ({ cell }) => cell.neighbour?.awayMs,
  write_64k_us: ({ calibration }) => rounded(calibration.write64kUs, 1),
  write_4k_us: ({ calibration }) => rounded(calibration.write4kUs, 1),
  read_64k_us: ({ calibration }) => rounded(calibration.read64kUs, 1),
  flush_us: ({ calibration }) => rounded(calibration.flushUs, 1),
  trim_64k_us: ({ calibration }) => rounded(calibration.trim64kUs, 1),
  base_ms: ({ baseMs }) => rounded(baseMs, 3),
  budget_ms: ({ budgetMs }) => budgetMs,
  measured_stop_ms: (_, { stopMs }) => rounded(stopMs, 3),
  writes: (_, { requests }) => requests.writes,
  write_bytes: (_, { requests }) => requests.writeBytes,
  flushes: (_, { requests }) => requests.flushes,
  reads: (_, { requests }) => requests.reads,
  read_bytes: (_, { requests }) => requests.readBytes,
  trims: (_, { requests }) => requests.trims,
  load1: (_, { load1 }) => rounded(load1, 2),
  processors: () => availableParallelism(),
};

/** What such a file begins with. */
export const SPELLS_CSV_MARK = markOf(COLUMNS);

type Row = readonly (string | number)[];

/**
 * Plays what of the grid is not in `before`, the text of an earlier file of the same campaign. `save` is given the whole file
 * after each cell.
 */
export async function playSpells(
  cleanup: Cleanup,
  repeats: number,
  onStep: (done: number, of: number) => void,
  { before, save }: { readonly before: string | undefined; readonly save: (csv: string) => void },
): Promise<string> {
  const qemu = await requireQemu('measure --spells', ['nbdkit', 'fio']);
  const cells = new Map<string, readonly Row[]>();
  for (const row of rowsIn(before)) cells.set(row[0]!, [...(cells.get(row[0]!) ?? []), row]);
  const text = (): string =>
    csvOf(
      COLUMNS,
      SPELLS_GRID.flatMap(({ name }) => cells.get(name) ?? []),
    );
  for (const [i, cell] of SPELLS_GRID.entries()) {
    if (cells.get(cell.name)?.length !== repeats) {
      cells.set(cell.name, rowsOf(await playSpellsCell(cleanup, cell, repeats), qemu));
      save(text());
    }
    onStep(i + 1, SPELLS_GRID.length);
  }
  return text();
}

function rowsIn(csv: string | undefined): readonly (readonly string[])[] {
  return csv !== undefined && SPELLS_CSV_MARK.test(csv) ? parse(csv, { from_line: 2 }) : [];
}

/** The rows of a cell. */
function rowsOf(played: PlayedCell, qemu: string): Row[] {
  return played.stops.map((stop) => cellsOf(COLUMNS, played, stop, qemu));
}

/**
 * The rows of some cells as a file.
 * @internal
 */
export function spellsCsv(played: readonly PlayedCell[], qemu: string): string {
  return csvOf(
    COLUMNS,
    played.flatMap((each) => rowsOf(each, qemu)),
  );
}
