/** Disks that are not alike: each read by itself, over what is said of all of them. */
import { InputError } from '../base/errors.js';
import type { Row } from '../sim/parameters/row.js';
import type { BitmapSpec, ImageSpec } from '../sim/scenario.js';
import { diskEntries, type Entry, layerOf } from './disk-entries.js';
import { type Place, type PlacedImage, type PlannedDisk, planOf } from './disk-plan.js';
import { bitmapsFrom, checkBitmap, checkDiskSize, contentFrom, diskFrom, type Situation } from './disks.js';
import { BACKING_KEYS, DISK_KEYS, GROUP_KEYS, OWN } from './parameters/disk-list.js';
import { SITUATION } from './parameters/situation.js';
import type { Where } from './scenario-input.js';
import { type Layer, type Raw, readRow, readSpec } from './values/fields.js';

/** As many disks as QEMU gives a VM through one controller each. */
const DISKS_MAX = 256;

const whereIn =
  (layer: Layer, fallback: string): Where =>
  (...paths) =>
    paths.map((path) => layer.get(path)?.where).find((where) => where !== undefined) ?? fallback;

/** A layer in which these hold unless the entry says otherwise. */
const standing = (layer: Layer, defaults: readonly (readonly [row: Row, raw: string])[]): Layer =>
  new Map<string, Raw>([
    ...defaults.map(([row, raw]) => [row.path, { raw, where: row.path }] as const),
    ...layer,
  ]);

const saysNone = (layer: Layer): boolean => String(layer.get(SITUATION.bitmapCount.path)?.raw).trim() === '0';

/** Groups of alike bitmaps in a disk or image whose own layers are `layers`. */
function groupsOf(
  entry: Entry,
  layers: readonly Layer[],
  sizeBytes: number,
): readonly BitmapSpec[] | undefined {
  const groups = entry.get('bitmaps');
  if (!Array.isArray(groups)) return undefined;
  return groups.map((group) => {
    const own = standing(layerOf(group, GROUP_KEYS), [
      [SITUATION.bitmapCount, '1'],
      [SITUATION.frozenCount, '0'],
    ]);
    const told = readSpec(SITUATION, [...layers, own], 'disks');
    const where = whereIn(own, own.values().next().value?.where ?? 'bitmaps');
    checkBitmap(sizeBytes, told.granularityBytes, where('disk.granularity'));
    return {
      granularityBytes: told.granularityBytes,
      count: told.bitmapCount,
      recording: readRow(OWN.recording, [own], 'disks') === true,
      content: contentFrom(told),
      stored: told.history === 'stored',
    };
  });
}

/** A read-only image under a disk: as large as the disk and without bitmaps unless it says otherwise. */
function backingOf(entry: Entry, disk: ImageSpec, layers: readonly Layer[]): PlacedImage {
  const own = layerOf(entry, BACKING_KEYS);
  const none = saysNone(own) || !entry.has('bitmaps');
  const inherited = standing(
    none ? new Map([...own].filter(([path]) => path !== SITUATION.bitmapCount.path)) : own,
    [
      [SITUATION.diskBytes, String(disk.sizeBytes)],
      [SITUATION.clusterBytes, String(disk.clusterBytes)],
      [SITUATION.allocatedShare, '0%'],
      [SITUATION.frozenCount, '0'],
      [SITUATION.bitmapCount, '1'],
    ],
  );
  const told = readSpec(SITUATION, [...layers, inherited], 'disks');
  const where = whereIn(own, 'backing');
  const alike = diskFrom(told, where);
  const bitmaps = none
    ? []
    : (groupsOf(entry, [...layers, inherited], told.diskBytes) ?? bitmapsFrom(told, where));
  const { sizeBytes, clusterBytes, allocatedBytes } = alike;
  return {
    // Nobody writes to them any more, and the image has them.
    spec: {
      sizeBytes,
      clusterBytes,
      allocatedBytes,
      bitmaps: bitmaps.map((bitmap) => ({ ...bitmap, recording: false, stored: true })),
    },
    ...(own.has(SITUATION.storage.path) && { storage: placeOf(told, own) }),
  };
}

