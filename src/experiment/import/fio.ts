import { InputError } from '../../base/errors.js';
import type { Layer } from '../fields.js';

export interface Imported {
  readonly layer: Layer;
  readonly notes: readonly string[];
}

export function storageFromFio(_text: string, _name: string, where: string): Imported {
  throw new InputError(`${where}: fio results cannot be read yet`);
}
