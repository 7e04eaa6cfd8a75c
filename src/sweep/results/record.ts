/** Runs a plan into a results directory, or into a stream. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { removeLeftovers } from '../../files/replace.js';
import type { Experiment } from '../experiment/experiment.js';
import type { DoneRows } from '../run/done-rows.js';
import type { Executor } from '../run/executor.js';
import type { Plan } from '../run/plan.js';
import { giveBack, type SharedText } from '../run/room.js';
import { type KnownRuns, runPlan } from '../run/schedule.js';
import type { Shard } from '../run/shard.js';
import { ROWS } from './batch.js';
import { csvText } from './csv.js';
import { writeDerivedFiles } from './derived-files.js';
import { claimDirectory } from './directory.js';
import type { ResultCells } from './known-rows.js';
import { completeLines } from './lines.js';
import { type LockOptions, lockDirectory } from './lock.js';
import { type Manifest, newManifest, writeManifest } from './manifest.js';
import { columnsOf, downtimeMs, failureText, RowWriter } from './rows.js';
import { RUNS_FILE, RunsFile } from './runs-file.js';

export interface RecordOptions {
  readonly plan: Plan;
  readonly executor: Executor;
  readonly shard: Shard;
  readonly signal?: AbortSignal;
  readonly progress?: (replicationsDone: number, replicationsPlanned: number) => void;
  readonly lock?: LockOptions;
  /** The columns that are written; left out: all. */
  readonly columns?: ReadonlySet<string> | undefined;
  /** Whether the rows are written as Parquet too. */
  readonly parquet?: boolean;
}

export interface Recorded {
  readonly finished: boolean;
  readonly rows: number;
  /** Rows that were run now, and rows taken over from earlier sweeps. */
  readonly fresh: number;
  /** Rows of earlier plans put aside in runs.kept.csv. */
  readonly keptRows: number;
  readonly failures: readonly string[];
  /** What the reader should know of rows that are not of this sweep. */
  readonly notes: readonly string[];
}

interface Sink {
  /** Rows of earlier sweeps, where there are any, and that the plan has a run. */
  readonly earlier?: {
    has(runId: string): boolean;
    get(runId: string): ResultCells | undefined;
    plan(runId: string): void;
  };
  write(text: Uint8Array): void;
}

const FAILURES_SHOWN = 5;
/** Rows are joined before they are written; a system call each would cost more than the run. */
const PIECE_BYTES = 1 << 18;
/** Rows wait for company at most this long, so that a slow sweep shows each row soon. */
const BATCH_MS = 250;

/** Joins what is to be written to larger pieces. */
class Joined {
  private readonly write: (text: Uint8Array) => void;
  private waiting: Uint8Array[] = [];
  /** What is to be written of the last array that came. */
  private text: Uint8Array | undefined;
  private from = 0;
  private to = 0;
  /** Nothing will be added of these any more. */
  private readonly handed: SharedText[] = [];
  private bytes = 0;
  private since = performance.now();

  constructor(write: (text: Uint8Array) => void) {
    this.write = write;
  }

  /** Takes text[from..to) in, which must stay as it is until it is written. */
  add({ text, from, to }: DoneRows): void {
    // Replications of one task stand in one array, one behind another.
    if (this.text !== text || this.to !== from) {
      this.close();
      this.text = text;
      this.from = from;
    }
    this.to = to;
    this.bytes += to - from;
    if (this.bytes >= PIECE_BYTES || performance.now() - this.since > BATCH_MS) this.flush();
  }

  /** Gives the text back once it is written. */
  giveBackWritten(text: SharedText): void {
    this.handed.push(text);
  }

  private close(): void {
    if (this.text) this.waiting.push(this.text.subarray(this.from, this.to));
    this.text = undefined;
  }

  flush(): void {
    this.close();
    const [first, ...others] = this.waiting;
    if (first) this.write(others.length === 0 ? first : Buffer.concat(this.waiting, this.bytes));
    for (const text of this.handed.splice(0)) giveBack(text);
    this.waiting = [];
    this.bytes = 0;
    this.since = performance.now();
  }
}

/** Rows that are known, as they are written again. */
function knownRows(writer: RowWriter, earlier: NonNullable<Sink['earlier']>): KnownRuns {
  return {
    has: (id) => earlier.has(id),
    rows(point, replication) {
      const ids = point.ids(replication);
      const cells = ids.map((id) => earlier.get(id)!);
      const records = cells.map((each, s) => writer.record(point, replication, ids[s]!, each));
      const text = Buffer.from(csvText(records));
      return {
        text,
        from: 0,
        to: text.length,
        downtimesMs: Float64Array.from(cells, (each) => downtimeMs(each) ?? Number.NaN),
        firstRow: 0,
        rows: cells.length,
        // Of earlier sweeps too: a second one must not call the result sound.
        failures: cells.map(failureText).filter((text) => text !== undefined),
      };
    },
  };
}

