/**
 * summary.csv, made from the text of runs.csv. That is cut where points end: the pieces can be summarised side by side, and
 * a sweep that is told to end need not wait for the last of a million rows.
 */
import { statSync } from 'node:fs';
import { abortOf } from '../run/abort.js';
import type { Executor } from '../run/executor.js';
import type { Job } from '../run/task.js';
import type { Column } from './column.js';
import { cellText, csvText, parseCsv, parseLine, type Row, toRow } from './csv.js';
import { completeLines, type Stretch } from './lines.js';
import { PointSummary } from './summary.js';
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

/** The rows of some points, and what is to be said of them. */
export interface Piece {
  readonly path: string;
  readonly header: readonly string[];
  readonly stretch: Stretch;
  /** Columns of summary.csv. */
  readonly columns: readonly string[];
}

/** What is said of some points. */
export interface PieceSummary {
  /** Lines of all columns. */
  readonly text: string;
  /** Numbers of the columns in which there is something. */
  readonly filled: ReadonlySet<number>;
}

/** About so much of runs.csv is a piece: half a second of work. */
const PIECE_BYTES = 1 << 24;

/** The text up to the comma behind so many cells; ids need no quotes, so that there is none within. */
function pointOf(line: string, pointAt: number): string | undefined {
  return line.split(',', pointAt + 1)[pointAt];
}

/** Whole points, and so whole lines, behind the header. */
function* stretchesOf(
  path: string,
  headerBytes: number,
  pointAt: number,
  pieceBytes: number,
): Generator<Stretch> {
  const { size } = statSync(path);
  let fromBytes = headerBytes;
  while (size - fromBytes > pieceBytes) {
    const toBytes = nextPoint(path, fromBytes + pieceBytes, pointAt);
    if (toBytes === undefined) break;
    yield { fromBytes, toBytes };
    fromBytes = toBytes;
  }
  yield { fromBytes, toBytes: size };
}

/** Where the first point begins that does so behind these bytes. */
function nextPoint(path: string, bytes: number, pointAt: number): number | undefined {
  let point: string | undefined;
  let lineAt = bytes;
  for (const { text, endBytes } of completeLines(path, {
    fromBytes: bytes,
    toBytes: Number.POSITIVE_INFINITY,
  })) {
    // What comes first is the end of a line.
    if (lineAt > bytes) {
      const own = pointOf(text, pointAt);
      if (point !== undefined && own !== point) return lineAt;
      point = own;
    }
    lineAt = endBytes;
  }
  return undefined;
}

/** Rows of one point stand together, so no more than one point is in memory, as numbers. */
async function summarised({ path, header, stretch, columns }: Piece): Promise<PieceSummary> {
  const filled = new Set<number>();
  const textOf = (summary: PointSummary): string => {
    const records = summary.rows().map((cells) => columns.map((column) => cellText(cells(column))));
    if (filled.size < columns.length)
      for (const record of records) for (const [i, cell] of record.entries()) if (cell !== '') filled.add(i);
    return csvText(records);
  };
  const pointAt = header.indexOf('point');
  const texts: string[] = [];
  let point: string | undefined;
  let summary = new PointSummary(header);
  for (const { text } of completeLines(path, stretch)) {
    const cells = parseLine(text, path);
    if (cells[pointAt] !== point) {
      texts.push(textOf(summary));
      summary = new PointSummary(header);
    }
    point = cells[pointAt];
    summary.add(cells);
  }
  texts.push(textOf(summary));
  return { text: texts.join(''), filled };
}

/** Lines of summary.csv for the points of a piece. */
export const SUMMARY: Job<Piece, PieceSummary> = {
  file: 'dist/sweep/results/summary-worker.js',
  here: summarised,
};

interface Summarising {
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
  readonly pieceBytes?: number;
}

/** Texts of all columns without those of no rows, one at a time: all of them are once in memory as it is. */
function* withoutEmpty(texts: readonly string[], kept: readonly number[]): Generator<string> {
  for (const text of texts)
    yield csvText(parseCsv(text, SUMMARY_FILE).map((record) => kept.map((i) => record[i]!)));
}

/** summary.csv piece by piece, and its columns: those in which any row has something. */
export interface SummaryText {
  readonly texts: Iterable<string>;
  readonly columns: readonly Column[];
}

/** What stands in summary.csv; undefined where the signal came before its end. */
export async function summaryText(
  path: string,
  columns: readonly Column[],
  { executor, signal, pieceBytes = PIECE_BYTES }: Summarising,
): Promise<SummaryText | undefined> {
  const names = columns.map(({ name }) => name);
  const [first] = completeLines(path);
  if (!first) return { texts: [csvText([names])], columns };
  const header = parseCsv(first.text, path)[0] ?? [];
  const stretches = [...stretchesOf(path, first.endBytes, header.indexOf('point'), pieceBytes)];
  const pieces: PieceSummary[] = [];
  let next = 0;
  const summarise = async (): Promise<void> => {
    while (next < stretches.length && !signal?.aborted) {
      const at = next++;
      pieces[at] = await executor.make({ path, header, stretch: stretches[at]!, columns: names }, SUMMARY);
    }
  };
  await Promise.race([Promise.all(Array.from({ length: executor.width }, summarise)), abortOf(signal)]);
  if (signal?.aborted) return undefined;
  const filled = new Set(pieces.flatMap((piece) => [...piece.filled]));
  const kept = columns.flatMap((_, i) => (filled.size === 0 || filled.has(i) ? i : []));
  return {
    texts: withoutEmpty([csvText([names]), ...pieces.map(({ text }) => text)], kept),
    columns: kept.map((i) => columns[i]!),
  };
}
