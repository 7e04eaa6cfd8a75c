/** QEMU's own time on a machine, from a host preset. */
import { loadPreset } from '../input/presets.js';
import { readSpec, readSpreads } from '../input/values/fields.js';
import { HOST } from '../sim/parameters/host.js';
import type { HostSpec } from '../sim/scenario.js';

/** A host preset by name, or a preset file. `where`: who names it, for errors. */
export async function loadHost(name: string, where: string): Promise<HostSpec> {
  const preset = await loadPreset('host', name, where);
  const spread = readSpreads(HOST, [preset.layer]);
  return { name, ...readSpec(HOST, [preset.layer], `${where}: ${name}`), spread };
}

/** A machine that nobody measured. */
export function anyHost(): Promise<HostSpec> {
  return loadHost('unknown', 'unknown');
}

/** The machine that the shipped rows were measured on. */
export function labHost(): Promise<HostSpec> {
  return loadHost('lab', 'lab');
}
