/** A recorded guest laid onto the disks of a scenario. */
import { InputError } from '../../base/errors.js';
import { formatSize, formatTime } from '../../base/units.js';
import type { TraceGuestSpec } from '../../sim/scenario.js';
import { type LoadedTraceGuest, loadTraceGuest } from '../../traces/replay.js';
import type { Geometry } from '../disks.js';
import { type Layer, readSpec } from '../values/fields.js';
import { TRACE } from './trace-rows.js';

const SILENT =
  'a trace says nothing of RAM; half of it is taken to be used, and none dirtied, where nothing else is set';

export interface TraceWorkload {
  guest(disks: Geometry): TraceGuestSpec;
  /** Complete once `guest` was asked for. */
  readonly notes: readonly string[];
}

/** Reads the trace that a workload names. `layers` may hold `trace.*` only. */
export async function traceWorkload(
  path: string,
  layers: readonly Layer[],
  where: string,
): Promise<TraceWorkload> {
  const known = new Set<string>(Object.values(TRACE).map((row) => row.path));
  const other = layers.flatMap((layer) => [...layer.keys()]).find((key) => !known.has(key));
  if (other !== undefined)
    throw new InputError(
      `${where}: ${path} is a trace, workload.${other} cannot be set beside it (only workload.trace.…)`,
    );
  const { stretch: stretched, ...replay } = readSpec(TRACE, layers, path);
  const loaded = await loadTraceGuest(path, replay);
  const notes = [...loaded.notes.map((note) => `${path}: ${note}`), said(path, loaded), SILENT];
  return {
    notes,
    guest: (disks) => {
      const stretch = onto(path, loaded, disks, stretched, where);
      if (stretch > 1)
        notes.push(`${path}: offsets are multiplied by ${stretch}; neighbouring writes lie apart then`);
      return { ...loaded.guest, stretch };
    },
  };
}

function said(path: string, { guest, devices }: LoadedTraceGuest): string {
  const end = guest.loop ? 'begins again at its end' : 'falls silent at its end';
  const start = guest.startNs === 0 ? '' : `, replayed from ${formatTime(guest.startNs)} on`;
  const rate = guest.rate === 1 ? '' : `, replayed ${guest.rate} times as fast`;
  return `${path}: ${guest.timesNs.length} writes to ${devices.length} disk(s) in ${formatTime(guest.durationNs)}${start}${rate}; the guest ${end}`;
}

const some = (devices: readonly string[]): string =>
  devices.slice(0, 8).join('; ') + (devices.length > 8 ? ` and ${devices.length - 8} more` : '');

/** The stretch that fits, and an error where the trace does not: wrapped writes would be a guest nobody recorded. */
function onto(
  path: string,
  loaded: LoadedTraceGuest,
  geometry: Geometry,
  stretched: boolean,
  where: string,
): number {
  const { disks } = geometry;
  const { devices, extentsBytes } = loaded;
  if (devices.length > disks.length)
    throw new InputError(
      `${where}: ${path} writes to ${devices.length} devices, but there are ${disks.length} disks; ` +
        `choose one with --trace-device or workload.trace.device (${some(devices)}) or give more disks`,
    );
  let stretch = Number.POSITIVE_INFINITY;
  for (const [i, extent] of extentsBytes.entries()) {
    if (extent > disks[i]!.sizeBytes)
      throw new InputError(
        `${where}: ${path} writes up to ${formatSize(extent)} of device '${devices[i]}', but the disk has ${formatSize(disks[i]!.sizeBytes)}`,
      );
    stretch = Math.min(stretch, Math.floor(disks[i]!.sizeBytes / extent));
  }
  return stretched ? stretch : 1;
}
