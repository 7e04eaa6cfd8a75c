/** The disks of `--image` as the model takes them, with everything the reports do not say taken from the parameters. */
import { counted } from '../../base/counted.js';
import { InputError } from '../../base/errors.js';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { CLUSTER_LIMITS, GRANULARITY_LIMITS } from '../../sim/parameters/limits.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { BitmapSpec, DiskSpec, ImageSpec } from '../../sim/scenario.js';
import {
  allocatedBytes,
  checkBitmap,
  checkDiskSize,
  contentFrom,
  type Geometry,
  geometry,
  granularityOf,
  largestWithBitmap,
  type Situation,
} from '../disks.js';
import { SITUATION } from '../parameters/situation.js';
import type { Layer } from '../values/fields.js';
import { type ReportedDisk, readDisks } from './disks.js';
import type { ReportedBitmap, ReportedImage } from './image.js';

/** What the image itself says, so that a user cannot say it too. */
const FROM_IMAGE = [
  SITUATION.diskBytes,
  SITUATION.diskCount,
  SITUATION.clusterBytes,
  SITUATION.granularityBytes,
  SITUATION.bitmapCount,
  SITUATION.frozenCount,
];
/** What the count of set bits stands for, where the image has one. */
const CONTENT = [SITUATION.dirtyShare, SITUATION.ageNs];

/** What the parameters say, and which of them were given. */
interface Told {
  readonly situation: Situation;
  readonly set: ReadonlySet<string>;
}

