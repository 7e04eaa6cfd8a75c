/** The shards that a merge is given: which are whole, which are missing, and how to run those again. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import { readError } from '../../files/disk-error.js';
import { parameterAt } from '../../input/parameters.js';
import { type Experiment, makeExperiment } from '../experiment/experiment.js';
import { belongs, type Shard } from '../run/shard.js';
import { csvText, parseLine } from './csv.js';
import { completeLines, type Line } from './lines.js';
import { MANIFEST_FILE, type Manifest, readManifest } from './manifest.js';
import { columnsOf } from './rows.js';
import { RUNS_FILE } from './runs-file.js';
import { sweepCommand } from './sweep-command.js';

/** A directory with the manifest of a shard. */
export interface ShardDirectory {
  readonly directory: string;
  readonly manifest: Manifest & { readonly shard: Shard };
}

/** Point and replication of a line of runs.csv: its second and third cell, numbers and never quoted. */
export function orderOf(line: Line): readonly [point: number, replication: number] {
  const [, point, replication] = line.text.split(',', 3);
  return [Number(point), Number(replication)];
}

function readShard(directory: string): ShardDirectory {
  const manifest = readManifest(directory);
  const { shard } = manifest;
  if (!shard) throw new InputError(`${directory}: is a whole sweep, not a shard`);
  if (manifest.version !== version())
    throw new InputError(
      `${directory}: holds results of stopgap ${manifest.version}, this is ${version()}; use that one, or run the sweep again`,
    );
  return { directory, manifest: { ...manifest, shard } };
}

/** What tells two sweeps apart, in words; undefined where they are the same. */
function differenceOf(a: Manifest, b: Manifest): string | undefined {
  if (a.experiment.name !== b.experiment.name)
    return `experiments '${a.experiment.name}' and '${b.experiment.name}'`;
  if (a.config_hash !== b.config_hash) return 'the experiment file or the options differ';
  return a.shard?.of === b.shard?.of ? undefined : `one of ${a.shard?.of} and one of ${b.shard?.of} shards`;
}

/** The shards by index; refuses what does not belong together. */
function byIndex(shards: readonly ShardDirectory[]): Map<number, ShardDirectory> {
  const first = shards[0]!;
  const found = new Map<number, ShardDirectory>();
  for (const shard of shards) {
    const { manifest, directory } = shard;
    const difference = differenceOf(first.manifest, manifest);
    if (difference)
      throw new InputError(`${directory}: shard of another sweep than ${first.directory} (${difference})`);
    const twin = found.get(manifest.shard.index);
    if (twin)
      throw new InputError(`${directory}: shard ${manifest.shard.index} again, as in ${twin.directory}`);
    found.set(manifest.shard.index, shard);
  }
  return found;
}

const VMS = parameterAt('vms')!.column;

/** Of a row, how many of its point come out of one simulation: the VMs of an evacuation. */
function togetherOf(experiment: Experiment): (line: Line) => number {
  const at = columnsOf(experiment).findIndex(({ name }) => name === VMS);
  return (line) => (at === -1 ? 1 : Number(parseLine(line.text, RUNS_FILE)[at] || 1));
}

/** Why the rows of a shard are not all that it should have, in plan order; undefined where they are. */
function rowsFlaw(path: string, { manifest }: ShardDirectory, experiment: Experiment): string | undefined {
  const lines = completeLines(path);
  const header = lines.next().value as Line | undefined;
  if (`${header?.text}\n` !== csvText([columnsOf(experiment).map((column) => column.name)]))
    return `${RUNS_FILE} has other columns`;
  const together = togetherOf(experiment);
  let [rows, vms, before] = [0, 1, [-1, 0] as readonly [number, number]];
  for (const line of lines) {
    const order = orderOf(line);
    const [point, replication] = order;
    const inOrder = point > before[0] || (point === before[0] && replication >= before[1]);
    if (point !== before[0]) vms = together(line);
    if (!inOrder || !belongs(experiment.size, manifest.shard, point, Math.floor(replication / vms)))
      return `row ${rows + 1} of ${RUNS_FILE} is not of this shard or not in order`;
    before = order;
    rows++;
  }
  return rows === manifest.rows ? undefined : `${RUNS_FILE} has ${rows} rows of ${manifest.rows}`;
}

