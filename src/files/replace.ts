/**
 * Writing without loss. A file appears whole or not at all: written under a name that nobody can guess or have put a
 * link at, synced, renamed. A rename does not follow a link, and lasts once its directory is synced.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { diskError } from './disk-error.js';

const RANDOM_BYTES = 12;
const TEMPORARY = /^\.stopgap-(\d+)-[0-9a-f]{24}\.tmp$/;

/** A name beside the file, short enough wherever the file's own name is. It says whose it is, should we be killed. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.stopgap-${process.pid}-${randomBytes(RANDOM_BYTES).toString('hex')}.tmp`);
}

/** Writes all of the data, which one call of writeSync need not do. */
export function writeFully(fd: number, data: Uint8Array, positionBytes: number | null = null): void {
  for (let done = 0; done < data.length; ) {
    done += writeSync(
      fd,
      data,
      done,
      data.length - done,
      positionBytes === null ? null : positionBytes + done,
    );
  }
}

/** Makes names in a directory last through a power loss. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some network file systems have no such call, and need none.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    closeSync(fd);
  }
}

/** A new, synced file that nobody else can have; `mode` where it is to be that of an older one. */
export function writeNew(path: string, pieces: Iterable<string | Uint8Array>, mode?: number): void {
  const fd = openSync(path, 'wx');
  try {
    for (const piece of pieces) writeFully(fd, typeof piece === 'string' ? Buffer.from(piece) : piece);
    if (mode !== undefined) fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Puts a whole file where `path` says: a crash leaves the old content or the new, never a part. Errors are Node's. */
export function putFile(path: string, pieces: Iterable<string | Uint8Array>, mode?: number): void {
  const temporary = temporaryBeside(path);
  try {
    writeNew(temporary, pieces, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/** The same for a file of a directory that is ours; a disk that fails is one line. */
export function replaceFile(path: string, pieces: Iterable<string | Uint8Array>): void {
  try {
    putFile(path, pieces);
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Is there no such process? (One that we may not signal is there.) */
export function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Is this the name of a temporary file of ours? */
export const isTemporary = (name: string): boolean => TEMPORARY.test(name);

/** Removes what a killed process left in a directory that is ours. For the holder of its lock. */
export function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid !== undefined && isDead(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}
