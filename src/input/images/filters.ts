/**
 * Nodes on top of an image that pass its data on: a throttled disk of Proxmox is one. They keep no bitmaps; what lies
 * below them is looked at. (QEMU's own list: block drivers with `is_filter`; raw and quorum beside them pass data on
 * as well, but their reports do not nest what lies below.)
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { namesQcow2 } from './file-name.js';
import { textOf } from './image.js';

const FILTERS: readonly unknown[] = [
  'throttle',
  'copy-on-read',
  'preallocate',
  'blkdebug',
  'blkverify',
  'blklogwrites',
  'blkreplay',
  'compress',
  'copy-before-write',
  'backup-top',
  'mirror_top',
  'commit_top',
  'replication',
  'filter-rewriter',
];

/** The report of the first image below filters; the report itself where there is none. */
export function seenThrough(info: Tree): Tree {
  const below = info['backing-image'];
  return FILTERS.includes(info.format) && isTree(below) ? seenThrough(below) : info;
}

/** Refuses a report that hides the image below: that its bitmaps are not shown does not mean that there are none. */
export function refuseHidden(info: Tree, where: string): void {
  if (!namesQcow2(textOf(info, 'filename') ?? '')) return;
  throw new InputError(
    `${where}: a qcow2 image below ${String(info.format)}, of which this report shows no bitmaps: give the reply to query-named-block-nodes`,
  );
}
