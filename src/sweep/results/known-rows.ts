/**
 * Rows of earlier sweeps, by run id. They stay in their files: in memory is where each stands, some thirty bytes a row,
 * so that a million of them go on as easily as a hundred.
 */
import { closeSync, existsSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { RESULT_COLUMNS, resultColumns } from './columns.js';
import { csvText, parseCsv, parseLine } from './csv.js';
import { completeLines, LineReader } from './lines.js';

/** The cells of RESULT_COLUMNS, as text; the last are empty, or left out, where no outcome was followed. */
export type ResultCells = readonly string[];

/** How many of them a sweep has that follows no outcome. */
const PLAIN_RESULTS = resultColumns(new Set()).length;

/** Results are the last columns, from `strategy` on; a file with others was written by something else. */
function resultsStart(header: readonly string[], path: string): number {
  const start = header.indexOf(RESULT_COLUMNS[0]!.name);
  const results = header.slice(start);
  const same =
    header[0] === 'run_id' &&
    (results.length === RESULT_COLUMNS.length || results.length === PLAIN_RESULTS) &&
    results.every((name, i) => name === RESULT_COLUMNS[i]!.name);
  if (!same) throw new InputError(`${path}: not the columns of this version of stopgap, give another --out`);
  return start;
}

interface Source {
  readonly path: string;
  readonly lines: LineReader;
  /** Cells before the results. */
  readonly skip: number;
}

/** A file of ours that has complete rows; undefined where there is none. */
function openSource(path: string): Source | undefined {
  if (!existsSync(path)) return undefined;
  let header: string | undefined;
  for (const { text } of completeLines(path)) {
    header = text;
    break;
  }
  if (header === undefined) return undefined;
  const skip = resultsStart(parseCsv(header, path)[0] ?? [], path);
  return { path, lines: new LineReader(path), skip };
}

/** As many digits of a run id as a number holds exactly; the rest is compared in the file. */
const KEY_DIGITS = 13;
const keyOf = (id: string): number => Number.parseInt(id.slice(0, KEY_DIGITS), 16) || 0;
const idOf = (line: string): string => line.slice(0, line.indexOf(','));

const ROWS_AT_FIRST = 1024;
const TEXT_ROWS = 256;

export class KnownRows {
  private sources: Source[] = [];
  private count = 0;
  // Of each row: the key, where its line begins, in which source, and whether the plan has it.
  private keys = new Float64Array(ROWS_AT_FIRST);
  private offsets = new Float64Array(ROWS_AT_FIRST);
  private sourceOf = new Uint8Array(ROWS_AT_FIRST);
  private isPlanned = new Uint8Array(ROWS_AT_FIRST);
  /** Rows by key, open addressing: the number of the row plus one, or zero. At most half full. */
  private table = new Uint32Array(2 * ROWS_AT_FIRST);
  private plannedCount = 0;

  /** Adds the rows of a file; of a row that is known already the last one counts. */
  load(path: string): void {
    const source = openSource(path);
    if (source === undefined) return;
    const number = this.sources.push(source) - 1;
    for (const { id, offset } of rowsOf(path)) {
      const known = this.find(id);
      const row = known ?? this.added(id);
      this.offsets[row] = offset;
      this.sourceOf[row] = number;
    }
  }

  private added(id: string): number {
    if (this.count === this.keys.length) this.grow();
    const row = this.count++;
    this.keys[row] = keyOf(id);
    this.enter(row);
    return row;
  }

  private grow(): void {
    const room = 2 * this.keys.length;
    const larger = <T extends Float64Array | Uint8Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.keys = larger(new Float64Array(room), this.keys);
    this.offsets = larger(new Float64Array(room), this.offsets);
    this.sourceOf = larger(new Uint8Array(room), this.sourceOf);
    this.isPlanned = larger(new Uint8Array(room), this.isPlanned);
    this.table = new Uint32Array(2 * room);
    for (let row = 0; row < this.count; row++) this.enter(row);
  }

  private slotOf(key: number): number {
    // The digits are those of a hash: any of them scatter.
    return key % this.table.length;
  }

  private enter(row: number): void {
    const { table } = this;
    let slot = this.slotOf(this.keys[row]!);
    while (table[slot] !== 0) slot = (slot + 1) % table.length;
    table[slot] = row + 1;
  }

  private find(id: string): number | undefined {
    const { table, keys } = this;
    const key = keyOf(id);
    for (let slot = this.slotOf(key); table[slot] !== 0; slot = (slot + 1) % table.length) {
      const row = table[slot]! - 1;
      if (keys[row] === key && idOf(this.lineOf(row)) === id) return row;
    }
    return undefined;
  }

  private lineOf(row: number): string {
    return this.sources[this.sourceOf[row]!]!.lines.lineAt(this.offsets[row]!);
  }

  private cellsOf(line: string, row: number): string[] {
    const { path, skip } = this.sources[this.sourceOf[row]!]!;
    return parseLine(line, path).slice(skip);
  }

  has(runId: string): boolean {
    return this.find(runId) !== undefined;
  }

  get(runId: string): ResultCells | undefined {
    const row = this.find(runId);
    return row === undefined ? undefined : this.cellsOf(this.lineOf(row), row);
  }

  /** Notes that the plan has this row, if it is known. */
  plan(runId: string): void {
    const row = this.find(runId);
    if (row === undefined || this.isPlanned[row] === 1) return;
    this.isPlanned[row] = 1;
    this.plannedCount++;
  }

  get size(): number {
    return this.count;
  }

  /** Known rows that no plan has asked for. */
  get unplanned(): number {
    return this.count - this.plannedCount;
  }

  /** Run id and results of every row, or of those that are not planned, as a file that load() reads. */
  *asFile(which: 'all' | 'unplanned'): Generator<string> {
    const empty = RESULT_COLUMNS.map(() => '');
    let records = [['run_id', ...RESULT_COLUMNS.map((column) => column.name)]];
    for (let row = 0; row < this.count; row++) {
      if (which === 'unplanned' && this.isPlanned[row] === 1) continue;
      const line = this.lineOf(row);
      const cells = this.cellsOf(line, row);
      records.push([idOf(line), ...cells, ...empty.slice(cells.length)]);
      if (records.length < TEXT_ROWS) continue;
      yield csvText(records);
      records = [];
    }
    yield csvText(records);
  }

  /** From now on all rows stand in this file, which asFile('all') has filled. */
  moveTo(path: string): void {
    this.close();
    this.sources = [openSource(path)!];
    this.sourceOf.fill(0);
    let row = 0;
    for (const { offset } of rowsOf(path)) this.offsets[row++] = offset;
  }

  close(): void {
    for (const { lines } of this.sources) closeSync(lines.fd);
    this.sources = [];
  }
}

/** The rows of a file, each with the place of its line. What a power loss has left of a row is none. */
function* rowsOf(path: string): Generator<{ readonly id: string; readonly offset: number }> {
  let offset = 0;
  for (const { text, endBytes } of completeLines(path)) {
    if (offset > 0 && !text.includes('\0')) yield { id: idOf(text), offset };
    offset = endBytes;
  }
}
