/**
 * `--image`: disks and bitmaps as `qemu-img info --output=json` or QMP (query-block, query-named-block-nodes) reports
 * them. QMP counts set bits (`count`, in bytes); qemu-img does not, so there the content is that of `bitmaps.dirty`.
 */
import { InputError } from '../base/errors.js';
import { isPowerOfTwo } from '../base/power-of-two.js';
import { isTree, type Tree, treeOf, treesOf } from '../base/tree.js';
import { CLUSTER_LIMITS, GRANULARITY_LIMITS } from '../sim/parameters/limits.js';
import { bitmapBits } from '../sim/qcow2/geometry.js';
import type { BitmapSpec, DiskSpec } from '../sim/scenario.js';
import {
  allocatedBytes,
  checkBitmap,
  checkDiskSize,
  contentFrom,
  type Geometry,
  geometry,
  type Situation,
} from './disks.js';
import { SITUATION } from './parameters/situation.js';
import type { Layer } from './values/fields.js';
import { parseJson, readText } from './values/files.js';

const WHAT =
  'the output of qemu-img info --output=json, or a QMP reply to query-block or query-named-block-nodes';
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

/** A bitmap as reported; `setBytes` where the report counts. */
export interface ReportedBitmap {
  readonly name: string;
  readonly granularityBytes: number;
  readonly recording: boolean;
  readonly inImage: boolean;
  readonly setBytes?: number;
}

/** A disk as reported, with one line for each bitmap that plays no part and why. */
export interface ReportedDisk {
  readonly name: string;
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly bitmaps: readonly ReportedBitmap[];
  readonly notes: readonly string[];
}

function whole(tree: Tree, key: string, where: string, standard?: number): number {
  const value = tree[key] ?? standard;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0)
    throw new InputError(
      `${where}: ${key} is ${JSON.stringify(value) ?? 'missing'}, expected a whole number above 0 in ${WHAT}`,
    );
  return value;
}

const label = (bitmap: Tree): string => `bitmap '${String(bitmap.name)}'`;

function checkFormat(format: unknown, where: string): void {
  if (format !== 'qcow2')
    throw new InputError(
      `${where}: the image is ${String(format)}, and only qcow2 images keep persistent bitmaps`,
    );
}

function fromInfo(info: Tree, where: string): ReportedDisk {
  checkFormat(info.format, where);
  const specific = treeOf(info['format-specific']);
  const data = treeOf(specific.data);
  const name = String(info.filename ?? 'the image');
  const notes: string[] = [];
  const bitmaps = treesOf(data.bitmaps).map((bitmap): ReportedBitmap => {
    const flags = Array.isArray(bitmap.flags) ? bitmap.flags : [];
    if (flags.includes('in-use'))
      notes.push(
        `${name}: ${label(bitmap)} is marked in-use: a running VM holds it, or it was not closed cleanly; then it is ` +
          'inconsistent, is never stored, and the next backup is full. Taken as held by a running VM',
      );
    return {
      name: String(bitmap.name),
      granularityBytes: whole(bitmap, 'granularity', `${where}: ${label(bitmap)}`),
      recording: flags.includes('auto'),
      inImage: true,
    };
  });
  return {
    name,
    sizeBytes: whole(info, 'virtual-size', where),
    clusterBytes: whole(info, 'cluster-size', where, 65_536),
    bitmaps,
    notes,
  };
}

/** Why QEMU would not store the bitmap at a stop, or undefined where it would. */
function notStored(bitmap: Tree): string | undefined {
  if (bitmap.name === undefined || bitmap.name === '') return 'belongs to a job';
  if (bitmap.inconsistent === true) return 'is inconsistent (not closed cleanly)';
  return bitmap.persistent === true ? undefined : 'is not persistent';
}

/** A node of QMP (query-named-block-nodes) as a disk, with the bitmaps that a stop would store. */
export function diskOfNode(node: Tree, where: string): ReportedDisk {
  const image = treeOf(node.image);
  const name = String(node['node-name'] ?? node.file ?? 'the disk');
  const notes: string[] = [];
  const bitmaps: ReportedBitmap[] = [];
  for (const bitmap of treesOf(node['dirty-bitmaps'])) {
    const reason = notStored(bitmap);
    if (reason !== undefined) {
      if (bitmap.name !== undefined)
        notes.push(`${name}: ${label(bitmap)} ${reason}, so it is never stored; left out`);
      continue;
    }
    const at = `${where}: ${label(bitmap)}`;
    const setBytes = bitmap.count === 0 ? 0 : whole(bitmap, 'count', at);
    const granularityBytes = whole(bitmap, 'granularity', at);
    bitmaps.push({
      name: String(bitmap.name),
      granularityBytes,
      recording: bitmap.recording !== false,
      inImage: false,
      setBytes,
    });
  }
  return {
    name,
    sizeBytes: whole(image, 'virtual-size', `${where}: ${name}`),
    clusterBytes: whole(image, 'cluster-size', `${where}: ${name}`, 65_536),
    bitmaps,
    notes,
  };
}

/** The top image of each backing chain: `qemu-img info --backing-chain` lists a chain from the top down. */
function chainTops(images: readonly Tree[]): readonly Tree[] {
  return images.filter((_, i) => i === 0 || images[i - 1]!['backing-filename'] === undefined);
}

