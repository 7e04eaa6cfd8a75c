import { InputError } from '../../base/errors.js';
import type { Imported } from './fio.js';

export function isFioJob(path: string): boolean {
  return /\.(fio|ini|job)$/i.test(path);
}

export function workloadFromFioJob(_text: string, where: string): Imported {
  throw new InputError(`${where}: fio job files cannot be read yet`);
}
