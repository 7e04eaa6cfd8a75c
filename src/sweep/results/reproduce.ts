/** Runs one row of a results directory again and compares it with what the file says, cell by cell. */
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import { makeExperiment } from '../experiment/experiment.js';
import { makePlan } from '../run/plan.js';
import { runTask } from '../run/task.js';
import { parseCsv, type Row, toRow } from './csv.js';
import { completeLines } from './lines.js';
import { readManifest } from './manifest.js';
import { columnsOf, RowWriter, resultCells } from './rows.js';
import { RUNS_FILE } from './runs-file.js';

export interface Difference {
  readonly column: string;
  readonly inFile: string;
  readonly again: string;
}

export interface Reproduced {
  readonly row: Row;
  readonly again: Row;
  readonly differences: readonly Difference[];
  /** Versions and commit differ from those of the file: a likely reason for differences. */
  readonly notes: readonly string[];
}

/** The row whose id is, or begins with, `id`. */
function findRow(path: string, id: string): Row {
  let header: string[] | undefined;
  let found: string | undefined;
  for (const { text } of completeLines(path)) {
    if (!header) header = parseCsv(text, path)[0] ?? [];
    else if (text.startsWith(id)) {
      const whole = text.slice(0, text.indexOf(','));
      if (found !== undefined && !found.startsWith(`${whole},`))
        throw new InputError(`${path}: several run ids begin with '${id}', give more of it`);
      found ??= text;
    }
  }
  if (!header || found === undefined || id === '')
    throw new InputError(`${path}: no row has run id '${id}' (first column of the file)`);
  return toRow(header, parseCsv(found, path)[0]!);
}

/** A cell that counts from 0 to below `limit`; a row in which it does not was not written by stopgap. */
function numberIn(row: Row, column: 'point' | 'replication', limit: number, path: string): number {
  const text = row[column] ?? '';
  const value = Number(text);
  if (/^\d+$/.test(text) && value < limit) return value;
  throw new InputError(
    `${path}: the row of run id '${row.run_id}' has ${column} '${text}', this sweep has 0 to ${limit - 1}`,
  );
}

/** Repeats the run of one row. */
export async function reproduce(directory: string, runId: string): Promise<Reproduced> {
  const manifest = readManifest(directory);
  const path = join(directory, RUNS_FILE);
  const row = findRow(path, runId);
  const experiment = makeExperiment(manifest.experiment);
  const plan = await makePlan(experiment);
  const { size } = experiment;
  const most = size.kind === 'fixed' ? size.replications : size.maximum;
  const point = await plan.point(numberIn(row, 'point', plan.points.count, path));
  const replication = numberIn(row, 'replication', most, path);
  const s = point.strategies.findIndex((_, i) => point.ids(replication)[i] === row.run_id);
  const notes: string[] = [];
  if (manifest.version !== version())
    notes.push(`the row was made by stopgap ${manifest.version}, this is ${version()}`);
  if (s === -1) notes.push('the row has another run id now: scenario, presets or version have changed');
  const at = s === -1 ? point.strategies.findIndex((spec) => spec.name === row.strategy) : s;
  const { scenario } = point.resolved;
  const part = { scenario, strategies: point.strategies, seed: experiment.seed, replications: [replication] };
  const results = (await runTask([part])).parts[0]![0]!;
  const strategy = Math.max(0, at);
  const id = point.ids(replication)[strategy]!;
  const record = new RowWriter(experiment).record(point, replication, id, resultCells(results[strategy]!));
  const header = columnsOf(experiment).map((column) => column.name);
  const again = toRow(header, record);
  const differences = header
    .filter((column) => column in row && row[column] !== again[column])
    .map((column) => ({ column, inFile: row[column] ?? '', again: again[column] ?? '' }));
  return { row, again, differences, notes };
}
