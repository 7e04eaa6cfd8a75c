import type { Row } from '../../sim/parameters/row.js';

/** A VM preset sets parameters of the scenario by their own paths (models/vms/*.yaml). */
const VM_PATHS: readonly string[] = [
  'disk.size',
  'disk.count',
  'disk.cluster',
  'disk.allocated',
  'disk.discard',
  'bitmaps.count',
  'disk.granularity',
  'bitmaps.frozen',
  'bitmaps.history',
  'ram.size',
];

/** The fields of a VM preset: those parameters, none of them required. */
export function vmFields(parameters: readonly Row[]): readonly Row[] {
  return parameters
    .filter((parameter) => VM_PATHS.includes(parameter.path))
    .map(({ default: _, ...field }) => ({ ...field, optional: true }));
}