async function pour(options: RecordOptions, sink: Sink): Promise<Omit<Recorded, 'keptRows' | 'notes'>> {
  const { plan, columns } = options;
  const { earlier } = sink;
  const writer = new RowWriter(plan.experiment, columns);
  const joined = new Joined((text) => sink.write(text));
  const failures: string[] = [];
  let [rows, fresh] = [0, 0];
  try {
    const finished = await runPlan({
      ...options,
      job: ROWS,
      frame: (point) => writer.frame(point),
      ...(earlier && { known: knownRows(writer, earlier) }),
      handed: (text) => joined.giveBackWritten(text),
      finished: (done, point, replication) => {
        if (earlier) for (const id of point.ids(replication)) earlier.plan(id);
        failures.push(...done.failures.slice(0, FAILURES_SHOWN - failures.length));
        rows += done.rows;
        if (done.fresh) fresh += done.rows;
        joined.add(done);
      },
    });
    return { finished, rows, fresh, failures };
  } finally {
    // Also after an error or Ctrl-C: what was handed over is complete and in order.
    joined.flush();
  }
}

/** Streams runs.csv to `write`; nothing is kept. A piece may change when `write` has returned: what keeps it copies it. */
export async function recordTo(write: (text: Uint8Array) => void, options: RecordOptions): Promise<Recorded> {
  const header = columnsOf(options.plan.experiment, options.columns).map((column) => column.name);
  write(Buffer.from(csvText([header])));
  return {
    ...(await pour(options, { write })),
    keptRows: 0,
    notes: [],
  };
}

/** The version tells models apart, the commit does not: between two versions rows of one may meet the model of another. */
function notesOn(
  { rows, fresh }: { rows: number; fresh: number },
  before: Manifest | undefined,
  now: Manifest,
) {
  if (!before?.commit || !now.commit || before.commit === now.commit || rows === fresh) return [];
  return [
    `rows known already are of commit ${before.commit}, this is ${now.commit}; if the model has changed in between, give another --out`,
  ];
}

/** Rows that lack columns are run anew each time; they never take the place of rows that have others. */
function refuseOtherColumns(directory: string, experiment: Experiment, only: ReadonlySet<string>): void {
  const path = join(directory, RUNS_FILE);
  const header = csvText([columnsOf(experiment, only).map(({ name }) => name)]);
  if (!existsSync(path)) return;
  for (const { text } of completeLines(path)) {
    if (`${text}\n` === header) return;
    throw new InputError(`--columns: ${path} has other columns; give another --out (nothing was changed)`);
  }
}

/** Fills a results directory: runs what is missing, then summary.csv, datapackage.json and manifest.json. */
export async function recordInto(directory: string, options: RecordOptions): Promise<Recorded> {
  const { plan, shard } = options;
  const { experiment } = plan;
  const part = shard.of === 1 ? null : shard;
  const startMs = performance.now();
  const before = claimDirectory(directory, experiment.name, part);
  if (options.columns) refuseOtherColumns(directory, experiment, options.columns);
  const lock = await lockDirectory(directory, options.lock);
  let file: RunsFile | undefined;
  try {
    removeLeftovers(directory);
    const manifest = newManifest(experiment.source, shard, plan.points.count, experiment.seed);
    writeManifest(directory, manifest);
    const columns = columnsOf(experiment, options.columns);
    const header = columns.map((column) => column.name);
    const runs = new RunsFile(directory, header, options.columns === undefined);
    file = runs;
    const write = (text: Uint8Array): void => {
      lock.check();
      runs.write(text);
    };
    const done = await pour(options, { ...(runs.knowsAny && { earlier: runs }), write });
    const notes = notesOn(done, before, manifest);
    const ended = (state: Manifest['state'], rows: number | null): void =>
      writeManifest(directory, {
        ...manifest,
        state,
        rows,
        wall_s: Math.round(performance.now() - startMs) / 1000,
      });
    lock.check();
    const keptRows = done.finished ? runs.finish().keptRows : 0;
    const { name, title } = experiment;
    const lean = options.columns !== undefined;
    const isWhole =
      done.finished && (await writeDerivedFiles(directory, { ...options, name, title, columns, lean }));
    if (!isWhole) {
      if (!done.finished) runs.sync();
      ended('interrupted', null);
      return { ...done, finished: false, keptRows, notes };
    }
    lock.check();
    ended('complete', done.rows);
    return { ...done, keptRows, notes };
  } finally {
    file?.close();
    lock.release();
  }
}
