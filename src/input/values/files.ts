/** Reading input files, with errors in one line. */
import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../../base/errors.js';

const MAX_BYTES = 256 * 2 ** 20;

/** True where the path names a regular file. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The text of a regular file; refuses devices, folders, empty files, binary content. */
export function readText(path: string, where: string): string {
  let text: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new InputError(`${where}: ${path} is not a regular file`);
    if (stats.size > MAX_BYTES) throw new InputError(`${where}: ${path} has more than 256 MiB`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new InputError(`${where}: ${path}: ${reason}`);
  }
  if (text.includes('\0')) throw new InputError(`${where}: ${path} is not a text file`);
  if (text.trim() === '') throw new InputError(`${where}: ${path} is empty`);
  return text;
}

/** Parses YAML (or JSON, which is YAML too); keys given twice and broken text are errors. */
export async function parseYaml(text: string, where: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const first = (error as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new InputError(`${where}: not valid YAML: ${first}`);
  }
}

/** Parses JSON; `allowed` says what the file should have been. Text before the first `{` or `[` is skipped (fio's notes). */
export function parseJson(text: string, where: string, allowed: string): unknown {
  const start = text.search(/[[{]/);
  try {
    return JSON.parse(start > 0 ? text.slice(start) : text);
  } catch {
    throw new InputError(`${where}: not JSON, so not ${allowed}`);
  }
}
