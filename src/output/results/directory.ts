/** The directory of one sweep's results: made, recognised, locked; nothing of anybody else's is touched. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import type { Shard } from '../../experiment/sweep/schedule.js';
import { diskError } from './files.js';
import { MANIFEST_FILE, type Manifest, readManifest } from './manifest.js';

const LOCK_FILE = '.stopgap.lock';

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

/** Makes the directory, or checks that it holds results of this experiment, version and shard. */
export function claimDirectory(directory: string, name: string, shard: Shard | null): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw diskError(error, directory);
  }
  if (!statSync(directory).isDirectory()) throw new InputError(`${directory}: is a file, give another --out`);
  if (existsSync(join(directory, MANIFEST_FILE))) {
    refuseOther(directory, readManifest(directory), name, shard);
    return;
  }
  const foreign = readdirSync(directory).find((file) => file !== LOCK_FILE && !file.endsWith('.tmp'));
  if (foreign !== undefined)
    throw new InputError(
      `${directory}: holds '${foreign}' but no manifest.json of stopgap; give another --out`,
    );
}

/** Whether the process that left the lock is known to be gone. */
function isStale(text: string): boolean {
  const [pid, host] = text.trim().split(' ');
  if (host !== hostname() || !Number.isInteger(Number(pid))) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Keeps a second sweep out of the directory; returns what gives it free. A lock of a dead process is taken over. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, LOCK_FILE);
  const take = (): void => writeFileSync(path, `${process.pid} ${hostname()}\n`, { flag: 'wx' });
  try {
    take();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, path);
    const holder = readFileSync(path, 'utf8');
    if (!isStale(holder))
      throw new InputError(
        `${directory}: another sweep is writing here (process ${holder.trim()}); if not, remove ${path}`,
      );
    rmSync(path, { force: true });
    take();
  }
  return () => rmSync(path, { force: true });
}
