/** summary.csv and datapackage.json, made from runs.csv. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../base/version.js';
import { replaceFile } from '../../files/replace.js';
import type { Column } from './column.js';
import { cellText, csvText, parseCsv, parseLine, type Row, toRow } from './csv.js';
import { completeLines } from './lines.js';
import { RUNS_FILE } from './runs-file.js';
import { PointSummary, summaryColumns } from './summary.js';

export const SUMMARY_FILE = 'summary.csv';

/** The records of runs.csv or summary.csv, one at a time; the first is the header. */
export function* recordsOf(path: string): Generator<readonly string[]> {
  let isHeader = true;
  for (const { text } of completeLines(path)) {
    yield isHeader ? (parseCsv(text, path)[0] ?? []) : parseLine(text, path);
    isHeader = false;
  }
}

/** The same rows by column name. */
export function* rowsOf(path: string): Generator<Row> {
  let header: readonly string[] | undefined;
  for (const record of recordsOf(path)) {
    if (header) yield toRow(header, record);
    else header = record;
  }
}

/** Rows of one point stand together, so no more than one point is in memory, as numbers. */
function* summaryText(runsPath: string, columns: readonly Column[]): Generator<string> {
  const textOf = (summary: PointSummary): string =>
    csvText(summary.rows().map((cells) => columns.map((column) => cellText(cells(column.name)))));
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
  const resource = (path: string, columns: readonly Column[], primaryKey: readonly string[]): unknown => ({
    name: path.replace('.csv', ''),
    path,
    profile: 'tabular-data-resource',
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    schema: {
      ...(fields(columns) as object),
      ...(primaryKey.every((key) => columns.some(({ name }) => name === key)) && { primaryKey }),
    },
  });
  const body = {
    profile: 'tabular-data-package',
    // All that the specification allows in a name.
    name: name.toLowerCase().replace(/[^-a-z0-9._]/g, '-'),
    title,
    version: version(),
    resources: [
      resource(RUNS_FILE, runs, ['point', 'replication', 'strategy', 'variant']),
      ...(summary.length > 0 ? [resource(SUMMARY_FILE, summary, ['point', 'strategy', 'variant'])] : []),
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
  const summary = whole ? summaryColumns(columns) : [];
  if (whole) replaceFile(join(directory, SUMMARY_FILE), summaryText(join(directory, RUNS_FILE), summary));
  else rmSync(join(directory, SUMMARY_FILE), { force: true });
  replaceFile(join(directory, 'datapackage.json'), [dataPackage(name, title, columns, summary)]);
}
