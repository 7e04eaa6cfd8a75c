/**
 * Reading input files, with errors in one line. Only regular files are read: a pipe would wait, a device never end.
 * What the shell hands over is an exception that the user asks for: `-`, `/dev/stdin`, and `<(…)`.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { isStream, readStream } from './streams.js';

const MAX_BYTES = 256 * 2 ** 20;
/** Objects in objects. No file of ours needs ten; what walks a tree must not run out of stack. */
const DEPTH_MAX = 64;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no folder',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EACCES: 'may not be read (permission denied)',
  EMFILE:
    'too many files are open; raise the limit, as with `ulimit -n 1024`, and run the same command again',
};

/** Why a path could not be read, in words. */
export function unreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? `cannot be read (${code})`;
}

/**
 * An error of the operating system that reached the top as one line; undefined for any other error. A disk that fails,
 * a limit of open files: no bug of the program, whichever call it hit.
 */
export function systemTrouble(error: unknown): string | undefined {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof syscall !== 'string') return undefined;
  return `${path ?? syscall}: ${unreadable(error)}`;
}

/** What lies at a path; undefined where nothing can be found there. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // No folder on the way, a circle of links, a name that no file can have.
    return undefined;
  }
}

/** True where the path names a regular file. */
export function isFile(path: string): boolean {
  return look(path)?.isFile() ?? false;
}

/** True of what `readText` can read: a regular file, or what the shell hands over. */
export const isReadable = (path: string): boolean => isStream(path) || isFile(path);

function textAt(path: string, where: string): string {
  if (isStream(path)) return readStream(path, where, MAX_BYTES);
  const stats = statSync(path);
  if (!stats.isFile()) throw new InputError(`${where}: ${path} is not a regular file`);
  if (stats.size > MAX_BYTES) throw new InputError(`${where}: ${path} has more than 256 MiB`);
  return decoded(readFileSync(path));
}

/** UTF-8, or UTF-16 where its mark stands at the beginning, as PowerShell writes what a program prints. */
function decoded(bytes: Buffer): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return isWide ? bytes.toString('utf16le') : bytes.toString('utf8');
}

/** The text of a regular file or of what the shell hands over; refuses devices, folders, empty files, binary content. */
export function readText(path: string, where: string): string {
  let text: string;
  try {
    text = textAt(path, where);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${where}: ${path}: ${unreadable(error)}`);
  }
  if (text.includes('\0')) throw new InputError(`${where}: ${path} is not a text file`);
  if (text.trim() === '') throw new InputError(`${where}: ${path} is empty`);
  return text;
}

/** Refuses a value that nests deeper than any file of ours; without recursion, for the same reason. */
export function checkDepth(value: unknown, where: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) throw new InputError(`${where}: nested more than ${DEPTH_MAX} deep`);
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
}

/** Parses JSON; `allowed` says what the file should have been. Text before the first `{` or `[` is skipped (fio's notes). */
export function parseJson(text: string, where: string, allowed: string): unknown {
  const start = text.search(/[[{]/);
  let value: unknown;
  try {
    value = JSON.parse(start > 0 ? text.slice(start) : text);
  } catch {
    throw new InputError(`${where}: not JSON, so not ${allowed}`);
  }
  checkDepth(value, where);
  return value;
}