function reported(parsed: unknown, where: string): readonly ReportedDisk[] {
  const body = isTree(parsed) && 'return' in parsed ? parsed.return : parsed;
  const items = Array.isArray(body) ? treesOf(body) : isTree(body) ? [body] : [];
  if (items.length === 0) throw new InputError(`${where}: no disk in it; expected ${WHAT}`);
  if (items.some((item) => 'inserted' in item || 'locked' in item)) {
    const nodes = items.map((item) => item.inserted).filter(isTree);
    return qcow2Nodes(nodes, where).map((node) => diskOfNode(node, where));
  }
  if (items.some((item) => 'node-name' in item))
    return qcow2Nodes(items, where).map((node) => diskOfNode(node, where));
  if (!items.every((item) => 'format' in item)) throw new InputError(`${where}: not ${WHAT}`);
  return chainTops(items).map((item) => fromInfo(item, where));
}

function qcow2Nodes(nodes: readonly Tree[], where: string): readonly Tree[] {
  const writable = nodes.filter((node) => node.drv === 'qcow2' && node.ro !== true);
  if (writable.length === 0) checkFormat(nodes[0]?.drv ?? 'empty', where);
  return writable;
}

function isPowerOfTwoWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max && isPowerOfTwo(value);
}

function bitmapSpecs(
  disk: ReportedDisk,
  situation: Situation,
  set: ReadonlySet<string>,
  where: string,
): readonly BitmapSpec[] {
  const groups = new Map<string, BitmapSpec>();
  for (const bitmap of disk.bitmaps) {
    const { granularityBytes, recording, setBytes } = bitmap;
    if (!isPowerOfTwoWithin(granularityBytes, GRANULARITY_LIMITS.min, GRANULARITY_LIMITS.max))
      throw new InputError(
        `${where}: bitmap '${bitmap.name}': granularity ${granularityBytes} is not a power of two from 512 to 2G`,
      );
    checkBitmap(disk.sizeBytes, granularityBytes, `${where}: bitmap '${bitmap.name}'`);
    const counted = setBytes !== undefined && !CONTENT.some(({ path }) => set.has(path));
    const bits = Math.min(
      bitmapBits(disk.sizeBytes, granularityBytes),
      Math.ceil((setBytes ?? 0) / granularityBytes),
    );
    const spec: BitmapSpec = {
      granularityBytes,
      count: 1,
      recording,
      content: counted ? { kind: 'count', bits } : contentFrom(situation),
      stored: (bitmap.inImage && !set.has(SITUATION.history.path)) || situation.history === 'stored',
    };
    const key = JSON.stringify(spec);
    const alike = groups.get(key);
    groups.set(key, alike ? { ...alike, count: alike.count + 1 } : spec);
  }
  return [...groups.values()];
}

function diskSpec(
  disk: ReportedDisk,
  situation: Situation,
  set: ReadonlySet<string>,
  where: string,
): DiskSpec {
  const { sizeBytes, clusterBytes } = disk;
  if (!isPowerOfTwoWithin(clusterBytes, CLUSTER_LIMITS.min, CLUSTER_LIMITS.max))
    throw new InputError(
      `${where}: ${disk.name}: cluster-size ${clusterBytes} is not a power of two from 512 to 2M`,
    );
  checkDiskSize(sizeBytes, clusterBytes, `${where}: ${disk.name}`);
  return {
    sizeBytes,
    clusterBytes,
    bitmaps: bitmapSpecs(disk, situation, set, where),
    allocatedBytes: allocatedBytes(situation.allocatedShare, sizeBytes, clusterBytes),
    discard: situation.discard,
  };
}

/** What the question says of an image, in place of the parameters that it stands for. */
function questionOf(disks: readonly DiskSpec[]): Record<string, unknown> {
  const largest = disks.reduce((a, b) => (b.sizeBytes > a.sizeBytes ? b : a));
  const bitmaps = (recording: boolean): number =>
    largest.bitmaps
      .filter((bitmap) => recording || !bitmap.recording)
      .reduce((sum, bitmap) => sum + bitmap.count, 0);
  return {
    disks: disks.length,
    disk_bytes: largest.sizeBytes,
    cluster_bytes: largest.clusterBytes,
    granularity_bytes: largest.bitmaps[0]!.granularityBytes,
    bitmaps: bitmaps(true),
    frozen_bitmaps: bitmaps(false),
    image_disks: disks.map((disk) => ({
      size_bytes: disk.sizeBytes,
      cluster_bytes: disk.clusterBytes,
      bitmaps: disk.bitmaps,
    })),
  };
}

/** The disks of the image file, with everything the file does not say taken from the parameters. */
export async function imageGeometry(
  path: string,
  situation: Situation,
  layers: readonly Layer[],
  flag: string,
): Promise<Geometry> {
  const set = new Set(layers.flatMap((layer) => [...layer.keys()]));
  const twice = layers.flatMap((layer) => FROM_IMAGE.flatMap((row) => layer.get(row.path) ?? []))[0];
  if (twice) throw new InputError(`${twice.where}: cannot be set beside ${flag}, which already says it`);
  const where = `${flag}: ${path}`;
  const disks = reported(parseJson(readText(path, flag), where, WHAT), where);
  const notes = disks.flatMap((disk) => disk.notes);
  const withBitmaps = disks.filter((disk) => disk.bitmaps.length > 0);
  if (withBitmaps.length === 0)
    throw new InputError(
      `${where}: no persistent bitmap that a stop would store${notes[0] ? ` (${notes[0]})` : ''}; add one (qemu-img bitmap --add), or give --disk and --bitmaps`,
    );
  const untold = withBitmaps.some((disk) => disk.bitmaps.some(({ setBytes }) => setBytes === undefined));
  if (untold && !CONTENT.some((row) => set.has(row.path)))
    notes.push(`${where}: does not say which bits are set; they are taken from the workload (--dirty auto)`);
  const specs = withBitmaps.map((disk) => diskSpec(disk, situation, set, where));
  const result = geometry(specs, notes);
  return { ...result, question: { ...result.question, ...questionOf(specs) } };
}
