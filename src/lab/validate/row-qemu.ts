/** The QEMU that a row was measured on: its column `qemu`. Rows without one are of the lab's first QEMU. */
import { InputError } from '../../base/errors.js';
import { isRelease, type QemuSpec, qemuSpec } from '../../sim/qemu/releases.js';
import type { MeasuredRow } from './rows.js';

const UNTOLD = '7.2';

/** Rows of one configuration on one QEMU. */
export const configurationOf = (row: MeasuredRow): string => `${row.text('qemu')}\n${row.name('config')}`;

/** The release of a row; throws InputError where it is none. */
export function qemuOf(row: MeasuredRow): QemuSpec {
  const name = row.text('qemu').trim() || UNTOLD;
  if (isRelease(name)) return qemuSpec(name);
  throw new InputError(`column 'qemu' holds '${name}', a release of QEMU from 6.2 to 11.x is needed`);
}
