/** Bytes of a trace file, unpacked if it is gzip (told from its first bytes, whatever its name). */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { InputError } from '../base/errors.js';
import type { TraceHead } from './format.js';

const HEAD_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** What is not unpacked here, by its first bytes. */
const PACKED: readonly (readonly [string, readonly number[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);
const isGzip = (bytes: Uint8Array): boolean => startsWith(bytes, [0x1f, 0x8b]);

/** An operating system or zlib error as one line of input trouble. */
function unreadable(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason: Record<string, string> = {
    ENOENT: 'no such file',
    EISDIR: 'is a folder, not a trace file',
    EACCES: 'may not be read',
    ELOOP: 'its symbolic links lead in a circle',
    ENAMETOOLONG: 'the name is too long',
    ENOTDIR: 'a part of the path is no folder',
    Z_BUF_ERROR: 'ends inside its gzip data (cut off?)',
    Z_DATA_ERROR: 'has damaged gzip data',
  };
  return new InputError(`${path}: ${reason[code ?? ''] ?? message}`);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    // Not even opened: a pipe waits for somebody to write, a device may never end.
    if (!(await stat(path)).isFile()) throw new InputError(`${path}: is not a regular file`);
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The head of a file, for telling its format. */
export async function readHead(path: string): Promise<TraceHead> {
  const raw = await firstBytes(path);
  for (const [name, magic] of PACKED)
    if (startsWith(raw, magic))
      throw new InputError(`${path}: is packed with ${name}; unpack it first (gzip is read as it is)`);
  let bytes = raw;
  if (isGzip(raw)) {
    try {
      bytes = gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH });
    } catch (error) {
      throw unreadable(path, error);
    }
  }
  if (bytes.length === 0) throw new InputError(`${path}: is empty`);
  if (new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar')
    throw new InputError(`${path}: is a tar archive; unpack it and name the file inside`);
  const text = bytes.indexOf(0) < 0;
  const lines = text ? new TextDecoder().decode(bytes).split(/\r?\n/) : [];
  if (bytes.length >= HEAD_BYTES && lines.length > 1) lines.pop();
  return {
    bytes,
    lines: lines.slice(0, 200).filter((line) => line.trim() !== ''),
    fileName: basename(path),
  };
}

/** The file's bytes in pieces; `onBytes` gets how many bytes of the (packed) file were read since the last call. */
export async function* readBytes(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const packed = isGzip(await firstBytes(path));
  const raw = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (onBytes) raw.on('data', (chunk) => onBytes(chunk.length));
  const stream = packed ? raw.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : raw;
  if (packed) raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    raw.destroy();
    stream.destroy();
  }
}
