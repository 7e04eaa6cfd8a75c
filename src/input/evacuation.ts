/** How many VMs leave the host together, from the parameters `vms` and `parallel`. */
import { InputError } from '../base/errors.js';
import type { Spec } from '../sim/parameters/row.js';
import type { EvacuationSpec } from '../sim/scenario.js';
import type { EVACUATION } from './parameters/evacuation.js';
import type { Where } from './scenario-input.js';

/** Undefined: the VM migrates alone. */
export function evacuationSpec(
  { vms, parallel }: Spec<typeof EVACUATION>,
  where: Where,
): EvacuationSpec | undefined {
  if (vms === undefined && parallel !== undefined)
    throw new InputError(`${where('parallel')}: needs vms, how many VMs leave the host`);
  return vms === undefined || vms === 1 ? undefined : { vms, parallel: Math.min(vms, parallel ?? 1) };
}
