/** QEMU's own time on a machine, from a host preset. */
import { HOST_FIELDS, hostFrom } from '../input/models/host.js';
import { loadPreset } from '../input/presets.js';
import { readFields } from '../input/values/fields.js';
import type { HostSpec } from '../sim/scenario.js';

/** A host preset by name, or a preset file. `where`: who names it, for errors. */
export async function loadHost(name: string, where: string): Promise<HostSpec> {
  const preset = await loadPreset('host', name, where);
  return hostFrom(readFields(HOST_FIELDS, [preset.layer], `${where}: ${name}`), name);
}

/** The machine that the shipped rows were measured on. */
export function labHost(): Promise<HostSpec> {
  return loadHost('lab', 'lab');
}
