/** A file that a command writes at its end. */
import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { InputError } from '../base/errors.js';

/** Refuses a path that cannot be written, before the work. Leaves nothing behind, since the work may fail. */
export async function checkWritable(path: string, flag: string): Promise<void> {
  const before = existsSync(path);
  const file = await open(path, 'a').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${flag}: cannot write '${path}': ${error.code ?? error.message}`);
  });
  await file.close();
  if (!before) await rm(path);
}
