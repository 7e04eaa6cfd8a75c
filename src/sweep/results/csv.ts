/**
 * CSV as RFC 4180 says, with LF: one place that writes it and one that reads it.
 *
 * A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, tab or CR. Texts come from file names, which anybody
 * may choose; so one that begins so and is not a number is written behind a `'`, which spreadsheets take for "text", and
 * which is taken off when it is read. A text that looks so already gets one more, so that every text comes back.
 */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { InputError } from '../../base/errors.js';
import type { Cell } from './column.js';

/** A cell as text: numbers shortest and exact, `true` and `false`, nothing for null. Never more than one line. */
export function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell.replace(/\s*[\r\n]+\s*/g, ' ');
  if (typeof cell === 'number') return numberText(cell);
  return String(cell);
}

/** Times are whole nanoseconds, written in milliseconds: six decimals, put together from two whole numbers in a quarter of the time. */
const DECIMALS = 6;
const ONE = 10 ** DECIMALS;
/** Up to here two decimals are never the same double, so that the shortest is the one with these digits. */
const EXACT_MAX = 1e15;

function numberText(value: number): string {
  const scaled = Math.round(value * ONE);
  if (!(scaled >= 0 && scaled < EXACT_MAX && scaled / ONE === value)) return String(value);
  const whole = Math.floor(scaled / ONE);
  const rest = scaled - whole * ONE;
  if (rest === 0) return String(whole);
  const digits = String(ONE + rest);
  let end = digits.length;
  while (digits.endsWith('0', end)) end--;
  return `${whole}.${digits.slice(1, end)}`;
}

const FORMULA = /^(?![-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$)'*[=+\-@\t\r]/i;
const HARMLESS = /^'+[=+\-@\t\r]/;

/** As a spreadsheet does not run it. */
const harmless = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);
const original = (cell: string): string => (HARMLESS.test(cell) ? cell.slice(1) : cell);

/** What makes quotes necessary. Most records have none of it, and then joining is ten times as fast as the library. */
const SPECIAL = /[",\r\n]/;

/** Records as text, each with its line end. */
export function csvText(records: readonly (readonly string[])[]): string {
  const isSpecial = (cell: string): boolean => SPECIAL.test(cell) || FORMULA.test(cell);
  if (!records.some((record) => record.some(isSpecial)))
    return records.map((record) => `${record.join(',')}\n`).join('');
  return stringify(
    records.map((record) => record.map(harmless)),
    { record_delimiter: '\n' },
  );
}

/** One record without its line end. */
export function csvLine(cells: readonly string[]): string {
  return csvText([cells]).slice(0, -1);
}

/** The cells of one line that csvText wrote. */
export function parseLine(line: string, file: string): string[] {
  return /["']/.test(line) ? (parseCsv(line, file)[0] ?? []) : line.split(',');
}

/** The records of a text; InputError names the file. */
export function parseCsv(text: string, file: string): string[][] {
  try {
    const records = parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][];
    return text.includes("'") ? records.map((record) => record.map(original)) : records;
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

/**
 * Reads a CSV with a header line.
 * @internal
 */
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
