/** Finished replications on their way to the file: each is a place in what its task gave. */
import type { SharedText } from './room.js';
import type { Batch } from './task.js';

/** The rows of one replication, which stand among others. */
export interface DoneRows {
  /** Lines of CSV: those of this replication are text[from..to). */
  readonly text: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Of each row, ms; NaN: the run gave none. Of this replication `rows`, from `firstRow` on. */
  readonly downtimesMs: Float64Array;
  readonly firstRow: number;
  readonly rows: number;
  readonly failures: readonly string[];
  /** Those it was run with; undefined: it was known. */
  readonly fresh?: FreshRows;
}

/** The rows of a task, of which so many replications are still to be handed over. */
interface FreshRows {
  readonly text: SharedText;
  left: number;
}

const NONE: readonly string[] = [];

/** The batch replication by replication; `strategies`: of each, how many rows it has. */
export function doneRows(
  { text, ends, downtimesMs, failures }: Batch,
  strategies: readonly number[],
): DoneRows[] {
  const failed = new Map<number, string[]>();
  for (const { at, text: why } of failures) failed.set(at, [...(failed.get(at) ?? []), why]);
  const fresh: FreshRows = { text, left: strategies.length };
  let firstRow = 0;
  return strategies.map((rows, i) => {
    const [from, first] = [i === 0 ? 0 : ends[i - 1]!, firstRow];
    firstRow += rows;
    return {
      text,
      from,
      to: ends[i]!,
      downtimesMs,
      firstRow: first,
      rows,
      failures: failed.get(i) ?? NONE,
      fresh,
    };
  });
}

/** Downtime of one of the rows, ms; NaN: the run gave none. */
export const downtimeOf = ({ downtimesMs, firstRow }: DoneRows, strategy: number): number =>
  downtimesMs[firstRow + strategy]!;

/** Says that a replication was handed over; after the last of a task `all` is told the text of them all. */
export function handedOver({ fresh }: DoneRows, all: (text: SharedText) => void): void {
  if (fresh !== undefined && --fresh.left === 0) all(fresh.text);
}
