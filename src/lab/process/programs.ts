/** The programs of others that a measurement needs: found, versioned, run, and named with their package where missing. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { Cleanup } from './cleanup.js';
import { LabError } from './lab-error.js';

/** Program name to the Debian and Ubuntu package that has it. */
const PACKAGES: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  nbdkit: 'nbdkit',
  fio: 'fio',
  cc: 'gcc',
  strace: 'strace',
  fallocate: 'util-linux',
  virsh: 'libvirt-clients',
};

/** Where the program is, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory || '.', name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/**
 * The packages of those programs that are not installed.
 * @internal
 */
export function missingPackages(programs: readonly string[]): string[] {
  return [...new Set(programs.filter((name) => !findProgram(name)).map((name) => PACKAGES[name] ?? name))];
}

/** Refuses unless all are installed, with the command that installs them. */
export function requirePrograms(programs: readonly string[], purpose: string): void {
  const missing = programs.filter((name) => !findProgram(name));
  if (missing.length === 0) return;
  throw new InputError(
    `${purpose}: needs ${missing.join(', ')}, not found in PATH; on Debian and Ubuntu: apt-get install ${missingPackages(missing).join(' ')}`,
  );
}

/**
 * Dotted version out of a program's `--version`, as numbers; undefined if it prints none.
 * @internal
 */
export function versionIn(text: string): readonly number[] | undefined {
  const match = /\b(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [match[1], match[2], match[3] ?? '0'].map(Number) : undefined;
}

/**
 * Is `version` at least `least`, compared number by number?
 * @internal
 */
export function atLeast(version: readonly number[], least: readonly number[]): boolean {
  for (let i = 0; i < least.length; i++) {
    const difference = (version[i] ?? 0) - least[i]!;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Refuses a program that is older than `least` ("5.2"). Returns its version as text. */
export async function requireVersion(program: string, least: string, reason: string): Promise<string> {
  const { stdout } = await runProgram(program, ['--version'], 10_000);
  const version = versionIn(stdout);
  if (!version)
    throw new InputError(`${program}: prints no version; ${least} or newer is needed (${reason})`);
  if (!atLeast(version, least.split('.').map(Number)))
    throw new InputError(
      `${program}: version ${version.join('.')} is too old; ${least} or newer is needed (${reason})`,
    );
  return version.join('.');
}

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, in `folder` if given: programs read `:`, `;`, `,` and a leading `-` in a path in ways of
 * their own, so they are given bare names of ours there. Throws with its last words if it fails or takes longer than
 * `timeoutMs`.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  timeoutMs: number,
  cleanup?: Cleanup,
  folder?: string,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
    const forget = cleanup?.defer(() => child.kill('SIGKILL'));
    const out = collect(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      forget?.();
      if (code === 0) resolve(out);
      else
        reject(
          new LabError(`${program} ${args[0] ?? ''}: ${signal ?? `exit ${code}`}: ${lastLine(out.stderr)}`),
        );
    });
  });
}

/** A program that serves from a folder until it is ended. Own process group, so that Ctrl-C reaches us first and we end it. */
export function startServer(
  cleanup: Cleanup,
  program: string,
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; output: Finished; kill: () => void } {
  const env = { ...process.env, ...environment };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env, cwd: folder });
  child.on('error', () => {}); // seen as an exit by whoever waits for its socket
  const kill = cleanup.defer(() => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // gone already
    }
  });
  return { child, output: collect(child), kill };
}

/** Waits for the end of a child; kills it after `timeoutMs`. */
export function ended(child: ChildProcess, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The last line that is not empty: where programs say what went wrong. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) || 'no message';
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return output;
}
