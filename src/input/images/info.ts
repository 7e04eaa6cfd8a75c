/** One image as `qemu-img info --output=json` tells of it; QMP nests the same below `image`. */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree, treeOf, treesOf } from '../../base/tree.js';
import { seenThrough } from './filters.js';
import {
  bitmapLabel,
  type DataFile,
  type ReportedBitmap,
  type ReportedImage,
  textOf,
  whole,
} from './image.js';

/** qcow2 of refcounts as wide as these is what the requests of the model were measured with. */
const REFCOUNT_BITS = 16;
const DEFAULT_CLUSTER = 65_536;

function bitmapsIn(data: Tree, where: string): readonly ReportedBitmap[] {
  return treesOf(data.bitmaps).map((bitmap) => ({
    name: String(bitmap.name),
    granularityBytes: whole(bitmap, 'granularity', `${where}: ${bitmapLabel(bitmap)}`),
    recording: Array.isArray(bitmap.flags) && bitmap.flags.includes('auto'),
    inImage: true,
  }));
}

function inUseNote(data: Tree, name: string): readonly string[] {
  const used = treesOf(data.bitmaps).filter(({ flags }) => Array.isArray(flags) && flags.includes('in-use'));
  if (used.length === 0) return [];
  const [one, verb] = used.length === 1 ? ['it', 'is'] : ['them', 'are'];
  return [
    `${name}: ${used.map(bitmapLabel).join(', ')} ${verb} marked in-use: a running VM holds ${one}, or the image was not ` +
      `closed cleanly; then ${used.length === 1 ? 'it is' : 'they are'} inconsistent, never stored, and the next backup is full. ` +
      'Taken as held by a running VM (whose QMP, query-named-block-nodes, tells the two apart and counts the set bits)',
  ];
}

function dataFileOf(data: Tree): DataFile | undefined {
  const file = textOf(data, 'data-file');
  return file === undefined ? undefined : { file, raw: data['data-file-raw'] === true };
}

/** What makes a store of this image differ from the modelled one, or impossible. */
function peculiarities(data: Tree, name: string, where: string): readonly string[] {
  if (data.corrupt === true)
    throw new InputError(
      `${where}: ${name} is marked corrupt; QEMU opens it read-only and stores nothing: repair it (qemu-img check -r all)`,
    );
  const notes: string[] = [];
  if (data['lazy-refcounts'] === true)
    notes.push(
      `${name}: has lazy refcounts; QEMU marks it clean at the stop, a header write and a flush more than is counted here`,
    );
  const bits = data['refcount-bits'];
  if (typeof bits === 'number' && bits !== REFCOUNT_BITS)
    notes.push(
      `${name}: has refcounts of ${bits} bits; the stop is taken to write as many refcount blocks as with ${REFCOUNT_BITS}`,
    );
  return notes;
}

/**
 * The image that a report of `qemu-img info`, or the `image` of a QMP node, tells of. Filters on top are seen through.
 * `heldOpen`: the report comes from the QEMU that has the image open, so that in-use marks are its own.
 */
export function imageFromInfo(given: Tree, where: string, heldOpen = false): ReportedImage {
  const info = seenThrough(given);
  const name = textOf(info, 'filename') ?? 'the image';
  const data = treeOf(treeOf(info['format-specific']).data);
  const below = info['backing-image'];
  const backs = textOf(info, 'full-backing-filename') ?? textOf(info, 'backing-filename');
  const actual = info['actual-size'];
  const dataFile = dataFileOf(data);
  const readable = isTree(below) && seenThrough(below).format === 'qcow2' ? below : undefined;
  return {
    name,
    file: name,
    sizeBytes: whole(info, 'virtual-size', where),
    clusterBytes: whole(info, 'cluster-size', where, DEFAULT_CLUSTER),
    bitmaps: bitmapsIn(data, where),
    ...(backs === undefined ? {} : { backs }),
    ...(readable === undefined ? {} : { below: imageFromInfo(readable, where, heldOpen) }),
    ...(typeof actual === 'number' && actual > 0 ? { actualBytes: actual } : {}),
    ...(dataFile === undefined ? {} : { dataFile }),
    notes: [...(heldOpen ? [] : inUseNote(data, name)), ...peculiarities(data, name, where)],
  };
}