const within = (value: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  value >= min && value <= max && isPowerOfTwo(value);

function bitmapSpec(
  bitmap: ReportedBitmap,
  sizeBytes: number,
  { situation, set }: Told,
  where: string,
): BitmapSpec {
  const { granularityBytes, recording, setBytes } = bitmap;
  if (!within(granularityBytes, GRANULARITY_LIMITS))
    throw new InputError(
      `${where}: bitmap '${bitmap.name}': granularity ${granularityBytes} is not a power of two from 512 to 2G`,
    );
  checkBitmap(sizeBytes, granularityBytes, `${where}: bitmap '${bitmap.name}'`);
  const isCounted = setBytes !== undefined && !CONTENT.some(({ path }) => set.has(path));
  const bits = Math.min(
    bitmapBits(sizeBytes, granularityBytes),
    Math.ceil((setBytes ?? 0) / granularityBytes),
  );
  return {
    granularityBytes,
    count: 1,
    recording,
    content: isCounted ? { kind: 'count', bits } : contentFrom(situation),
    stored: (bitmap.inImage && !set.has(SITUATION.history.path)) || situation.history === 'stored',
  };
}

/** Bitmaps that are alike count as one group. */
function grouped(specs: readonly BitmapSpec[]): readonly BitmapSpec[] {
  const groups = new Map<string, BitmapSpec>();
  for (const spec of specs) {
    const key = JSON.stringify(spec);
    const alike = groups.get(key);
    groups.set(key, alike ? { ...alike, count: alike.count + 1 } : spec);
  }
  return [...groups.values()];
}

/** Guest bytes allocated in the image, and a note where nothing says it. */
function allocation(
  { chain, allocatedBytes: told }: ReportedDisk,
  { situation, set }: Told,
): { readonly bytes: number; readonly note?: string } {
  const { name, sizeBytes, clusterBytes, actualBytes, dataFile } = chain[0]!;
  const whole = (bytes: number): number => allocatedBytes(bytes / sizeBytes, sizeBytes, clusterBytes);
  if (set.has(SITUATION.allocatedShare.path))
    return { bytes: allocatedBytes(situation.allocatedShare, sizeBytes, clusterBytes) };
  // Guest clusters in a file of their own have no refcounts, so nothing walks over them.
  if (dataFile) return { bytes: 0 };
  const bytes = told ?? actualBytes;
  if (bytes !== undefined) return { bytes: whole(bytes) };
  const share = situation.allocatedShare;
  return {
    bytes: allocatedBytes(share, sizeBytes, clusterBytes),
    note: `${name}: no report says how much of it is allocated; taken as ${share * 100} %: give that of qemu-img check, or --allocated`,
  };
}

/** An image under the top: nobody writes to it, and what is in it was stored. */
function lowerSpec(image: ReportedImage, told: Told, where: string): ImageSpec {
  const { sizeBytes, clusterBytes, bitmaps, actualBytes = 0 } = image;
  const stored = bitmaps.map((bitmap) => bitmapSpec(bitmap, sizeBytes, told, where));
  return {
    sizeBytes,
    clusterBytes,
    bitmaps: grouped(stored.map((spec) => ({ ...spec, recording: false, stored: true }))),
    allocatedBytes: allocatedBytes(actualBytes / sizeBytes, sizeBytes, clusterBytes),
  };
}

function diskSpec(disk: ReportedDisk, told: Told, where: string): DiskSpec {
  const [top, ...lower] = disk.chain;
  const { name, sizeBytes, clusterBytes, bitmaps, dataFile } = top!;
  const backing = lower.filter((image) => image.bitmaps.length > 0);
  if (!within(clusterBytes, CLUSTER_LIMITS))
    throw new InputError(
      `${where}: ${name}: cluster-size ${clusterBytes} is not a power of two from 512 to 2M`,
    );
  checkDiskSize(sizeBytes, clusterBytes, `${where}: ${name}`);
  return {
    sizeBytes,
    clusterBytes,
    bitmaps: grouped(bitmaps.map((bitmap) => bitmapSpec(bitmap, sizeBytes, told, where))),
    allocatedBytes: allocation(disk, told).bytes,
    discard: told.situation.discard,
    ...(dataFile && { dataFile: {} }),
    ...(backing.length > 0 && { backing: backing.map((image) => lowerSpec(image, told, where)) }),
  };
}

/** What the question says of an image, in place of the parameters that it stands for. */
function questionOf(disks: readonly DiskSpec[]): Record<string, unknown> {
  const largest = largestWithBitmap(disks);
  const bitmaps = (recording: boolean): number =>
    largest.bitmaps
      .filter((bitmap) => recording || !bitmap.recording)
      .reduce((sum, bitmap) => sum + bitmap.count, 0);
  return {
    disks: disks.length,
    disk_bytes: largest.sizeBytes,
    cluster_bytes: largest.clusterBytes,
    granularity_bytes: granularityOf(largest),
    allocated_share: largest.allocatedBytes / largest.sizeBytes,
    bitmaps: bitmaps(true),
    frozen_bitmaps: bitmaps(false),
    image_disks: disks.map((disk) => ({
      size_bytes: disk.sizeBytes,
      cluster_bytes: disk.clusterBytes,
      allocated_bytes: disk.allocatedBytes,
      bitmaps: disk.bitmaps,
    })),
  };
}

const bitmapsOf = (images: readonly ReportedImage[]): number =>
  images.reduce((sum, { bitmaps }) => sum + bitmaps.length, 0);

const some = (count: number): string => counted(count, 'bitmap');

/** Bitmaps of the top are stored in the stop; those of images below are read by the destination all the same. */
const holdsBitmaps = ({ chain }: ReportedDisk): boolean => bitmapsOf(chain) > 0;

/** What lies below the top of a chain, and what of a data file is elsewhere. */
function structureNotes({ chain }: ReportedDisk): readonly string[] {
  const [top, ...lower] = chain;
  const { name, dataFile, backs } = top!;
  const notes: string[] = [];
  const below = bitmapsOf(lower);
  if (below > 0)
    notes.push(
      `${name}: ${some(below)} in its backing image${lower.length === 1 ? '' : 's'} (${lower.map((image) => image.name).join(', ')}): ` +
        'not stored in the stop, but read by the destination',
    );
  if (backs !== undefined && lower.length === 0)
    notes.push(
      `${name}: lies on ${backs}, whose bitmaps the destination would read too: qemu-img info -U --backing-chain shows them`,
    );
  if (dataFile)
    notes.push(
      `${name}: keeps guest data in ${dataFile.file}; its bitmaps are in ${name} (--bitmap-storage, where that lies elsewhere)`,
    );
  return notes;
}

function refuseNoBitmaps(notes: readonly string[], where: string): never {
  throw new InputError(
    `${where}: no persistent bitmap that a stop would store${notes[0] ? ` (${notes[0]})` : ''}; ` +
      'add one (qemu-img bitmap --add), or give --disk and --bitmaps',
  );
}

/** The disks of the image files, with everything they do not say taken from the parameters. */
export function imageGeometry(
  paths: readonly string[],
  situation: Situation,
  layers: readonly Layer[],
  flag: string,
): Geometry {
  const set = new Set(layers.flatMap((layer) => [...layer.keys()]));
  const told: Told = { situation, set };
  const twice = layers.flatMap((layer) => FROM_IMAGE.flatMap((row) => layer.get(row.path) ?? []))[0];
  if (twice) throw new InputError(`${twice.where}: cannot be set beside ${flag}, which already says it`);
  const where = `${flag}: ${paths.join(', ')}`;
  const { disks, notes: readNotes } = readDisks(paths, flag);
  const notes = [...disks.flatMap(({ chain }) => chain[0]!.notes), ...readNotes];
  const withBitmaps = disks.filter(holdsBitmaps);
  if (withBitmaps.length === 0) refuseNoBitmaps(notes, where);
  for (const { chain } of disks.filter((disk) => !holdsBitmaps(disk)))
    notes.push(
      `${chain[0]!.name}: has no persistent bitmap; left out, and the guest's writes go to the others`,
    );
  for (const disk of withBitmaps) {
    const { note } = allocation(disk, told);
    notes.push(...structureNotes(disk), ...(note === undefined ? [] : [note]));
  }
  const untold = withBitmaps.some(({ chain }) =>
    chain.some(({ bitmaps }) => bitmaps.some(({ setBytes }) => setBytes === undefined)),
  );
  if (untold && !CONTENT.some((row) => set.has(row.path)))
    notes.push(
      `${where}: does not say which bits are set; they are taken from the workload (--dirty auto), and break-even and verdict follow from that (--dirty 0%: none is set)`,
    );
  const specs = withBitmaps.map((disk) => diskSpec(disk, told, where));
  const result = geometry(specs, notes);
  return { ...result, question: { ...result.question, ...questionOf(specs) } };
}
