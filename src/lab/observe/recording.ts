/**
 * What a VM answered, twice: two folders of replies, one file for each command as QEMU (or virsh) printed it, and the
 * time of each. A shell loop can make one where stopgap is not installed (docs/observe.md).
 */
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { putFile, temporaryBeside } from '../../files/replace.js';
import { isFile, parseJson, readText, unreadable } from '../../input/values/files.js';
import { ABOUT_VM, DIRTY_RATE, SAMPLED } from './commands.js';

/** `{return: …}`, or `{error: {desc: …}}` where QEMU knows no such command. */
export type Reply = Tree;

/** Replies by command, and when they were given (seconds; only differences count). */
export interface Sample {
  readonly timeS: number;
  readonly replies: ReadonlyMap<string, Reply>;
}

export interface Recording {
  /** Begins the messages. */
  readonly where: string;
  readonly first: Sample;
  readonly second: Sample;
}

const SAMPLES = ['first', 'second'] as const;
/** Seconds with decimals, as `date +%s.%N` prints them. */
const TIME = 'time';
const HOLDS = `two folders, 'first' and 'second', as --record makes them`;

function readReply(path: string, where: string): Reply {
  const reply = parseJson(readText(path, where), `${where}: ${path}`, 'a reply of QEMU');
  if (isTree(reply) && ('return' in reply || 'error' in reply)) return reply;
  throw new InputError(`${where}: ${path}: not a reply of QEMU, {"return": …}`);
}

function readSample(folder: string, commands: readonly string[], where: string): Sample {
  const path = join(folder, TIME);
  const text = readText(path, where).trim();
  const timeS = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(timeS))
    throw new InputError(`${where}: ${path}: '${text.slice(0, 40)}' is not a time in seconds (date +%s.%N)`);
  const replies = commands.map(
    (command) => [command, readReply(join(folder, `${command}.json`), where)] as const,
  );
  return { timeS, replies: new Map(replies) };
}

/** A recording from its folder. */
export function readRecording(directory: string): Recording {
  const where = '--from';
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    throw new InputError(`${where}: ${directory}: ${unreadable(error)}; a recording is ${HOLDS}`);
  }
  if (!SAMPLES.every((name) => names.includes(name)))
    throw new InputError(`${where}: ${directory} is no recording: that is ${HOLDS}`);
  const [first, second] = SAMPLES.map((name) => join(directory, name)) as [string, string];
  const asked = isFile(join(second, `${DIRTY_RATE.ask}.json`)) ? [DIRTY_RATE.ask] : [];
  return {
    where: `${where}: ${directory}`,
    first: readSample(first, [...ABOUT_VM, ...SAMPLED], where),
    second: readSample(second, [...SAMPLED, ...asked], where),
  };
}

/** A folder to be made, whole and at the end. */
export interface RecordingOutput {
  write(recording: Recording): void;
}

/** What lies there, if anything does. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function orRefuse(directory: string, work: () => void): void {
  try {
    if (namesIn(directory).length > 0) throw new InputError('it is there and not empty');
    work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`--record: cannot make the folder '${directory}': ${code ?? message}`);
  }
}

/** Checks, before the VM is asked, that the folder can be made: nothing may be there but an empty folder. */
export function claimRecording(directory: string): RecordingOutput {
  const temporary = temporaryBeside(resolve(directory));
  orRefuse(directory, () => {
    mkdirSync(temporary);
    rmdirSync(temporary);
  });
  const write = (recording: Recording): void => {
    mkdirSync(temporary);
    try {
      for (const name of SAMPLES) writeSample(join(temporary, name), recording[name]);
      renameSync(temporary, directory);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  };
  return { write: (recording) => orRefuse(directory, () => write(recording)) };
}

function writeSample(folder: string, { timeS, replies }: Sample): void {
  mkdirSync(folder);
  putFile(join(folder, TIME), [`${timeS.toFixed(6)}\n`]);
  for (const [command, reply] of replies)
    putFile(join(folder, `${command}.json`), [`${JSON.stringify(reply)}\n`]);
}
