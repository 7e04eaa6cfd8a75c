/** Requests by kind against the columns of a measured row. */
import type { OpCounts } from '../../sim/qcow2/op-counts.js';
import type { MeasuredRow } from './rows.js';

/** The counts under the names of their columns. */
export function countColumns({ writeBytes, readBytes, ...counts }: OpCounts): Record<string, number> {
  return { ...counts, write_bytes: writeBytes, read_bytes: readBytes };
}

/** How many of the measured counts differ; empty cells were not measured. */
export function countMismatches(row: MeasuredRow, predicted: Readonly<Record<string, number>>): number {
  return Object.entries(predicted).filter(([column, value]) => {
    const measured = row.optional(column);
    return measured !== undefined && measured !== value;
  }).length;
}