/** Why a shard is not whole; undefined where it is. */
function flawOf(shard: ShardDirectory, experiment: Experiment): string | undefined {
  const { directory, manifest } = shard;
  if (manifest.state !== 'complete') return `${directory}: not finished, ${manifest.state}`;
  const path = join(directory, RUNS_FILE);
  if (!existsSync(path)) return `${directory}: holds no ${RUNS_FILE}`;
  try {
    const flaw = rowsFlaw(path, shard, experiment);
    return flaw && `${directory}: ${flaw}`;
  } catch (error) {
    throw readError(error, path);
  }
}

/** `out/2-of-3` from `out/1-of-3`: where the shard of another index lies, if the names go by index. */
function sibling(known: ShardDirectory, index: number): string | undefined {
  const { directory, manifest } = known;
  const name = basename(directory);
  for (const { 0: digits, index: at } of name.matchAll(/\d+/g)) {
    if (digits !== String(manifest.shard.index)) continue;
    return join(dirname(directory), `${name.slice(0, at)}${index}${name.slice(at + digits.length)}`);
  }
  return undefined;
}

interface Missing {
  readonly index: number;
  readonly directory: string;
  readonly why: string;
}

function missingShard(
  index: number,
  known: ShardDirectory,
  absent: readonly string[],
  alone: boolean,
): Missing {
  const { directory, manifest } = known;
  const named = sibling(known, index);
  const given =
    absent.find((path) => named !== undefined && join(path) === named) ?? (alone ? absent[0] : undefined);
  const place = given ?? named ?? join(dirname(directory), `shard-${index}-of-${manifest.shard.of}`);
  if (given === undefined) return { index, directory: place, why: 'not given' };
  return {
    index,
    directory: place,
    why: `${place}: ${existsSync(place) ? 'no results' : 'no such directory'}`,
  };
}

function refuse(missing: readonly Missing[], { manifest }: ShardDirectory): never {
  const { of } = manifest.shard;
  const names = missing.map(({ index, why }) => `shard ${index}/${of} (${why})`);
  const commands = missing.map(({ index, directory }) => sweepCommand(manifest, { index, of }, directory));
  const [are, run] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
  throw new InputError(
    `merge: ${names.join(', ')} ${are} missing; run ${run}, then merge again: ${commands.join(' && ')}`,
  );
}

function isAbsent(directory: string): boolean {
  const path = join(directory, MANIFEST_FILE);
  try {
    statSync(path);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return true;
    throw readError(error, path);
  }
}

/** All shards of one sweep, each once and whole; the error names what is wrong or missing, and the way on. */
export function completeSet(directories: readonly string[]): readonly ShardDirectory[] {
  const absent = directories.filter(isAbsent);
  const shards = directories.filter((directory) => !isAbsent(directory)).map(readShard);
  // None at all: the reader has the words for it.
  if (shards.length === 0) readManifest(directories[0]!);
  const found = byIndex(shards);
  const first = shards[0]!;
  const experiment = makeExperiment(first.manifest.experiment);
  const indices = Array.from({ length: first.manifest.shard.of }, (_, i) => i + 1);
  const lost = indices.filter((index) => !found.has(index));
  const missing = indices.flatMap((index): Missing[] => {
    const shard = found.get(index);
    if (!shard) return [missingShard(index, first, absent, absent.length === 1 && lost.length === 1)];
    const why = flawOf(shard, experiment);
    return why ? [{ index, directory: shard.directory, why }] : [];
  });
  if (missing.length > 0) refuse(missing, first);
  // Everything is there and still something was named that is not: a slip of the pen.
  if (absent.length > 0) readManifest(absent[0]!);
  return shards;
}
