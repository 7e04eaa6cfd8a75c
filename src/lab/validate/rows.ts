/** Measured rows: a CSV file as records whose cells are asked for by name. */
import { parse } from 'csv-parse/sync';
import { InputError } from '../../base/errors.js';
import { limitsOf } from './limits.js';

/** More than a year of measuring. */
const LINES_MAX = 100_000;

/** One row; its cells are text until a column is asked for. */
export class MeasuredRow {
  private readonly cells: Readonly<Record<string, string>>;
  /** File and line, as messages begin. */
  readonly where: string;

  constructor(cells: Readonly<Record<string, string>>, where: string) {
    this.cells = cells;
    this.where = where;
  }

  /** What is done with the row; what it cannot be used for is told with its place. */
  inIt<T>(use: () => T): T {
    try {
      return use();
    } catch (error) {
      if (error instanceof InputError && !error.message.startsWith(this.where))
        throw new InputError(`${this.where}: ${error.message}`);
      throw error;
    }
  }

  text(column: string): string {
    return this.cells[column] ?? '';
  }

  /** Text that must be there; throws InputError where it is not. */
  name(column: string): string {
    const text = this.text(column);
    if (text === '') throw new InputError(`${this.where}: column '${column}' is missing or empty`);
    return text;
  }

  /** A number; throws InputError where the cell is empty or no number. */
  number(column: string): number {
    const value = this.optional(column);
    if (value === undefined)
      throw new InputError(`${this.where}: column '${column}' is missing or empty, a number is needed`);
    return value;
  }

  /** A number, or undefined where nothing was measured. */
  optional(column: string): number | undefined {
    const text = this.text(column).trim();
    if (text === '') return undefined;
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new InputError(`${this.where}: column '${column}' holds '${text}', a number is needed`);
    const { least, most, whole } = limitsOf(column);
    if (value < least || value > most || (whole && !Number.isInteger(value)))
      throw new InputError(
        `${this.where}: column '${column}' holds '${text}', a ${whole ? 'whole ' : ''}number from ${least} to ${most} is needed`,
      );
    return value;
  }
}

export interface MeasuredTable {
  readonly columns: ReadonlySet<string>;
  readonly rows: readonly MeasuredRow[];
  /** The same rows as plain text cells. */
  readonly records: readonly Readonly<Record<string, string>>[];
}

/** Parses the text of a measured CSV file; `name` is for error messages. */
export function readMeasured(text: string, name: string): MeasuredTable {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  if (lines > LINES_MAX) throw new InputError(`${name}: has ${lines} lines, the limit is ${LINES_MAX}`);
  let records: Record<string, string>[];
  try {
    records = parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    throw new InputError(`${name}: not a CSV file with a header (${(error as Error).message})`);
  }
  if (records.length === 0)
    throw new InputError(`${name}: no rows; a header and at least one row are needed`);
  return {
    columns: new Set(Object.keys(records[0]!)),
    records,
    rows: records.map((cells, i) => new MeasuredRow(cells, `${name}: row ${i + 2}`)),
  };
}

/** Rows by a key, in order of first appearance. */
export function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}
