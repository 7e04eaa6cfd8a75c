/** Runs a plan into a results directory, or into a stream. */
import { removeLeftovers } from '../../files/replace.js';
import type { Executor } from '../run/executor.js';
import type { Plan } from '../run/plan.js';
import { runPlan, type Shard } from '../run/schedule.js';
import { csvText } from './csv.js';
import { claimDirectory } from './directory.js';
import type { ResultCells } from './known-rows.js';
import { type LockOptions, lockDirectory } from './lock.js';
import { type Manifest, newManifest, writeManifest } from './manifest.js';
import { columnsOf, downtimeMs, failureText, RowWriter, resultCells } from './rows.js';
import { RunsFile } from './runs-file.js';
import { writeDerivedFiles } from './summary-file.js';

export interface RecordOptions {
  readonly plan: Plan;
  readonly executor: Executor;
  readonly shard: Shard;
  readonly signal?: AbortSignal;
  readonly progress?: (replicationsDone: number, replicationsPlanned: number) => void;
  readonly lock?: LockOptions;
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
  /** Whether a run is known, its results, and that the plan has it. */
  has(runId: string): boolean;
  get(runId: string): ResultCells | undefined;
  plan(runId: string): void;
  write(text: string): void;
}

const FAILURES_SHOWN = 5;
/** Records are put into one text before they are written; a system call each would cost more than the run. */
const BATCH_RECORDS = 256;
/** Rows wait for company at most this long, so that a slow sweep shows each row soon. */
const BATCH_MS = 250;

async function pour(options: RecordOptions, sink: Sink): Promise<Omit<Recorded, 'keptRows' | 'notes'>> {
  const { plan } = options;
  const writer = new RowWriter(plan.experiment);
  const failures: string[] = [];
  let [rows, fresh] = [0, 0];
  let waiting: string[][] = [];
  let since = performance.now();
  const write = (): void => {
    if (waiting.length > 0) sink.write(csvText(waiting));
    waiting = [];
    since = performance.now();
  };
  try {
    const finished = await runPlan<ResultCells>({
      ...options,
      has: (id) => sink.has(id),
      known: (id) => sink.get(id),
      keep: (result) => {
        fresh++;
        return resultCells(result);
      },
      measure: downtimeMs,
      finished: (point, replication, runIds, results) => {
        for (const id of runIds) sink.plan(id);
        // Of earlier sweeps too: a second one must not call the result sound.
        const failed = results.map(failureText).filter((text) => text !== undefined);
        failures.push(...failed.slice(0, FAILURES_SHOWN - failures.length));
        const records = writer.records(point, replication, runIds, results);
        rows += records.length;
        waiting.push(...records);
        if (waiting.length >= BATCH_RECORDS || performance.now() - since > BATCH_MS) write();
      },
    });
    return { finished, rows, fresh, failures };
  } finally {
    // Also after an error or Ctrl-C: what was handed over is complete and in order.
    write();
  }
}

const NOTHING_KNOWN: Omit<Sink, 'write'> = { has: () => false, get: () => undefined, plan: () => {} };

/** Streams runs.csv to `write`; nothing is kept. */
export async function recordTo(write: (text: string) => void, options: RecordOptions): Promise<Recorded> {
  write(csvText([columnsOf(options.plan.experiment).map((column) => column.name)]));
  return { ...(await pour(options, { ...NOTHING_KNOWN, write })), keptRows: 0, notes: [] };
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

/** Fills a results directory: runs what is missing, then summary.csv, datapackage.json and manifest.json. */
export async function recordInto(directory: string, options: RecordOptions): Promise<Recorded> {
  const { plan, shard } = options;
  const { experiment } = plan;
  const part = shard.of === 1 ? null : shard;
  const startMs = performance.now();
  const before = claimDirectory(directory, experiment.name, part);
  const lock = await lockDirectory(directory, options.lock);
  let file: RunsFile | undefined;
  try {
    removeLeftovers(directory);
    const manifest = newManifest(experiment.source, shard, plan.points.count, experiment.seed);
    writeManifest(directory, manifest);
    const columns = columnsOf(experiment);
    const runs = new RunsFile(
      directory,
      columns.map((column) => column.name),
    );
    file = runs;
    const write = (text: string): void => {
      lock.check();
      runs.write(text);
    };
    const done = await pour(options, {
      has: (id) => runs.has(id),
      get: (id) => runs.get(id),
      plan: (id) => runs.plan(id),
      write,
    });
    const wall_s = Math.round(performance.now() - startMs) / 1000;
    const notes = notesOn(done, before, manifest);
    lock.check();
    if (!done.finished) {
      runs.sync();
      writeManifest(directory, { ...manifest, state: 'interrupted', wall_s });
      return { ...done, keptRows: 0, notes };
    }
    const { keptRows } = runs.finish();
    writeDerivedFiles(directory, experiment.name, experiment.title, columns);
    writeManifest(directory, { ...manifest, state: 'complete', rows: done.rows, wall_s });
    return { ...done, keptRows, notes };
  } finally {
    file?.close();
    lock.release();
  }
}
