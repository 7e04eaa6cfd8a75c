/** All situations, again and again, with what the machine could do just before; and the rows as CSV. */
import { type Columns, csvOfEach, markOf, rounded } from '../columns.js';
import type { Cleanup } from '../process/cleanup.js';
import { requireQemu } from '../qemu/qemu.js';
import { guestBytes } from './dirty-guest.js';
import { BARE_STOP, PAGES, RAM_GRID } from './grid.js';
import { measureRam, type RamRow, type RamSituation } from './ram-stop.js';

const PAGE_BYTES = 4096;

/** What the two QEMUs can do on this machine at this hour. */
interface Machine {
  /** Its QEMU. */
  readonly release: string;
  /** Of one page that is not zero, sender and receiver together. */
  readonly pageUs: number;
  /** A stop with nothing left to send. */
  readonly sourceMs: number;
  readonly blackoutMs: number;
}

export interface CalibratedRow extends RamRow {
  readonly machine: Machine;
}

const COLUMNS: Columns<[row: CalibratedRow]> = {
  config: ({ situation }) => configName(situation),
  qemu: ({ machine }) => machine.release,
  repeat: ({ repeat }) => repeat,
  ram_bytes: ({ situation }) => guestBytes(situation),
  used_bytes: ({ situation }) => situation.usedBytes,
  working_set_bytes: ({ situation }) => situation.workingSetBytes,
  pages_per_s: ({ situation }) => situation.pagesPerS,
  max_bytes_per_s: ({ situation }) => situation.maxBytesPerS || undefined,
  limit_ms: ({ situation }) => situation.limitMs,
  wire_bytes_per_s: ({ situation }) => situation.wireBytesPerS || undefined,
  bitmap_bits: ({ situation }) => situation.bitmapBits,
  page_us: ({ machine }) => rounded(machine.pageUs, 3),
  base_source_ms: ({ machine }) => rounded(machine.sourceMs, 3),
  base_blackout_ms: ({ machine }) => rounded(machine.blackoutMs, 3),
  writes_per_s: ({ writesPerS }) => rounded(writesPerS, 1),
  converged: ({ converged }) => Number(converged),
  running_ms: ({ stop }) => rounded(stop?.runningMs, 3),
  precopy_bytes: ({ stop }) => stop?.precopyBytes,
  ram_left_bytes: ({ stop }) => stop?.downtimeBytes,
  dirty_syncs: ({ stop }) => stop?.syncs,
  measured_source_ms: ({ stop }) => rounded(stop?.sourceMs, 3),
  measured_blackout_ms: ({ stop }) => rounded(stop?.blackoutMs, 3),
  load1: ({ load1 }) => rounded(load1, 2),
};

/** What the other ways have beside. */
const WAYS_COLUMNS: typeof COLUMNS = {
  ...COLUMNS,
  way: ({ situation }) => situation.way,
  postcopy_bytes: ({ stop }) => stop?.postcopyBytes,
  follows_ms: ({ stop }) => rounded(stop?.followsMs, 3),
};

/** What such a file begins with. */
export const RAM_CSV_MARK = markOf(COLUMNS);
export const WAYS_CSV_MARK = markOf(WAYS_COLUMNS);

/** Measures every situation once, then again: what the machine does meanwhile falls on all alike. */
export async function measureRamGrid(
  cleanup: Cleanup,
  repeats: number,
  onStep: (done: number, of: number) => void,
  grid: readonly RamSituation[] = RAM_GRID,
): Promise<CalibratedRow[]> {
  const release = await requireQemu('measure --ram');
  const rows: CalibratedRow[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const machine = machineFrom(
      release,
      await measureRam(cleanup, PAGES, repeat),
      await measureRam(cleanup, BARE_STOP, repeat),
    );
    for (const situation of grid) {
      rows.push({ ...(await measureRam(cleanup, situation, repeat)), machine });
      onStep(rows.length, repeats * grid.length);
    }
  }
  return rows;
}

/** The rows, for `stopgap validate`. */
export function ramCsv(rows: readonly CalibratedRow[], columns = COLUMNS): string {
  return csvOfEach(columns, rows);
}

/** Those of the other ways. */
export const waysCsv = (rows: readonly CalibratedRow[]): string => ramCsv(rows, WAYS_COLUMNS);

function machineFrom(release: string, pages: RamRow, bare: RamRow): Machine {
  const { runningMs = 0 } = pages.stop ?? {};
  const { sourceMs = 0, blackoutMs = 0 } = bare.stop ?? {};
  return {
    release,
    pageUs: (runningMs * 1000) / (pages.situation.usedBytes / PAGE_BYTES),
    sourceMs,
    blackoutMs,
  };
}

function configName(situation: RamSituation): string {
  const mib = (bytes: number): string => `${bytes / 2 ** 20}M`;
  const parts = [
    `ram=${mib(situation.spanBytes)}`,
    `used=${mib(situation.usedBytes)}`,
    `set=${mib(situation.workingSetBytes)}`,
    `pages=${situation.pagesPerS}`,
    `limit_ms=${situation.limitMs}`,
    situation.maxBytesPerS > 0 ? `max=${mib(situation.maxBytesPerS)}` : 'max=none',
    situation.wireBytesPerS > 0 ? `wire=${situation.wireBytesPerS / 1e6}MB` : 'wire=socket',
    ...(situation.bitmapBits > 0 ? [`bits=${situation.bitmapBits}`] : []),
  ];
  return `${groupOf(situation)}:${parts.join(',')}`;
}

/** The first word of a name is what the table of `validate` groups by. */
function groupOf({
  spanBytes,
  usedBytes,
  wireBytesPerS,
  maxBytesPerS,
  bitmapBits,
  way,
}: RamSituation): string {
  if (way) return way;
  if (bitmapBits > 0) return 'bitmap';
  if (usedBytes < spanBytes) return 'zero pages';
  if (wireBytesPerS === 0) return maxBytesPerS > 0 ? 'socket limited' : 'socket';
  return maxBytesPerS > 0 ? 'wire limited' : 'wire';
}
