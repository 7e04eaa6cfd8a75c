/**
 * The one way to write a file that the user names. It is refused before the work: where it cannot be written, where it
 * is a link, a device or an input of the command, and where something lies there that stopgap did not make. What it
 * made, it knows by a mark in the first bytes; `--force` replaces any other file too. The file appears whole, at the end.
 */
import { accessSync, constants, lstatSync, realpathSync, rmSync, type Stats, statSync } from 'node:fs';
import { sep } from 'node:path';
import { InputError } from '../base/errors.js';
import { headOf } from './head.js';
import { putFile, temporaryBeside, writeNew } from './replace.js';

export interface OutputRules {
  /** Begins the messages. */
  readonly flag: string;
  /** What the first bytes of an earlier output of this kind look like (as latin1). */
  readonly mark: RegExp;
  /** Replace what stopgap did not make. */
  readonly force: boolean;
  /** Never replaced, by whatever name, nor what lies in a folder among them. Words that name no file do no harm. */
  readonly inputs: readonly string[];
}

export interface Output {
  readonly path: string;
  /** Puts the file there. InputError where that fails after all (a full disk), or where another file came meanwhile. */
  write(data: string | Uint8Array): void;
  /** The same of more than should be in memory. */
  writeAll(pieces: Iterable<string | Uint8Array>): void;
}

const HEAD_BYTES = 4096;

/** Of an option `--force`, wherever outputs are named. */
export const FORCE = {
  type: 'boolean',
  default: false,
  describe: 'replace an output file that stopgap did not make',
} as const;

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino;

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // not a path at all, or one that its reader will complain of
  }
}

function isOrHolds(input: string, path: string, there: Stats): boolean {
  const stats = statOf(input);
  if (stats === undefined) return false;
  if (!stats.isDirectory()) return isSame(stats, there);
  return realpathSync(path).startsWith(`${realpathSync(input)}${sep}`);
}

/** Why the file that lies there may not be replaced; undefined where it may. */
function objection(path: string, there: Stats, { mark, force, inputs }: OutputRules): string | undefined {
  if (there.isSymbolicLink()) return 'is a link; give the path of the file itself';
  if (there.isDirectory()) return 'is a directory, where a file is meant';
  if (!there.isFile()) return 'is not a regular file';
  if (inputs.some((input) => isOrHolds(input, path, there))) return 'is an input of this command';
  accessSync(path, constants.W_OK);
  if (force) return undefined;
  if (mark.test(headOf(path, HEAD_BYTES).toString('latin1'))) return undefined;
  return 'is there and not an earlier output of this command; --force replaces it';
}

/** What lies at the path and may be replaced, or undefined; refuses anything else. */
function check(path: string, rules: OutputRules): Stats | undefined {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const why = there && objection(path, there, rules);
  if (why) throw new InputError(`${rules.flag}: '${path}' ${why}`);
  return there;
}

function inWords<T>(path: string, flag: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`${flag}: cannot write '${path}': ${code ?? message}`);
  }
}

/** Checks, before the work, that a file can be written and may be; gives the way to write it. Leaves nothing behind. */
export function claimOutput(path: string, rules: OutputRules): Output {
  inWords(path, rules.flag, () => {
    check(path, rules);
    const trial = temporaryBeside(path);
    writeNew(trial, []);
    rmSync(trial);
  });
  const writeAll = (pieces: Iterable<string | Uint8Array>): void =>
    inWords(path, rules.flag, () => {
      // The work may have taken hours: what has come to lie there meanwhile is judged as what lay there before.
      putFile(path, pieces, check(path, rules)?.mode);
    });
  return { path, writeAll, write: (data) => writeAll([data]) };
}
