/**
 * Several outputs of fio as one storage. One output is what `--storage fio.json` reads; more of them may measure what one job
 * alone cannot: how a flush grows with the bytes written before it, or what a small write costs.
 */
import type { StorageValues } from '../storage-values/values.js';
import { storageOfJobs } from './result.js';
import { fioResults } from './runs.js';

export interface FioText {
  /** File name, for messages. */
  readonly name: string;
  readonly text: string;
}

export function fioValues(files: readonly FioText[]): StorageValues {
  const where = files.map((file) => file.name).join(', ');
  const jobs = files.flatMap(({ name, text }) => fioResults(text, name));
  const { layer, notes } = storageOfJobs(jobs, where);
  return { values: new Map([...layer].map(([path, { raw }]) => [path, raw])), notes };
}
