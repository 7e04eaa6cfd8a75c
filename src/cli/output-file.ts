/** A file that a command writes at its end. */
import { existsSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { InputError } from '../base/errors.js';

const refused =
  (path: string, flag: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw new InputError(`${flag}: cannot write '${path}': ${error.code ?? error.message}`);
  };

/** Refuses a path that cannot be written, before the work. Leaves nothing behind, since the work may fail. */
export async function checkWritable(path: string, flag: string): Promise<void> {
  const before = existsSync(path);
  const file = await open(path, 'a').catch(refused(path, flag));
  await file.close();
  if (!before) await rm(path);
}

/** Writes the file; InputError where that fails after all (a full disk, say). */
export async function writeOutput(path: string, flag: string, text: string): Promise<void> {
  await writeFile(path, text).catch(refused(path, flag));
}
