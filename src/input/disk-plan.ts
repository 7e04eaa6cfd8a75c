/** Disks before the storages they lie on are loaded, and how they get them. */
import { InputError } from '../base/errors.js';
import { formatRate, formatTime } from '../base/units.js';
import type { DiskSpec, ImageSpec, StorageSpec } from '../sim/scenario.js';
import type { Situation } from './disks.js';
import { overrideStorage } from './models/storage.js';
import { SITUATION } from './parameters/situation.js';
import type { Where } from './scenario-input.js';
import { loadStorage } from './sources.js';

/** A storage as it is named, with what is said of it beside the name. */
export interface Place {
  readonly given: string;
  readonly where: string;
  readonly latencyNs?: number | undefined;
  readonly bytesPerS?: number | undefined;
}

export interface PlacedImage {
  readonly spec: ImageSpec;
  /** Absent: where its disk's data is. */
  readonly storage?: Place;
}

/** A disk without its storages; `storage` absent: that of the scenario. */
export interface PlannedDisk {
  readonly spec: DiskSpec;
  readonly storage?: Place;
  readonly bitmapStorage?: Place;
  readonly backing?: readonly PlacedImage[];
}

/** A disk with its data file, if it has one. */
export function planOf(spec: DiskSpec, { dataFile, bitmapStorage }: Situation, where: Where): PlannedDisk {
  if (bitmapStorage === undefined) return { spec: dataFile ? { ...spec, dataFile: {} } : spec };
  if (dataFile === false)
    throw new InputError(
      `${where(SITUATION.bitmapStorage.path)}: only a disk with a data file keeps its bitmaps elsewhere; leave data-file out or set it on`,
    );
  const place = { given: bitmapStorage, where: where(SITUATION.bitmapStorage.path) };
  return { spec: { ...spec, dataFile: {} }, bitmapStorage: place };
}

/** `gcp-hyperdisk#2`: another device of the same kind. */
const LABELLED = /^(.+)#([\w-]+)$/;

/** Loads each storage once, however many disks name it, so that they share it. */
class Storages {
  readonly notes: string[] = [];
  private readonly known = new Map<string, StorageSpec>();
  private readonly names = new Set<string>();

  constructor(own: StorageSpec, given: string) {
    this.known.set(given, own);
    this.names.add(own.name);
  }

  async at({ given, where, latencyNs, bytesPerS }: Place, all: Situation): Promise<StorageSpec> {
    const told = [
      ...(latencyNs === undefined ? [] : [formatTime(latencyNs)]),
      ...(bytesPerS === undefined ? [] : [formatRate(bytesPerS)]),
    ];
    const key = told.length === 0 ? given : `${given} (${told.join(', ')})`;
    const known = this.known.get(key);
    if (known) return known;
    const loaded = await loadStorage(LABELLED.exec(given)?.[1] ?? given, [], where);
    this.notes.push(...loaded.notes);
    const name =
      LABELLED.test(given) || told.length > 0 || this.names.has(loaded.spec.name) ? key : loaded.spec.name;
    const spec = overrideStorage(
      { ...loaded.spec, name },
      latencyNs ?? all.flushLatencyNs,
      bytesPerS ?? all.flushBytesPerS,
    );
    this.known.set(key, spec);
    this.names.add(name);
    return spec;
  }
}

/** The disks with their storages. `own`: the scenario's, with what is said of it. */
export async function placeDisks(
  plans: readonly PlannedDisk[],
  own: StorageSpec,
  situation: Situation,
): Promise<{ readonly disks: readonly DiskSpec[]; readonly notes: readonly string[] }> {
  const storages = new Storages(own, situation.storage);
  const elsewhere = async (place: Place | undefined): Promise<StorageSpec | undefined> => {
    const storage = place && (await storages.at(place, situation));
    return storage === own ? undefined : storage;
  };
  const placed = new Map<PlannedDisk, DiskSpec>();
  for (const plan of plans) if (!placed.has(plan)) placed.set(plan, await placeDisk(plan, own, elsewhere));
  return { disks: plans.map((plan) => placed.get(plan)!), notes: storages.notes };
}

async function placeDisk(
  plan: PlannedDisk,
  own: StorageSpec,
  elsewhere: (place: Place | undefined) => Promise<StorageSpec | undefined>,
): Promise<DiskSpec> {
  const storage = await elsewhere(plan.storage);
  const home = storage ?? own;
  // Absent means where the disk's data is, which need not be the scenario's storage.
  const beside = async (place: Place | undefined): Promise<StorageSpec | undefined> => {
    const there = place && ((await elsewhere(place)) ?? own);
    return there === home ? undefined : there;
  };
  const bitmapStorage = await beside(plan.bitmapStorage);
  const backing =
    plan.backing &&
    (await Promise.all(
      plan.backing.map(async (image) => {
        const there = (await beside(image.storage)) ?? storage;
        return { ...image.spec, ...(there && { storage: there }) };
      }),
    ));
  return {
    ...plan.spec,
    ...(storage && { storage }),
    ...(bitmapStorage && { dataFile: { bitmapStorage } }),
    ...(backing && { backing }),
  };
}
