/**
 * The command line in the process of the test: many times as fast as a process each, and modules can be mocked.
 * `stopgap.ts` runs the built program, for tests of the program itself.
 */
import { vi } from 'vitest';
import { commandLine } from '../../src/cli/command-line.js';
import type { Ran } from './stopgap.js';

interface Said extends Ran {
  readonly code: number;
}

/** Runs a command as a user would; what it prints, and its exit code. */
export async function inProcess(...args: string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const into = (name: keyof typeof said) => (text: unknown) => {
    said[name] += String(text);
    return true;
  };
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(into('err')),
    // Help is printed by yargs, and vitest has a console of its own.
    vi.spyOn(console, 'log').mockImplementation((text) => void into('out')(`${text}\n`)),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await commandLine(args);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    for (const stream of streams) stream.mockRestore();
    process.exitCode = before;
  }
}

/** What a command prints; throws what it complains of. */
export async function printed(...args: string[]): Promise<string> {
  const { code, out, err } = await inProcess(...args);
  if (code > 1) throw new Error(err);
  return out;
}
