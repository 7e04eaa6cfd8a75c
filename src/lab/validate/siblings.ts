/** Reads measured files and what lies beside them: runs beside windows, logs beside runs. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import { unreadable } from '../../input/values/files.js';
import type { ReadSibling } from './kind.js';

/** A measured row is a second of somebody's time at least; the table takes fifty times its text in memory. */
const BYTES_MAX = 16 * 2 ** 20;

/** The text of a file, unpacked where its name ends in .gz; undefined where there is none. */
export function readMeasuredFile(path: string): string | undefined {
  const refuse = (why: string): never => {
    throw new InputError(`${path}: ${why}; a CSV file of measured rows is needed`);
  };
  let data: Buffer;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) refuse('is not a regular file');
    if (stats.size > BYTES_MAX) refuse(`has more than ${formatSize(BYTES_MAX)}`);
    data = readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    return refuse(unreadable(error));
  }
  if (!path.endsWith('.gz')) return data.toString('utf8');
  try {
    return gunzipSync(data, { maxOutputLength: BYTES_MAX }).toString('utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(
      code === 'ERR_BUFFER_TOO_LARGE' ? `holds more than ${formatSize(BYTES_MAX)}` : 'has damaged gzip data',
    );
  }
}

/** Reads by name in the folder of this measured file. */
export function readSiblings(measured: string): ReadSibling {
  return (name) => readMeasuredFile(join(dirname(measured), name));
}
