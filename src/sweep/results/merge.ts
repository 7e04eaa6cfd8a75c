/** The shards of a sweep to one result, as if it had been run in one place. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { removeLeftovers, replaceFile } from '../../files/replace.js';
import { type Experiment, makeExperiment } from '../experiment/experiment.js';
import { makeExecutor } from '../run/executor.js';
import { RESULT_COLUMNS } from './columns.js';
import { parseLine } from './csv.js';
import { writeDerivedFiles } from './derived-files.js';
import { claimDirectory } from './directory.js';
import { completeLines, type Line } from './lines.js';
import { lockDirectory } from './lock.js';
import { MANIFEST_FILE, type Manifest, readManifest, writeManifest } from './manifest.js';
import { columnsOf, failureText } from './rows.js';
import { RUNS_FILE } from './runs-file.js';
import { completeSet, orderOf, type ShardDirectory } from './shards.js';

/** Merges the shards' rows; within one replication they all come from one shard and keep their order. */
function* mergedLines(paths: readonly string[]): Generator<string> {
  const sources = paths.map((path) => completeLines(path));
  const headers = sources.map((source) => source.next().value as Line | undefined);
  for (const [i, header] of headers.entries())
    if (header?.text !== headers[0]?.text || !header)
      throw new InputError(`${paths[i]}: other columns than ${paths[0]}`);
  yield `${headers[0]!.text}\n`;
  const heads = sources.map((source) => source.next().value as Line | undefined);
  for (;;) {
    let least = -1;
    let [point, replication] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const [i, head] of heads.entries()) {
      if (!head) continue;
      const [p, r] = orderOf(head);
      if (p < point || (p === point && r < replication)) [least, point, replication] = [i, p, r];
    }
    if (least === -1) return;
    yield `${heads[least]!.text}\n`;
    heads[least] = sources[least]!.next().value as Line | undefined;
  }
}

interface Count {
  rows: number;
  failures: number;
}

/** Lines joined to larger pieces, and counted. */
function* gathered(lines: Iterable<string>, experiment: Experiment, count: Count): Generator<string> {
  const start = columnsOf(experiment).findIndex(({ name }) => name === RESULT_COLUMNS[0]!.name);
  let piece: string[] = [];
  count.rows = -1;
  for (const line of lines) {
    count.rows++;
    // Parsed only where the word stands somewhere.
    if (line.includes('failed') && failureText(parseLine(line, RUNS_FILE).slice(start))) count.failures++;
    piece.push(line);
    if (piece.length < 4096) continue;
    yield piece.join('');
    piece = [];
  }
  yield piece.join('');
}

/** Only results of the very same sweep may be replaced by the merged ones. */
function refuseOtherOptions(out: string, manifest: Manifest): void {
  if (!existsSync(join(out, MANIFEST_FILE)) || readManifest(out).config_hash === manifest.config_hash) return;
  throw new InputError(
    `${out}: holds a sweep of '${manifest.experiment.name}' with other options; give another --out (nothing was changed)`,
  );
}

/** What the reader should know of shards that fit together. */
function notesOn(shards: readonly ShardDirectory[]): readonly string[] {
  const { directory, manifest } = shards[0]!;
  const other = shards.find((shard) => shard.manifest.commit !== manifest.commit);
  return other
    ? [
        `shards were made at different commits: ${directory} at ${manifest.commit}, ${other.directory} at ${other.manifest.commit}`,
      ]
    : [];
}

interface Merged extends Readonly<Count> {
  readonly notes: readonly string[];
}

/** Merges the shards in `directories` into `out`: the same runs.csv and summary.csv as of the sweep in one piece. */
export async function mergeShards(
  directories: readonly string[],
  out: string,
  { parquet = false } = {},
): Promise<Merged> {
  const shards = completeSet(directories);
  const { manifest } = shards[0]!;
  const experiment = makeExperiment(manifest.experiment);
  claimDirectory(out, experiment.name, null);
  refuseOtherOptions(out, manifest);
  const lock = await lockDirectory(out);
  try {
    removeLeftovers(out);
    const count: Count = { rows: 0, failures: 0 };
    const wall_s = Math.max(...shards.map((shard) => shard.manifest.wall_s ?? 0));
    const merged: Manifest = { ...manifest, shard: null, argv: process.argv.slice(2), wall_s };
    writeManifest(out, { ...merged, state: 'running', rows: null });
    const paths = shards.map(({ directory }) => join(directory, RUNS_FILE));
    replaceFile(join(out, RUNS_FILE), gathered(mergedLines(paths), experiment, count));
    const { name, title } = experiment;
    const executor = await makeExecutor(1);
    await writeDerivedFiles(out, { name, title, columns: columnsOf(experiment), parquet, executor });
    writeManifest(out, { ...merged, state: 'complete', rows: count.rows });
    return { ...count, notes: notesOn(shards) };
  } finally {
    lock.release();
  }
}
