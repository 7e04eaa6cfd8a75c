/** Rows as CSV, in the browser: by the rules of results files (sweep/results/csv.ts), without the library that they are written by. */
import { harmless } from '../sweep/results/csv.js';
import type { ResultRow } from './protocol.js';

function cellOf(text: string): string {
  const cell = harmless(text);
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** With the columns of the first row as its head. */
export function csvOf(rows: readonly ResultRow[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.map(cellOf).join(',')}\n`)
    .join('');
}
