/**
 * One writer per results directory, on one machine or on many that share a file system. The lock is a file that its
 * holder writes again every few seconds. On the holder's own host a dead process is recognised at once; a lock from
 * elsewhere (a node that is gone, a container that was replaced) is taken over when it has been silent long enough.
 * Clocks are never compared. A lock comes into being with its text in it, so an empty one is nobody's.
 */
import { existsSync, linkSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../base/errors.js';
import { diskError } from '../../files/disk-error.js';
import { headOf } from '../../files/head.js';
import { isDead, temporaryBeside, writeNew } from '../../files/replace.js';

export const LOCK_FILE = '.stopgap.lock';

/** How often the holder writes, how long a silent lock is left alone, and how long an empty one. */
interface LockTiming {
  readonly beatMs: number;
  readonly silenceMs: number;
  readonly emptyMs: number;
}

export interface LockOptions extends Partial<LockTiming> {
  /** Told why nothing happens for a while. */
  readonly note?: (text: string) => void;
}

/** NFS clients may show a file up to a minute late; a long run without workers cannot beat while it computes. */
const TIMING: LockTiming = { beatMs: 5000, silenceMs: 90_000, emptyMs: 1000 };

export interface Lock {
  /** InputError if the directory is gone, or somebody else has taken it over meanwhile. */
  check(): void;
  release(): void;
}

/** Locks that this process holds: in a container every process may have the same id and host name as its forerunner. */
const held = new Set<string>();

const TEXT = /^(\d+ \S+) \d+\n$/;
const TEXT_BYTES_MAX = 1024;

const me = (): string => `${process.pid} ${hostname()}`;
const holderOf = (text: string): string | undefined => TEXT.exec(text)?.[1];

/** The lock's text; undefined where there is none. Whatever cannot be a lock of ours is refused, and not waited for. */
function look(path: string): string | undefined {
  try {
    if (!lstatSync(path).isFile()) throw new InputError(`${path}: is not a lock of stopgap; remove it`);
    return headOf(path, TEXT_BYTES_MAX).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw diskError(error, path);
  }
}

const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Takes the lock if it is free: a whole file gets its name, which fails where there is one. */
function take(path: string): boolean {
  const own = temporaryBeside(path);
  const text = [`${me()} 0\n`];
  try {
    writeNew(own, text);
    try {
      linkSync(own, path);
    } catch (error) {
      if (!NO_HARD_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      // The file is empty for a moment here, which is why an empty lock is looked at again.
      writeNew(path, text);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, path);
  } finally {
    rmSync(own, { force: true });
  }
}

/** True once the lock has shown the same text for so long; false as soon as it has changed. */
async function isSilent(path: string, text: string, forMs: number, everyMs: number): Promise<boolean> {
  const start = performance.now();
  while (performance.now() - start < forMs) {
    await sleep(everyMs);
    if (look(path) !== text) return false;
  }
  return true;
}

/** Waits until the lock's holder is known to be gone (true) or alive (false). */
async function isAbandoned(path: string, text: string, options: LockTiming & LockOptions): Promise<boolean> {
  const { beatMs, silenceMs, emptyMs, note } = options;
  if (text === '') return isSilent(path, text, emptyMs, emptyMs / 4);
  const holder = holderOf(text);
  if (holder === undefined) throw new InputError(`${path}: is not a lock of stopgap; remove it`);
  const [pid, host] = holder.split(' ');
  if (host === hostname()) return Number(pid) === process.pid ? !held.has(path) : isDead(Number(pid));
  note?.(`${path} was left by process ${holder}; waiting up to ${silenceMs / 1000} s for a sign of life`);
  return isSilent(path, text, silenceMs, beatMs / 2);
}

/**
 * Removes an abandoned lock. It is moved away first, and looked at: where two find it at once, the slower would
 * otherwise remove the lock that the faster has just made.
 */
function remove(path: string, text: string): void {
  const away = temporaryBeside(path);
  try {
    renameSync(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw diskError(error, path);
  }
  try {
    if (look(away) !== text) linkSync(away, path);
  } catch {
    // A third has the lock by now; who had it will notice.
  }
  rmSync(away, { force: true });
}

function beat(path: string, beats: number): void {
  const next = temporaryBeside(path);
  try {
    if (holderOf(look(path) ?? '') !== me()) return;
    writeNew(next, [`${me()} ${beats}\n`]);
    renameSync(next, path);
  } catch {
    // A full disk: the rows will fail with a better message.
    rmSync(next, { force: true });
  }
}

async function acquire(directory: string, path: string, options: LockTiming & LockOptions): Promise<void> {
  if (take(path)) return;
  const there = look(path);
  if (there !== undefined) {
    if (!(await isAbandoned(path, there, options))) {
      const holder = holderOf(look(path) ?? there) ?? 'that has just begun';
      throw new InputError(
        `${directory}: another sweep is writing here (process ${holder}); if not, remove ${path}`,
      );
    }
    remove(path, there);
  }
  if (!take(path)) throw new InputError(`${directory}: another sweep has just begun to write here`);
}

/** What became of the directory that we have no lock in any more. */
function loss(directory: string, path: string, inode: bigint): string {
  const now = statSync(directory, { bigint: true, throwIfNoEntry: false });
  if (now?.ino !== inode)
    return `${directory}: this directory was removed while the command was writing to it; what it had written is lost`;
  return existsSync(path)
    ? `${directory}: another process has taken this directory over; its rows are kept`
    : `${path}: this lock was removed while the command was writing; what it had written so far is kept`;
}

/** Keeps a second sweep out of the directory. */
export async function lockDirectory(directory: string, options: LockOptions = {}): Promise<Lock> {
  const timing = { ...TIMING, ...options };
  const path = join(directory, LOCK_FILE);
  await acquire(directory, path, timing);
  const { ino } = statSync(directory, { bigint: true });
  held.add(path);
  let beats = 0;
  const timer = setInterval(() => beat(path, ++beats), timing.beatMs);
  timer.unref();
  return {
    check: () => {
      if (holderOf(look(path) ?? '') !== me()) throw new InputError(loss(directory, path, ino));
    },
    release: () => {
      clearInterval(timer);
      held.delete(path);
      try {
        if (holderOf(look(path) ?? '') === me()) rmSync(path, { force: true });
      } catch {
        // Not a lock of ours any more; what went wrong before is the better message.
      }
    },
  };
}
