/** summary.csv and datapackage.json, made from runs.csv. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../base/version.js';
import { diskError } from '../../files/disk-error.js';
import { replaceFile, temporaryBeside, writeNew } from '../../files/replace.js';
import type { Column } from './column.js';
import { cellText, csvText, parseCsv, parseLine, type Row, toRow } from './csv.js';
import { completeLines } from './lines.js';
import { RUNS_FILE } from './runs-file.js';
import { PointSummary, summaryColumns } from './summary.js';
import { wordsIn } from './words.js';

export const SUMMARY_FILE = 'summary.csv';

/** The records of runs.csv or summary.csv, one at a time; the first is the header. */
export function* recordsOf(path: string): Generator<readonly string[]> {
  let isHeader = true;
  for (const { text } of completeLines(path)) {
    yield isHeader ? (parseCsv(text, path)[0] ?? []) : parseLine(text, path);
    isHeader = false;
  }
}

/** The same rows by column name, with values as they were given. */
export function* rowsOf(path: string): Generator<Row> {
  let header: readonly string[] | undefined;
  let told: ReturnType<typeof wordsIn>;
  for (const record of recordsOf(path)) {
    if (header) yield told!(toRow(header, record));
    else told = wordsIn((header = record));
  }
}

/**
 * Rows of one point stand together, so no more than one point is in memory, as numbers. Columns in which there is
 * something are added to `filled`.
 */
function* summaryText(runsPath: string, columns: readonly Column[], filled: Set<number>): Generator<string> {
  const textOf = (summary: PointSummary): string => {
    const records = summary.rows().map((cells) => columns.map((column) => cellText(cells(column.name))));
    if (filled.size < columns.length)
      for (const record of records) for (const [i, cell] of record.entries()) if (cell !== '') filled.add(i);
    return csvText(records);
  };
  yield csvText([columns.map((column) => column.name)]);
  const records = recordsOf(runsPath);
  const header: readonly string[] = records.next().value ?? [];
  const pointAt = header.indexOf('point');
  let point: string | undefined;
  let summary = new PointSummary(header);
  for (const cells of records) {
    if (cells[pointAt] !== point) {
      yield textOf(summary);
      summary = new PointSummary(header);
    }
    point = cells[pointAt];
    summary.add(cells);
  }
  yield textOf(summary);
}

const RECORDS_AT_ONCE = 256;

/** The records of a file without some of their columns. */
function* someColumns(path: string, kept: readonly number[]): Generator<string> {
  let records: string[][] = [];
  for (const cells of recordsOf(path)) {
    records.push(kept.map((i) => cells[i]!));
    if (records.length < RECORDS_AT_ONCE) continue;
    yield csvText(records);
    records = [];
  }
  yield csvText(records);
}

/** Writes summary.csv; gives its columns, which are those in which any row has something. */
function writeSummary(directory: string, columns: readonly Column[]): readonly Column[] {
  const [path, runsPath] = [join(directory, SUMMARY_FILE), join(directory, RUNS_FILE)];
  const whole = temporaryBeside(path);
  const filled = new Set<number>();
  try {
    // Which columns stay empty is known at the end of the rows.
    writeNew(whole, summaryText(runsPath, columns, filled));
    const kept = columns.flatMap((_, i) => (filled.size === 0 || filled.has(i) ? i : []));
    replaceFile(path, someColumns(whole, kept));
    return kept.map((i) => columns[i]!);
  } catch (error) {
    throw diskError(error, path);
  } finally {
    rmSync(whole, { force: true });
  }
}

function fields(columns: readonly Column[]): unknown {
  return {
    fields: columns.map(({ name, type, unit, meaning }) => ({
      name,
      type,
      ...(unit ? { unit } : {}),
      description: meaning,
    })),
    missingValues: [''],
  };
}

/** Frictionless Data Package (https://specs.frictionlessdata.io): every column with type, unit and meaning. */
function dataPackage(
  name: string,
  title: string,
  runs: readonly Column[],
  summary: readonly Column[],
): string {
  const has = (columns: readonly Column[], key: string): boolean => columns.some((each) => each.name === key);
  const resource = (path: string, columns: readonly Column[], key: readonly string[]): unknown => ({
    name: path.replace('.csv', ''),
    path,
    profile: 'tabular-data-resource',
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    schema: {
      ...(fields(columns) as object),
      // No primary key: of that no part may be empty, as variant is.
      ...(key.every((each) => has(columns, each)) && { uniqueKeys: [key] }),
    },
  });
  const inSummary = ['point', 'strategy', 'variant'].filter((key) => has(summary, key));
  const body = {
    profile: 'tabular-data-package',
    // All that the specification allows in a name.
    name: name.toLowerCase().replace(/[^-a-z0-9._]/g, '-'),
    title,
    version: version(),
    resources: [
      resource(RUNS_FILE, runs, ['point', 'replication', 'strategy', 'variant']),
      ...(summary.length > 0 ? [resource(SUMMARY_FILE, summary, inSummary)] : []),
    ],
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}

/** Writes what follows from a finished runs.csv; without all its columns (`whole`) there is no summary. */
export function writeDerivedFiles(
  directory: string,
  name: string,
  title: string,
  columns: readonly Column[],
  whole = true,
): void {
  if (!whole) rmSync(join(directory, SUMMARY_FILE), { force: true });
  const summary = whole ? writeSummary(directory, summaryColumns(columns)) : [];
  replaceFile(join(directory, 'datapackage.json'), [dataPackage(name, title, columns, summary)]);
}
