/** Disks that are not alike, as the resolved question tells of them: one by one, and the largest for all. */
import { bitmapBytes } from '../sim/qcow2/geometry.js';
import type { BitmapSpec, ContentSpec, DiskSpec, ImageSpec, Scenario } from '../sim/scenario.js';
import { dataStorage, imageStorage, sharersOf } from '../sim/storage/places.js';
import { granularityOf, largestWithBitmap } from './disks.js';

/** Some alike bitmaps of a disk. */
export interface ListedBitmaps {
  readonly count: number;
  readonly granularity_bytes: number;
  readonly recording: boolean;
  readonly history: 'new' | 'stored';
  readonly bitmap_bytes: number;
  readonly dirty_share?: number;
  readonly age_ms?: number;
  readonly set_bits?: number;
}

interface ListedImage {
  readonly size_bytes: number;
  readonly cluster_bytes: number;
  readonly allocated_bytes: number;
  readonly storage: string;
  readonly bitmaps: readonly ListedBitmaps[];
}

/** One disk in `disk_list`. */
export interface ListedDisk extends ListedImage {
  readonly discard: boolean;
  /** Share of the guest's writes. */
  readonly writes_share: number;
  readonly data_file: boolean;
  /** Where the qcow2 file is that has the bitmaps; the storage unless there is a data file. */
  readonly bitmap_storage: string;
  /** From the nearest down. */
  readonly backing: readonly ListedImage[];
}

function contentOf(content: ContentSpec): Pick<ListedBitmaps, 'dirty_share' | 'age_ms' | 'set_bits'> {
  switch (content.kind) {
    case 'fraction':
      return { dirty_share: content.fraction };
    case 'age':
      return { age_ms: content.ageNs / 1e6 };
    case 'count':
      return { set_bits: content.bits };
  }
}

function listedBitmaps(sizeBytes: number, bitmap: BitmapSpec): ListedBitmaps {
  return {
    count: bitmap.count,
    granularity_bytes: bitmap.granularityBytes,
    recording: bitmap.recording,
    history: bitmap.stored ? 'stored' : 'new',
    bitmap_bytes: bitmapBytes(sizeBytes, bitmap.granularityBytes),
    ...contentOf(bitmap.content),
  };
}

function listedImage(image: ImageSpec, storage: string): ListedImage {
  return {
    size_bytes: image.sizeBytes,
    cluster_bytes: image.clusterBytes,
    allocated_bytes: image.allocatedBytes,
    storage,
    bitmaps: image.bitmaps.map((bitmap) => listedBitmaps(image.sizeBytes, bitmap)),
  };
}

/** Each disk of a scenario, in its order. */
function diskList(scenario: Pick<Scenario, 'storage' | 'disks'>): readonly ListedDisk[] {
  return scenario.disks.map((disk) => ({
    ...listedImage(disk, dataStorage(scenario, disk).name),
    discard: disk.discard,
    writes_share: 1 / sharersOf(scenario.disks, disk),
    data_file: disk.dataFile !== undefined,
    bitmap_storage: imageStorage(scenario, disk).name,
    backing: (disk.backing ?? []).map((image) => listedImage(image, dataStorage(scenario, image).name)),
  }));
}

/** Whether the parameters for all disks do not tell the whole of them. */
export function areUnlike(disks: readonly DiskSpec[]): boolean {
  const [first, ...others] = disks;
  const plain = ({ storage, dataFile, backing, writes }: DiskSpec): boolean =>
    storage === undefined && dataFile === undefined && backing === undefined && writes === undefined;
  const same = JSON.stringify(first);
  return !plain(first!) || others.some((disk) => disk !== first && JSON.stringify(disk) !== same);
}

/** What the question says of them in place of the parameters for all disks; those are of the largest with a bitmap. */
export function unlikeQuestion(
  scenario: Pick<Scenario, 'storage' | 'disks'>,
): Readonly<Record<string, unknown>> {
  const largest = largestWithBitmap(scenario.disks);
  const count = (which: (bitmap: BitmapSpec) => boolean): number =>
    largest.bitmaps.filter(which).reduce((sum, bitmap) => sum + bitmap.count, 0);
  return {
    disks: scenario.disks.length,
    disk_bytes: largest.sizeBytes,
    cluster_bytes: largest.clusterBytes,
    granularity_bytes: granularityOf(largest),
    bitmaps: count(() => true),
    frozen_bitmaps: count(({ recording }) => !recording),
    disk_list: diskList(scenario),
  };
}