function placeOf(told: Situation, own: Layer): Place {
  return {
    given: told.storage,
    where: own.get(SITUATION.storage.path)?.where ?? SITUATION.storage.path,
    ...(own.has(SITUATION.flushLatencyNs.path) && { latencyNs: told.flushLatencyNs }),
    ...(own.has(SITUATION.flushBytesPerS.path) && { bytesPerS: told.flushBytesPerS }),
  };
}

const OF_STORAGE = [SITUATION.storage, SITUATION.flushLatencyNs, SITUATION.flushBytesPerS];

function diskOf(entry: Entry, layers: readonly Layer[]): readonly PlannedDisk[] {
  const said = layerOf(entry, DISK_KEYS);
  const none = saysNone(said);
  const own = standing(
    none ? new Map([...said].filter(([path]) => path !== SITUATION.bitmapCount.path)) : said,
    [
      [SITUATION.diskCount, '1'],
      ...(none || Array.isArray(entry.get('bitmaps')) ? ([[SITUATION.frozenCount, '0']] as const) : []),
    ],
  );
  const told = readSpec(SITUATION, [...layers, own], 'disks');
  const where = whereIn(own, said.values().next().value?.where ?? SITUATION.disks.path);
  checkDiskSize(told.diskBytes, told.clusterBytes, where('disk.cluster', 'disk.size'));
  const groups = none ? [] : groupsOf(entry, [...layers, own], told.diskBytes);
  const alike = diskFrom(told, where, groups);
  const writes = readRow(OWN.writes, [said], 'disks') as number | undefined;
  const backing = entry.get('backing');
  const images = Array.isArray(backing)
    ? backing.map((image) => backingOf(image, alike, [...layers, own]))
    : [];
  const plan: PlannedDisk = {
    ...planOf({ ...alike, ...(writes !== undefined && { writes }) }, told, where),
    ...(images.length > 0 && { backing: images }),
    ...(OF_STORAGE.some((row) => own.has(row.path)) && { storage: placeOf(told, own) }),
  };
  return Array.from({ length: told.diskCount }, () => plan);
}

/** A value for all disks that some disk of a list would not hear of. */
function refuseUnheard(entries: readonly Entry[], over: Layer | undefined): void {
  const listed = over?.get(SITUATION.disks.path) !== undefined;
  const count = over?.get(SITUATION.diskCount.path);
  if (count)
    throw new InputError(
      `${count.where}: the disks are listed one by one; count=2 in one of them makes two of it`,
    );
  if (!over) return;
  for (const [key, row] of Object.entries(DISK_KEYS)) {
    const given = over.get(row.path);
    if (!given) continue;
    const deaf = entries.findIndex((entry, i) => {
      const set = entry.get(key);
      return set !== undefined && (Array.isArray(set) || !over.has(`disks.${i}.${key}`));
    });
    // Beside a list of the same flags it is for those that leave it out, if there are any.
    if (deaf === -1 || (listed && entries.some((entry) => !entry.has(key)))) continue;
    throw new InputError(
      `${given.where}: disk ${deaf} of the list has its own ${key}; ${listed ? 'say it there' : `set disks.${deaf}.${key} instead`}`,
    );
  }
}

/** The disks of a list; undefined where all are alike. `over`: the layer of flags or settings. */
export function listedDisks(
  layers: readonly Layer[],
  situation: Situation,
  over: Layer | undefined,
): readonly PlannedDisk[] | undefined {
  const entries = diskEntries(layers, situation.diskCount);
  if (!entries) return undefined;
  if (layers.some((layer) => layer.has(SITUATION.disks.path))) refuseUnheard(entries, over);
  const disks = entries.flatMap((entry) => diskOf(entry, layers));
  if (disks.length > DISKS_MAX) throw new InputError(`disks: ${disks.length} in all, at most ${DISKS_MAX}`);
  const images = disks.flatMap(({ spec, backing = [] }) => [spec, ...backing.map((image) => image.spec)]);
  if (images.every(({ bitmaps }) => bitmaps.length === 0))
    throw new InputError('disks: none of them has a bitmap; give bitmaps: 1 to one at least');
  if (disks.every(({ spec }) => spec.writes === 0))
    throw new InputError(
      'disks: writes is 0 for all of them; the guest has to write somewhere (or --write-iops 0)',
    );
  return disks;
}
