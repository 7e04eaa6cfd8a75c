/** What was played on real QEMU as CSV files for `stopgap validate`: a column is a name, and what stands there of a row. */
import { stringify } from 'csv-stringify/sync';

/** Undefined: an empty cell, for what was not measured. */
export type Written = string | number | undefined;

/** Columns of rows, each told of by so many things. */
export type Columns<Of extends readonly unknown[]> = Readonly<Record<string, (...of: Of) => Written>>;

/** With so many decimals at most. */
export const rounded = (value: number | undefined, decimals: number): Written =>
  value === undefined ? undefined : Number(value.toFixed(decimals));

/** The cells of a row; empty as well where a quotient has no value. */
export function cellsOf<Of extends readonly unknown[]>(columns: Columns<Of>, ...of: Of): (string | number)[] {
  return Object.values(columns).map((cell) => {
    const written = cell(...of);
    return written === undefined || Number.isNaN(written) ? '' : written;
  });
}

/** A file of such rows. */
export function csvOf<Of extends readonly unknown[]>(
  columns: Columns<Of>,
  rows: readonly (readonly (string | number)[])[],
): string {
  return stringify([Object.keys(columns), ...rows]);
}

/** A file of rows of which a single thing tells. */
export function csvOfEach<T>(columns: Columns<[row: T]>, rows: readonly T[]): string {
  return csvOf(
    columns,
    rows.map((row) => cellsOf(columns, row)),
  );
}

/** What a file of one of these kinds begins with: its header line. */
export function markOf(...kinds: readonly object[]): RegExp {
  return new RegExp(`^(?:${kinds.map((columns) => Object.keys(columns).join(',')).join('|')})\\r?\\n`);
}
