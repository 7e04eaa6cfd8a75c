/** The directory of one sweep's results: made and recognised; nothing of anybody else's is touched. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import type { Shard } from '../run/schedule.js';
import { diskError } from './files.js';
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
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    // On a read-only file system Node says ENOENT here; without `recursive` it says why.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(directory);
  }
}

/** What lies in the directory, which is made if it is not there. */
function contentOf(directory: string): readonly string[] {
  try {
    makeDirectory(directory);
    return readdirSync(directory);
  } catch (error) {
    throw diskError(error, directory);
  }
}

/** Makes the directory, or checks that it holds results of this experiment, version and shard, and gives their manifest. */
export function claimDirectory(directory: string, name: string, shard: Shard | null): Manifest | undefined {
  const files = contentOf(directory);
  if (existsSync(join(directory, MANIFEST_FILE))) {
    const there = readManifest(directory);
    refuseOther(directory, there, name, shard);
    return there;
  }
  const foreign = files.find((file) => !file.startsWith(LOCK_FILE) && file !== `${MANIFEST_FILE}.tmp`);
  if (foreign !== undefined)
    throw new InputError(
      `${directory}: holds '${foreign}' but no manifest.json of stopgap; give another --out`,
    );
  return undefined;
}
