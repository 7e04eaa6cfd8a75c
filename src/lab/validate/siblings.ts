/** Reads measured files and what lies beside them: runs beside windows, logs beside runs. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../../base/errors.js';
import type { ReadSibling } from './kind.js';

/** The text of a file, unpacked where its name ends in .gz; undefined where there is none. */
export function readMeasuredFile(path: string): string | undefined {
  try {
    const data = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(data) : data).toString('utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new InputError(
      `${path}: cannot be read (${code ?? message}); a CSV file of measured rows is needed`,
    );
  }
}

/** Reads by name in the folder of this measured file. */
export function readSiblings(measured: string): ReadSibling {
  return (name) => readMeasuredFile(join(dirname(measured), name));
}
