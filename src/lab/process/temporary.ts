/**
 * Temporary directories that a later run recognises. SIGKILL leaves no time to remove anything; but the name says which
 * process made it, so that the next run in the same place removes it once that process is gone. Never on a guess: only
 * a directory of our own user, of this host and process namespace, whose process is certainly dead.
 */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../../base/errors.js';
import { hashHex } from '../../base/hash.js';
import { isDead } from '../../files/replace.js';

/** Purpose, place, process id, when that process began, and six characters of mkdtemp. */
const NAME = /^stopgap-[a-z]+-([0-9a-f]{8})-(\d+)-(\d+)-[A-Za-z0-9]{6}$/;
/** What a measurement leaves running when it is killed. (nbdkit ends with its parent, and fio in the end, unless it is halted.) */
const SERVERS = new Set(['qemu-system-x86_64', 'qemu-img', 'qemu-io', 'nbdkit', 'fio']);

/** Where a process id means something: a host, and there a namespace of processes. */
function place(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the host must do.
  }
  return hashHex(`${hostname()} ${namespace}`).slice(0, 8);
}

/** Clock ticks from the host's start to the process's: an id is given again, but not in the same tick. 0 if unknown. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program is in brackets and may hold anything; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

/** Is the process that made a directory of this name certainly dead? */
function isOrphan(name: string): boolean {
  const [, where, pid, start] = NAME.exec(name) ?? [];
  if (where !== place()) return false;
  return isDead(Number(pid)) || (start !== '0' && startOf(Number(pid)) !== start);
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no such thing here, or not to be read: then nothing is removed
  }
}

/** Ends servers that a killed run left in the directory: of those programs, with its whole name in their arguments. */
function endServers(directory: string): void {
  const name = basename(directory);
  for (const pid of entriesOf('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isServer = SERVERS.has(basename(words[0] ?? ''));
      const isHere =
        words.some((word) => word.includes(name)) || readlinkSync(`/proc/${pid}/cwd`) === directory;
      if (isServer && isHere) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or is not ours.
    }
  }
}

/** Removes what killed runs left in the parent. What cannot be removed is left: it is in nobody's way. */
export function removeOrphans(parent: string): void {
  for (const name of entriesOf(parent).filter(isOrphan)) {
    const path = join(resolve(parent), name);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (!there?.isDirectory() || there.uid !== process.getuid?.()) continue;
    try {
      endServers(path);
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Not ours after all, or a file system that has become read-only.
    }
  }
}

/** A fresh directory whose name says whose it is; the absolute path. InputError where none can be made. */
export function makeTemporary(parent: string, purpose: string): string {
  const owner = `${place()}-${process.pid}-${startOf(process.pid)}`;
  try {
    return mkdtempSync(join(resolve(parent), `stopgap-${purpose}-${owner}-`));
  } catch (error) {
    throw new InputError(
      `${parent}: no directory can be made in it (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
