import { InputError } from '../../base/errors.js';
import type { Geometry } from '../disks.js';
import type { Layer, Values } from '../fields.js';

export async function imageGeometry(
  _values: Values,
  _layers: readonly Layer[],
  where: string,
): Promise<Geometry> {
  throw new InputError(`${where}: images cannot be read yet`);
}
