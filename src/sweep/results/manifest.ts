/** manifest.json: where results come from, and what is needed to make them again. The only file with clock and host in it. */

import { execFileSync } from 'node:child_process';
import { existsSync, type Stats, statSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../base/errors.js';
import { hashHex } from '../../base/hash.js';
import { treeOf } from '../../base/tree.js';
import { version } from '../../base/version.js';
import { readError } from '../../files/disk-error.js';
import { replaceFile } from '../../files/replace.js';
import { schemaError } from '../../input/schema/errors.js';
import { parseJson, readText } from '../../input/values/files.js';
import { PACKAGE_ROOT } from '../../input/values/package-root.js';
import type { ExperimentSource } from '../experiment/experiment.js';
import { canonical } from '../run/identity.js';
import type { Shard } from '../run/shard.js';
import { manifestSchema } from './manifest-schema.js';

export const MANIFEST_FILE = 'manifest.json';

export interface Manifest {
  readonly tool: 'stopgap';
  readonly version: string;
  readonly commit: string | null;
  readonly experiment: ExperimentSource;
  /** Hash of the experiment with its overrides: equal for all shards of one sweep. */
  readonly config_hash: string;
  readonly shard: Shard | null;
  readonly state: 'running' | 'interrupted' | 'complete';
  readonly points: number;
  readonly rows: number | null;
  readonly rng: string;
  readonly seed: number;
  readonly argv: readonly string[];
  readonly host: Readonly<Record<string, string | number>>;
  readonly started: string;
  readonly wall_s: number | null;
}

const RNG = 'xoshiro128** 1.1, one stream for each (seed, replication, name), state by MurmurHash3 x86 128';

/** The commit that the program was built from, where it runs from a clone. */
function commit(): string | null {
  const root = fileURLToPath(PACKAGE_ROOT);
  if (!existsSync(join(root, '.git'))) return null;
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'models') !== '';
    return `${git('rev-parse', 'HEAD')}${changed ? ' (changed)' : ''}`;
  } catch {
    return null;
  }
}

/** One hash for an experiment and what the command line changed of it. */
function configHash(source: ExperimentSource): string {
  return hashHex(canonical(source));
}

/** A manifest for a sweep that begins now. */
export function newManifest(source: ExperimentSource, shard: Shard, points: number, seed: number): Manifest {
  return {
    tool: 'stopgap',
    version: version(),
    commit: commit(),
    experiment: source,
    config_hash: configHash(source),
    shard: shard.of === 1 ? null : shard,
    state: 'running',
    points,
    rows: null,
    rng: RNG,
    seed,
    argv: process.argv.slice(2),
    host: {
      name: hostname(),
      cpu: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
    started: new Date().toISOString(),
    wall_s: null,
  };
}

/** Replaces the manifest of a directory. */
export function writeManifest(directory: string, manifest: Manifest): void {
  replaceFile(join(directory, MANIFEST_FILE), [`${JSON.stringify(manifest, null, 2)}\n`]);
}

/** Reads a manifest; InputError where it is not one of ours. */
export function readManifest(directory: string): Manifest {
  const path = join(directory, MANIFEST_FILE);
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw readError(error, path);
  }
  if (stats === undefined)
    throw new InputError(
      existsSync(directory)
        ? `${directory}: holds no manifest.json, so no results of stopgap`
        : `${directory}: no such directory; results are what \`stopgap sweep\` writes`,
    );
  const tree = treeOf(parseJson(readText(path, 'manifest'), path, 'a manifest of stopgap'));
  if (tree.tool !== 'stopgap') throw new InputError(`${path}: not a manifest of stopgap`);
  const parsed = manifestSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw schemaError(parsed.error, path);
}
