/**
 * One writer per results directory, on one machine or on many that share a file system. The lock is a file that its
 * holder writes again every few seconds. On the holder's own host a dead process is recognised at once; a lock from
 * elsewhere (a node that is gone, a container that was replaced) is taken over when it has been silent long enough.
 * Clocks are never compared.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { diskError, writeFully } from './files.js';

export const LOCK_FILE = '.stopgap.lock';

/** How often the holder writes, and how long a silent lock is left alone. */
interface LockTiming {
  readonly beatMs: number;
  readonly silenceMs: number;
}

export interface LockOptions extends Partial<LockTiming> {
  /** Told why nothing happens for a while. */
  readonly note?: (text: string) => void;
}

/** NFS clients may show a file up to a minute late; a long run without workers cannot beat while it computes. */
const TIMING: LockTiming = { beatMs: 5000, silenceMs: 90_000 };

export interface Lock {
  /** InputError if somebody else has taken the directory over meanwhile. */
  check(): void;
  release(): void;
}

/** Locks that this process holds: in a container every process may have the same id and host name as its forerunner. */
const held = new Set<string>();

const me = (): string => `${process.pid} ${hostname()}`;
const holderOf = (text: string): string => text.split(' ').slice(0, 2).join(' ').trim();

/** The lock's text; undefined where there is none. */
function look(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, path);
  }
}

/** Takes the lock if it is free. */
function take(path: string): boolean {
  let created = false;
  try {
    const fd = openSync(path, 'wx');
    created = true;
    try {
      writeFully(fd, Buffer.from(`${me()} 0\n`));
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if (created) rmSync(path, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, path);
  }
}

function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Waits until the lock's holder is known to be gone (true) or alive (false). */
async function isAbandoned(path: string, text: string, options: LockTiming & LockOptions): Promise<boolean> {
  const [pid, host] = holderOf(text).split(' ');
  if (host === hostname())
    return Number(pid) === process.pid
      ? !held.has(path)
      : Number.isInteger(Number(pid)) && isDead(Number(pid));
  const { beatMs, silenceMs, note } = options;
  note?.(
    `${path} was left by process ${holderOf(text)}; waiting up to ${silenceMs / 1000} s for a sign of life`,
  );
  const start = performance.now();
  while (performance.now() - start < silenceMs) {
    await new Promise((resolve) => setTimeout(resolve, beatMs / 2));
    if (look(path) !== text) return false;
  }
  return true;
}

function beat(path: string, beats: number): void {
  try {
    if (holderOf(look(path) ?? '') !== me()) return;
    const next = `${path}.${process.pid}.tmp`;
    writeFileSync(next, `${me()} ${beats}\n`);
    renameSync(next, path);
  } catch {
    // A full disk: the rows will fail with a better message.
  }
}

/** Keeps a second sweep out of the directory. */
export async function lockDirectory(directory: string, options: LockOptions = {}): Promise<Lock> {
  const timing = { ...TIMING, ...options };
  const path = join(directory, LOCK_FILE);
  if (!take(path)) {
    const there = look(path);
    if (there !== undefined) {
      const refusal = `${directory}: another sweep is writing here (process ${holderOf(there)}); if not, remove ${path}`;
      if (!(await isAbandoned(path, there, timing))) throw new InputError(refusal);
      if (look(path) === there) rmSync(path, { force: true });
    }
    if (!take(path)) throw new InputError(`${directory}: another sweep has just begun to write here`);
  }
  held.add(path);
  let beats = 0;
  const timer = setInterval(() => beat(path, ++beats), timing.beatMs);
  timer.unref();
  const isMine = (): boolean => holderOf(look(path) ?? '') === me();
  return {
    check: () => {
      if (!isMine())
        throw new InputError(
          `${directory}: another process has taken this directory over; its rows are kept`,
        );
    },
    release: () => {
      clearInterval(timer);
      held.delete(path);
      if (isMine()) rmSync(path, { force: true });
    },
  };
}
