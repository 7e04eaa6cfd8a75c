/**
 * What the shell hands over instead of a file: standard input as `-` or `/dev/stdin`, and `/dev/fd/63` of `<(…)`. It
 * can be read once only, so its text is kept: `ask` reads its inputs again for each storage.
 */
import { readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { InputError } from '../../base/errors.js';

const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/;
const PIECE_BYTES = 65_536;
const WAIT_MS = 20;

function descriptorOf(path: string): number | undefined {
  if (path === '-' || path === '/dev/stdin') return 0;
  const number = DESCRIPTOR.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** True of a name for what the shell hands over. */
export const isStream = (path: string): boolean => descriptorOf(path) !== undefined;

const texts = new Map<number, { readonly text: string; readonly where: string }>();

/** One piece; undefined while nothing is there yet. */
function piece(descriptor: number, buffer: Buffer): number | undefined {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return undefined;
    if (code === 'EOF') return 0;
    throw error;
  }
}

function readAll(descriptor: number, maxBytes: number, tooLarge: () => never): string {
  const pieces: Buffer[] = [];
  const buffer = Buffer.alloc(PIECE_BYTES);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let bytes = 0; ; ) {
    const length = piece(descriptor, buffer);
    if (length === 0) return Buffer.concat(pieces).toString('utf8');
    if (length === undefined) Atomics.wait(pause, 0, 0, WAIT_MS);
    else {
      bytes += length;
      if (bytes > maxBytes) tooLarge();
      pieces.push(Buffer.from(buffer.subarray(0, length)));
    }
  }
}

/** The whole text. One stream feeds one input: two flags would both wait for it. */
export function readStream(path: string, where: string, maxBytes: number): string {
  const descriptor = descriptorOf(path)!;
  const known = texts.get(descriptor);
  if (known && known.where !== where)
    throw new InputError(`${where}: ${path} was already read for ${known.where}; give one of them as a file`);
  if (known) return known.text;
  if (isatty(descriptor))
    throw new InputError(`${where}: ${path} is a terminal; send a file into it (command | stopgap …)`);
  const text = readAll(descriptor, maxBytes, () => {
    throw new InputError(`${where}: ${path} has more than 256 MiB`);
  });
  texts.set(descriptor, { text, where });
  return text;
}
