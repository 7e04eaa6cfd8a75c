/** Where a storage or a workload comes from: a preset, a preset file, a result of fio, a job of fio, a trace. */
import { InputError } from '../base/errors.js';
import type { GuestSpec, StorageSpec } from '../sim/scenario.js';
import type { Geometry } from './disks.js';
import { isFioResult } from './fio/texts.js';
import { readStorage } from './models/storage.js';
import { GUEST, readGuest } from './models/workload.js';
import { loadPreset, shippedPreset, unknownPreset } from './presets.js';
import { type Layer, readSpec } from './values/fields.js';
import { isFile, isReadable, readText } from './values/files.js';

export interface LoadedStorage {
  readonly spec: StorageSpec;
  /** Values as written, with what is said of their doubt. */
  readonly layer: Layer;
  readonly notes: readonly string[];
}

/** A workload before the disks are known. */
export interface WorkloadSource {
  readonly name: string;
  /** Values as written, for `ram.*`. */
  readonly layer: Layer;
  guest(disks: Geometry): GuestSpec;
  readonly notes: readonly string[];
}

const sizesOf = ({ disks }: Geometry): readonly number[] => disks.map((disk) => disk.sizeBytes);

/** A fio job may leave its rate to the user. */
const RATE = { writesPerS: { ...GUEST.writesPerS, optional: true } } as const;

const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path);

/** `--storage`: preset name, preset file, or the JSON output of fio. */
export async function loadStorage(
  given: string,
  layers: readonly Layer[],
  where: string,
): Promise<LoadedStorage> {
  if (shippedPreset('storage', given) === undefined && isReadable(given) && !isYaml(given)) {
    const text = readText(given, where);
    if (isFioResult(text)) {
      const { storageFromFio } = await import('./fio/result.js');
      const imported = storageFromFio(text, `${where}: ${given}`);
      const spec = readStorage([imported.layer, ...layers], given);
      return { spec, layer: imported.layer, notes: imported.notes };
    }
  }
  const preset = await loadPreset('storage', given, where);
  const spec = readStorage([preset.layer, ...layers], preset.name);
  return { spec, layer: preset.layer, notes: [] };
}

/** What is said of a replay would be passed over in silence beside anything else. */
function noTrace(given: string, layers: readonly Layer[], where: string): void {
  const set = layers.flatMap((layer) => [...layer]).find(([path]) => path.startsWith('trace.'));
  if (set) throw new InputError(`${set[1].where}: ${where} is '${given}', which is no trace of writes`);
}

/** `--workload`: preset name, preset file, fio job file, or trace of writes. */
export async function loadWorkload(
  given: string,
  layers: readonly Layer[],
  where: string,
): Promise<WorkloadSource> {
  if (shippedPreset('workload', given) === undefined && !isYaml(given)) {
    if (!isFile(given)) throw unknownPreset('workload', given, where);
    const { isFioJob, workloadFromFioJob } = await import('./fio/workload.js');
    if (!isFioJob(given)) {
      const { traceWorkload } = await import('./models/trace.js');
      const { guest, notes } = await traceWorkload(given, layers, where);
      return { name: given, layer: new Map(), guest, notes };
    }
    noTrace(given, layers, where);
    const { writesPerS } = readSpec(RATE, layers, given);
    const job = workloadFromFioJob(readText(given, where), `${where}: ${given}`, writesPerS);
    return {
      name: given,
      layer: job.layer,
      guest: (disks) => readGuest([job.layer, ...layers], given, sizesOf(disks)),
      notes: job.notes,
    };
  }
  const preset = await loadPreset('workload', given, where);
  noTrace(given, layers, where);
  return {
    name: preset.name,
    layer: preset.layer,
    guest: (disks) => readGuest([preset.layer, ...layers], preset.name, sizesOf(disks)),
    notes: [],
  };
}
