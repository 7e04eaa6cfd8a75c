/**
 * Rows of runs.csv where they are simulated: a worker hands over their text, so that the thread that writes the file has
 * nothing left to do but to put one behind another.
 */

import { runIds } from '../run/identity.js';
import { Room } from '../run/room.js';
import type { RunOutcome } from '../run/task.js';
import {
  type Batch,
  guarded,
  type Job,
  type RowFrame,
  type Runner,
  type Task,
  type TaskPart,
  tellerOf,
} from '../run/task.js';
import type { Cell } from './column.js';
import { RESULT_COLUMNS, resultIndex } from './columns.js';
import { cellText, csvLine } from './csv.js';

const DOWNTIME = RESULT_COLUMNS[resultIndex('downtime_ms')]!;

/** What became of a run that failed its check or broke; undefined for the others. */
function failureOf({ state, strategy, reason }: RunOutcome): string | undefined {
  return state === 'failed' ? cellText(`${strategy}: ${reason}`) : undefined;
}

/** Of this thread, as many as were ever written or waiting to be read at once. */
const rooms: Room[] = [];

function claimRoom(): Room {
  const free = rooms.find((room) => room.claim());
  if (free) return free;
  rooms.push(new Room());
  return claimRoom();
}

/** Writes the rows of one point. Most counts are the same from row to row, and so is their text. */
class Rows {
  private readonly part: TaskPart;
  private readonly frame: RowFrame;
  private readonly idsOf: ((replication: number) => readonly string[]) | undefined;
  private readonly values: Cell[][];
  private readonly texts: string[][];

  constructor(part: TaskPart, frame: RowFrame) {
    this.part = part;
    this.frame = frame;
    const { strategies, seed } = part;
    this.idsOf = frame.ids.includes('run_id') ? runIds(frame.hash, strategies, seed) : undefined;
    this.values = strategies.map(() => []);
    this.texts = strategies.map(() => []);
  }

  /** The lines of a replication. */
  lines(replication: number, results: readonly RunOutcome[]): string {
    const { ids, parameters, results: columns } = this.frame;
    const runIdOf = this.idsOf?.(replication);
    let text = '';
    for (let s = 0; s < results.length; s++) {
      let comma = '';
      for (const name of ids) {
        text += comma + this.id(name, replication, runIdOf?.[s]);
        comma = ',';
      }
      if (parameters !== null) {
        text += comma + parameters;
        comma = ',';
      }
      for (const column of columns) {
        text += comma + this.cell(s, column, results[s]!);
        comma = ',';
      }
      text += '\n';
    }
    return text;
  }

  private id(name: string, replication: number, runId: string | undefined): string {
    if (name === 'run_id') return runId!;
    if (name === 'replication') return String(replication);
    return String(name === 'point' ? this.frame.point : this.part.seed);
  }

  private cell(strategy: number, column: number, result: RunOutcome): string {
    const value = RESULT_COLUMNS[column]!.value(result);
    const values = this.values[strategy]!;
    const texts = this.texts[strategy]!;
    if (values[column] === value) return texts[column]!;
    values[column] = value;
    const text = typeof value === 'string' ? csvLine([cellText(value)]) : cellText(value);
    texts[column] = text;
    return text;
  }
}

async function rowsOf(task: Task, given?: Runner): Promise<Batch> {
  const start = performance.now();
  const count = task.reduce((sum, { replications }) => sum + replications.length, 0);
  const rows = task.reduce(
    (sum, { replications, strategies }) => sum + replications.length * strategies.length,
    0,
  );
  const room = claimRoom();
  const ends = new Uint32Array(count);
  const downtimesMs = new Float64Array(rows);
  const failures: { at: number; text: string }[] = [];
  let [at, row] = [0, 0];
  for (const part of task) {
    const tell = await tellerOf(part, given);
    const writer = new Rows(part, part.frame!);
    for (const replication of part.replications) {
      const results = guarded(part, () => tell(replication));
      for (const result of results) {
        const downtimeMs = DOWNTIME.value(result);
        downtimesMs[row++] = typeof downtimeMs === 'number' ? downtimeMs : Number.NaN;
        const text = failureOf(result);
        if (text !== undefined) failures.push({ at, text });
      }
      room.add(writer.lines(replication, results));
      ends[at++] = room.length;
    }
  }
  return { text: room.text, ends, downtimesMs, failures, elapsedMs: performance.now() - start };
}

/** Rows of a task whose parts have a frame. */
export const ROWS: Job<Task, Batch> = { file: 'dist/sweep/results/worker.js', here: rowsOf };
