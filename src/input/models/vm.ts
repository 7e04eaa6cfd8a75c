import { overriding, type Rows } from '../../sim/parameters/row.js';
import { SITUATION } from '../parameters/situation.js';

const FIELDS = [
  'diskBytes',
  'diskCount',
  'granularityBytes',
  'clusterBytes',
  'allocatedShare',
  'discard',
  'bitmapCount',
  'frozenCount',
  'history',
  'ramBytes',
] as const satisfies readonly (keyof typeof SITUATION)[];

/** A VM preset (models/vms/*.yaml) sets parameters of the scenario by their own paths; none of them is required. */
export const VM: Rows = Object.fromEntries(FIELDS.map((field) => [field, overriding(SITUATION[field])]));
