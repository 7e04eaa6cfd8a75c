/** CSV as RFC 4180 says, with LF: one place that writes it and one that reads it. */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { InputError } from '../../base/errors.js';
import type { Cell } from './column.js';

/** A cell as text: numbers shortest and exact, `true` and `false`, nothing for null. Never more than one line. */
export function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell.replace(/\s*[\r\n]+\s*/g, ' ');
  return Object.is(cell, -0) ? '0' : String(cell);
}

/** What makes quotes necessary. Most records have none of it, and then joining is ten times as fast as the library. */
const SPECIAL = /[",\r\n]/;

/** Records as text, each with its line end. */
export function csvText(records: readonly (readonly string[])[]): string {
  if (!records.some((record) => record.some((cell) => SPECIAL.test(cell))))
    return records.map((record) => `${record.join(',')}\n`).join('');
  return stringify(records as string[][], { record_delimiter: '\n' });
}

/** The cells of one line that csvText wrote. */
export function parseLine(line: string, file: string): string[] {
  return line.includes('"') ? (parseCsv(line, file)[0] ?? []) : line.split(',');
}

/** The records of a text; InputError names the file. */
export function parseCsv(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true }) as string[][];
  } catch (error) {
    throw new InputError(`${file}: not CSV: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** A row by column name. */
export type Row = Readonly<Record<string, string>>;

export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly Row[];
}

/** Reads a CSV with a header line. */
export function parseTable(text: string, file: string): CsvTable {
  const [header, ...rest] = parseCsv(text, file);
  if (!header) throw new InputError(`${file}: empty, a header line is expected`);
  return { header, rows: rest.map((cells) => toRow(header, cells)) };
}

/** Cells of a record by the names of the header; missing ones empty. */
export function toRow(header: readonly string[], cells: readonly string[]): Row {
  const row: Record<string, string> = {};
  for (let i = 0; i < header.length; i++) row[header[i]!] = cells[i] ?? '';
  return row;
}
