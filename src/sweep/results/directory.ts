/** The directory of one sweep's results: made and recognised; nothing of anybody else's is touched. */
import { type Dirent, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import { diskError } from '../../files/disk-error.js';
import { isTemporary, syncDirectory } from '../../files/replace.js';
import type { Shard } from '../run/shard.js';
import { LOCK_FILE } from './lock.js';
import { MANIFEST_FILE, type Manifest, readManifest } from './manifest.js';

const shardText = (shard: Shard | null): string =>
  shard ? `shard ${shard.index}/${shard.of}` : 'the whole sweep';

function refuseOther(directory: string, there: Manifest, name: string, shard: Shard | null): void {
  const other = (what: string): never => {
    throw new InputError(`${directory}: ${what}; give another --out (nothing was changed)`);
  };
  if (there.experiment.name !== name)
    other(`holds results of experiment '${there.experiment.name}', not '${name}'`);
  if (there.version !== version()) other(`holds results of stopgap ${there.version}, this is ${version()}`);
  if (there.shard?.index !== shard?.index || there.shard?.of !== shard?.of)
    other(`holds ${shardText(there.shard)}, not ${shardText(shard)}`);
}

function makeDirectory(directory: string): void {
  try {
    const first = mkdirSync(directory, { recursive: true });
    if (first !== undefined) syncDirectory(dirname(resolve(first)));
  } catch (error) {
    // On a read-only file system Node says ENOENT here; without `recursive` it says why.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(directory);
  }
}

/** Drawings, and the one folder within a directory of results. */
export const FIGURES_FOLDER = 'figures';

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw diskError(error, directory);
  }
}

/**
 * Refuses a directory in which a link, a pipe or a device lies, or where one of our files is a folder: stopgap makes
 * none of them, so what is written or read under that name would be somebody else's.
 */
export function refuseForeign(directory: string): readonly string[] {
  const entries = entriesOf(directory);
  for (const entry of entries) {
    const isFolder = entry.isDirectory();
    const what = entry.isSymbolicLink()
      ? 'a link'
      : entry.isFile() || (isFolder && entry.name !== LOCK_FILE)
        ? undefined
        : 'neither a file nor a folder of results';
    if (what)
      throw new InputError(
        `${join(directory, entry.name)}: is ${what}; stopgap makes none and follows none, remove it`,
      );
    if (isFolder && entry.name === FIGURES_FOLDER) refuseForeign(join(directory, entry.name));
  }
  return entries.map((entry) => entry.name);
}

/** Makes the directory, or checks that it holds results of this experiment, version and shard, and gives their manifest. */
export function claimDirectory(directory: string, name: string, shard: Shard | null): Manifest | undefined {
  try {
    makeDirectory(directory);
  } catch (error) {
    throw diskError(error, directory);
  }
  const files = refuseForeign(directory);
  if (existsSync(join(directory, MANIFEST_FILE))) {
    const there = readManifest(directory);
    refuseOther(directory, there, name, shard);
    return there;
  }
  const foreign = files.find((file) => file !== LOCK_FILE && !isTemporary(file));
  if (foreign !== undefined)
    throw new InputError(
      `${directory}: holds '${foreign}' but no manifest.json of stopgap; give another --out`,
    );
  return undefined;
}
