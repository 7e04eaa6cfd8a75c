/** One block node of a running QEMU, as query-named-block-nodes lists it and query-block has it in `inserted`. */
import { type Tree, treeOf, treesOf } from '../../base/tree.js';
import { bitmapLabel, type ReportedBitmap, type ReportedImage, textOf, whole } from './image.js';
import { imageFromInfo } from './info.js';

/** Why QEMU would not store the bitmap at a stop, or undefined where it would. */
function notStored(bitmap: Tree): string | undefined {
  if (bitmap.name === undefined || bitmap.name === '') return 'belongs to a job';
  if (bitmap.inconsistent === true) return 'is inconsistent (not closed cleanly)';
  return bitmap.persistent === true ? undefined : 'is not persistent';
}

/** The image of a node of driver qcow2, with the bitmaps in memory and their counts of set bits. */
export function imageFromNode(node: Tree, where: string): ReportedImage {
  const name = textOf(node, 'node-name') ?? textOf(node, 'file') ?? 'the disk';
  const notes: string[] = [];
  const bitmaps: ReportedBitmap[] = [];
  for (const bitmap of treesOf(node['dirty-bitmaps'])) {
    const reason = notStored(bitmap);
    if (reason !== undefined) {
      if (bitmap.name !== undefined)
        notes.push(`${name}: ${bitmapLabel(bitmap)} ${reason}, so it is never stored; left out`);
      continue;
    }
    const at = `${where}: ${bitmapLabel(bitmap)}`;
    bitmaps.push({
      name: String(bitmap.name),
      granularityBytes: whole(bitmap, 'granularity', at),
      recording: bitmap.recording !== false,
      inImage: false,
      setBytes: bitmap.count === 0 ? 0 : whole(bitmap, 'count', at),
    });
  }
  const info = treeOf(node.image);
  const image = imageFromInfo({ ...info, format: 'qcow2' }, `${where}: ${name}`, true);
  return {
    ...image,
    name,
    file: textOf(info, 'filename') ?? textOf(node, 'file') ?? '',
    bitmaps,
    notes: [...notes, ...image.notes],
  };
}

/**
 * The image below a filter that query-block has on top. The filter's bitmaps are none, and of the image there is what
 * its file says: those added since it was opened are not in it, and nobody counts.
 */
export function imageBelowFilter(inserted: Tree, where: string): ReportedImage {
  const name = textOf(inserted, 'node-name') ?? 'the disk';
  const image = imageFromInfo(treeOf(inserted.image), `${where}: ${name}`, true);
  return {
    ...image,
    notes: [
      ...image.notes,
      `${name}: is ${String(inserted.drv)} on top of qcow2, of whose bitmaps query-block shows what the file held when it was opened; ` +
        'query-named-block-nodes shows all, and their set bits',
    ],
  };
}
