/** Results. Everything a command prints goes through here, so that no file or argument can drive the terminal. */
import { once } from 'node:events';
import { printable, printableJson } from '../base/printable.js';
import { releaseNotes } from './stderr.js';

/** Text for a reader. */
export function print(text: string): void {
  releaseNotes();
  process.stdout.write(printable(text));
}

/** A result for programs, on lines of its own. */
export function printJson(value: unknown): void {
  releaseNotes();
  process.stdout.write(`${printableJson(value)}\n`);
}

/** The content of a file: byte for byte into a pipe, as text on a terminal. */
export function printFile(text: string | Uint8Array): void {
  releaseNotes();
  process.stdout.write(
    process.stdout.isTTY ? printable(typeof text === 'string' ? text : Buffer.from(text).toString()) : text,
  );
}

/** The same piece by piece, each when the reader has taken the one before. */
export async function printPieces(pieces: Iterable<string>): Promise<void> {
  releaseNotes();
  for (const piece of pieces)
    if (!process.stdout.write(process.stdout.isTTY ? printable(piece) : piece))
      await once(process.stdout, 'drain');
}
