/** The disks of a situation: all alike, a list of them, or those of images. */
import { InputError } from '../base/errors.js';
import type { DiskSpec } from '../sim/scenario.js';
import { diskEntries, layerOf } from './disk-entries.js';
import { listedDisks } from './disk-list.js';
import { type PlannedDisk, planOf } from './disk-plan.js';
import { diskFrom, type Situation } from './disks.js';
import { DISK_KEYS } from './parameters/disk-list.js';
import { SITUATION } from './parameters/situation.js';
import type { Where } from './scenario-input.js';
import { type Layer, readSpec } from './values/fields.js';

/** Disks, notes on them, and what images say in place of parameters. */
export interface Planned {
  readonly plans: readonly PlannedDisk[];
  readonly notes: readonly string[];
  readonly question: Readonly<Record<string, unknown>>;
  /** They were given one by one. */
  readonly listed: boolean;
}

/** Layers of a scenario, the later wins; the last of `given` is that of flags or settings. */
export interface DiskLayers {
  readonly all: readonly Layer[];
  readonly given: readonly Layer[];
}

/** What an image does not say of its disk. */
const BESIDE_IMAGE = [
  'storage',
  'bitmap-storage',
  'data-file',
  'flush-latency',
  'flush-bandwidth',
  'discard',
  'writes',
];

/** Values for single disks of images: `disks.0.storage=…`. */
function withEntries(
  disks: readonly DiskSpec[],
  layers: readonly Layer[],
  plans: readonly PlannedDisk[],
): readonly PlannedDisk[] {
  const entries = diskEntries(layers, disks.length);
  if (!entries) return plans;
  if (entries.length !== disks.length)
    throw new InputError(`disks: ${entries.length} are listed, and the images have ${disks.length}`);
  return entries.map((entry, i) => {
    for (const [key, value] of entry)
      if (!BESIDE_IMAGE.includes(key))
        throw new InputError(
          `${Array.isArray(value) ? `disks.${i}.${key}` : value.where}: cannot be set beside an image, which already says it (${BESIDE_IMAGE.join(', ')} can)`,
        );
    const own = layerOf(entry, DISK_KEYS);
    const told = readSpec(SITUATION, [...layers, own], 'disks');
    const where: Where = (...paths) => own.get(paths[0]!)?.where ?? paths[0]!;
    const writes = entry.get('writes');
    const plain = { ...disks[i]!, discard: told.discard };
    const spec = writes && !Array.isArray(writes) ? { ...plain, writes: Number(writes.raw) } : plain;
    const elsewhere = own.has(SITUATION.storage.path);
    const place = { given: told.storage, where: where('storage') };
    return { ...planOf(spec, told, where), ...(elsewhere && { storage: place }) };
  });
}

/** The disks as planned: storages are not loaded yet. */
export async function planDisks(situation: Situation, layers: DiskLayers, where: Where): Promise<Planned> {
  const { all, given } = layers;
  if (situation.image !== undefined) {
    const { disks, notes, question } = (await import('./images/geometry.js')).imageGeometry(
      situation.image,
      situation,
      given,
      where('image'),
    );
    const plans = disks.map((disk) => planOf(disk, situation, where));
    return { plans: withEntries(disks, all, plans), notes, question, listed: false };
  }
  const listed = listedDisks(all, situation, given.at(-1));
  if (listed) return { plans: listed, notes: [], question: {}, listed: true };
  const plan = planOf(diskFrom(situation, where), situation, where);
  const plans = Array.from({ length: situation.diskCount }, () => plan);
  return { plans, notes: [], question: {}, listed: false };
}
