/** Errors of the disk as one line that says what to do. */
import { InputError } from '../base/errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; what is there is kept, make room and run the same command again',
  EDQUOT: 'the disk quota is used up; what is there is kept, make room and run the same command again',
  EACCES: 'permission denied, give another --out',
  EPERM: 'permission denied, give another --out',
  EROFS: 'the file system is read-only, give another --out',
  ENOTDIR: 'a part of the path is a file, give another --out',
  EEXIST: 'is a file, give another --out',
  EISDIR: 'is a directory, where a file is meant',
  ENOENT: 'no such file or directory',
  EFBIG: 'the file has grown to the limit of the file system',
  EMFILE:
    'too many files are open; raise the limit, as with `ulimit -n 1024`, and run the same command again',
  ELOOP: 'is a link, where a file is meant',
};

/** An error of the disk as one line that says what to do; any other error as it is. */
export function diskError(error: unknown, path: string): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  // Node's own words: `EIO: i/o error, read`.
  return new InputError(`${path}: ${REASONS[code] ?? message.split(', ')[0]}`);
}

/** The same for what was only to be read: there another --out is no help. */
export function readError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM')
    return new InputError(`${path}: may not be read (permission denied)`);
  return diskError(error, path);
}
