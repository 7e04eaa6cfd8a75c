/** The shards of a sweep to one result, as if it had been run in one place. */
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { makeExperiment } from '../../experiment/sweep/experiment.js';
import { claimDirectory, lockDirectory } from './directory.js';
import { replaceFile } from './files.js';
import { completeLines, type Line } from './lines.js';
import { type Manifest, readManifest, writeManifest } from './manifest.js';
import { columnsOf } from './rows.js';
import { RUNS_FILE } from './runs-file.js';
import { writeDerivedFiles } from './summary-file.js';

interface ShardDirectory {
  readonly directory: string;
  readonly manifest: Manifest;
}

function readShard(directory: string): ShardDirectory {
  const manifest = readManifest(directory);
  const { shard, state } = manifest;
  if (!shard) throw new InputError(`${directory}: is a whole sweep, not a shard`);
  if (state !== 'complete')
    throw new InputError(
      `${directory}: shard ${shard.index}/${shard.of} is not finished (${state}); run its sweep again, it goes on where it stopped`,
    );
  return { directory, manifest };
}

/** All shards of one sweep, each once; the error names what is wrong or missing. */
function completeSet(directories: readonly string[]): readonly ShardDirectory[] {
  const shards = directories.map(readShard);
  const first = shards[0]!;
  const byIndex = new Map<number, ShardDirectory>();
  for (const shard of shards) {
    const { manifest, directory } = shard;
    const same =
      manifest.config_hash === first.manifest.config_hash &&
      manifest.version === first.manifest.version &&
      manifest.shard!.of === first.manifest.shard!.of;
    if (!same)
      throw new InputError(
        `${directory}: shard of another sweep than ${first.directory} (experiment, options or version differ)`,
      );
    const twin = byIndex.get(manifest.shard!.index);
    if (twin)
      throw new InputError(`${directory}: shard ${manifest.shard!.index} again, as in ${twin.directory}`);
    byIndex.set(manifest.shard!.index, shard);
  }
  const { of } = first.manifest.shard!;
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !byIndex.has(index));
  if (missing.length > 0)
    throw new InputError(`merge: ${missing.map((index) => `shard ${index}/${of}`).join(', ')} missing`);
  return shards;
}

/** Point and replication of a line of runs.csv: its second and third cell, numbers and never quoted. */
function orderOf(line: Line): readonly [point: number, replication: number] {
  const [, point, replication] = line.text.split(',', 3);
  return [Number(point), Number(replication)];
}

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

/** Lines joined to larger pieces, and counted. */
function* gathered(lines: Iterable<string>, count: { rows: number }): Generator<string> {
  let piece: string[] = [];
  count.rows = -1;
  for (const line of lines) {
    count.rows++;
    piece.push(line);
    if (piece.length < 4096) continue;
    yield piece.join('');
    piece = [];
  }
  yield piece.join('');
}

/** Merges the shards in `directories` into `out`: the same runs.csv and summary.csv as of the sweep in one piece. */
export function mergeShards(directories: readonly string[], out: string): { readonly rows: number } {
  const shards = completeSet(directories);
  const { manifest } = shards[0]!;
  const experiment = makeExperiment(manifest.experiment);
  claimDirectory(out, experiment.name, null);
  const unlock = lockDirectory(out);
  try {
    const count = { rows: 0 };
    const wall_s = Math.max(...shards.map((shard) => shard.manifest.wall_s ?? 0));
    const merged: Manifest = { ...manifest, shard: null, argv: process.argv.slice(2), wall_s };
    writeManifest(out, { ...merged, state: 'running', rows: null });
    const paths = shards.map(({ directory }) => join(directory, RUNS_FILE));
    replaceFile(join(out, RUNS_FILE), gathered(mergedLines(paths), count));
    writeDerivedFiles(out, experiment.name, experiment.title, columnsOf(experiment));
    writeManifest(out, { ...merged, state: 'complete', rows: count.rows });
    return count;
  } finally {
    unlock();
  }
}
