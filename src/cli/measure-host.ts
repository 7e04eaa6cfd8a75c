/** `--host` of `measure`: a preset, a file of one, or this machine as it is just now. */
import type { HostSpec } from '../sim/scenario.js';

/** A machine that nobody measured. */
export const ANY_HOST = 'unknown';

/** QEMU's own time, for the prediction. */
export async function hostOf(name: string): Promise<HostSpec> {
  if (name === 'auto') return (await (await import('./calibrate-host.js')).calibratedHost()).host;
  return (await import('../lab/host.js')).loadHost(name, '--host');
}

/** The last line of a report whose prediction could know the machine better. */
export function hostAdvice(name: string): string {
  if (name !== ANY_HOST) return '';
  return "QEMU's own time is that of no machine in particular; `stopgap calibrate --host --out host.yaml` measures this one in half a minute: then --host host.yaml, or --host auto for both\n";
}
