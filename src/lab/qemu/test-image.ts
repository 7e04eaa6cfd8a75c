/**
 * Images and bitmaps. Bits are set without writing guest data: a node without storage gets a bitmap and is trimmed at
 * the wanted places; `block-dirty-bitmap-merge` copies the result into each persistent bitmap of the image.
 */

import { basename, dirname } from 'node:path';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { runProgram } from '../process/programs.js';
import type { GranuleRun } from './content.js';
import type { BlockNode, Qemu } from './qemu.js';

/** The longest trim; NBD lengths are 32 bits and QEMU limits a request to below 2 GiB. */
const TRIM_BYTES_MAX = 2 ** 30;
const PATTERN = 'pattern';

export type HostCache = 'none' | 'writeback';

/** Where a file lies: an NBD volume, or a file through the host's page cache or around it. */
type FilePlace =
  | { readonly kind: 'nbd'; readonly socket: string; readonly uri: string }
  | { readonly kind: 'file'; readonly path: string; readonly cache: HostCache };

/** Where an image lies, and where the guest's data does if not in it. */
export type ImagePlace = FilePlace & {
  readonly data?: FilePlace & {
    /** The file is a raw image by itself (`data_file_raw`). */
    readonly raw: boolean;
  };
};

/** A qcow2 image without data in it: sparse, or with a place for every guest cluster. */
export async function createImage(
  cleanup: Cleanup,
  place: ImagePlace,
  diskBytes: number,
  clusterBytes: number,
  preallocated = false,
): Promise<void> {
  // A bare name: qemu-img takes what stands before a colon in a path for a protocol.
  const [target, folder] =
    place.kind === 'nbd' ? [place.uri, undefined] : [basename(place.path), dirname(place.path)];
  const options = [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-o',
    `cluster_size=${clusterBytes}${preallocated ? ',preallocation=metadata' : ''}${dataOptions(place)}`,
    target,
    String(diskBytes),
  ];
  await runProgram('qemu-img', options, 120_000, cleanup, folder);
}

function dataOptions({ data }: ImagePlace): string {
  if (!data) return '';
  const name = data.kind === 'nbd' ? data.uri : data.path;
  return `,data_file=${name.replaceAll(',', ',,')},data_file_raw=${data.raw ? 'on' : 'off'}`;
}

/** The nodes of a disk: protocol node and qcow2 node, and that of its data file. `discard` is the protocol nodes'. */
export function diskNodes(place: ImagePlace, index: number, discard: boolean): BlockNode[] {
  const below = `protocol${index}`;
  const data = `data${index}`;
  const image = { driver: 'qcow2', 'node-name': diskName(index), file: below, discard: 'unmap' };
  return [
    ...(place.data ? [protocolNode(place.data, data, discard)] : []),
    protocolNode(place, below, discard),
    { ...image, ...(place.data && { 'data-file': data }), ...cacheOf(place) },
  ];
}

const cacheOf = (place: FilePlace): BlockNode =>
  place.kind === 'file' ? { cache: { direct: place.cache === 'none' } } : {};

function protocolNode(place: FilePlace, name: string, discard: boolean): BlockNode {
  const protocol =
    place.kind === 'nbd'
      ? { driver: 'nbd', server: { type: 'unix', path: place.socket }, export: '' }
      : { driver: 'file', filename: place.path };
  return { ...protocol, ...cacheOf(place), 'node-name': name, discard: discard ? 'unmap' : 'ignore' };
}

/** The qcow2 node of a disk. */
export const diskName = (index: number): string => `disk${index}`;
/** Name of a persistent bitmap, in the image and in QEMU. */
export const bitmapName = (index: number): string => `bitmap${index}`;

/** The node without storage whose trims set bits; one for each size of disk. */
export function patternNodes(diskBytes: number, name: string = PATTERN): BlockNode[] {
  return [
    { driver: 'null-co', 'node-name': `${name}-file`, size: diskBytes },
    { driver: 'raw', 'node-name': name, file: `${name}-file`, discard: 'unmap' },
  ];
}

/** Sets the runs in a bitmap of the pattern node. Returns how many bits are set, by QEMU's own count. */
export async function paintPattern(
  qemu: Qemu,
  runs: readonly GranuleRun[],
  granularityBytes: number,
  diskBytes: number,
  name: string = PATTERN,
): Promise<number> {
  await qemu.qmp.execute('block-dirty-bitmap-add', { node: name, name, granularity: granularityBytes });
  await qemu.withExport(name, (nbd) => nbd.trimAll(trims(runs, granularityBytes, diskBytes)));
  return (await bitmapCountBytes(qemu, name, name)) / granularityBytes;
}

/** Removes the pattern, which would otherwise travel in a migration stream like any named bitmap. */
export async function removePattern(qemu: Qemu, name: string = PATTERN): Promise<void> {
  await qemu.qmp.execute('block-dirty-bitmap-remove', { node: name, name });
}

/** Adds persistent bitmaps to a disk and copies the pattern into each. */
export async function addBitmaps(
  qemu: Qemu,
  disk: number,
  count: number,
  granularityBytes: number,
  {
    pattern = PATTERN,
    nameOf = bitmapName,
  }: { readonly pattern?: string; readonly nameOf?: (index: number) => string } = {},
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const target = { node: diskName(disk), name: nameOf(i) };
    await qemu.qmp.execute('block-dirty-bitmap-add', {
      ...target,
      granularity: granularityBytes,
      persistent: true,
    });
    await qemu.qmp.execute('block-dirty-bitmap-merge', {
      node: target.node,
      target: target.name,
      bitmaps: [{ node: pattern, name: pattern }],
    });
  }
}

/** Removes the bitmaps from memory and, where they were stored, from the image. */
export async function removeBitmaps(qemu: Qemu, disk: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await qemu.qmp.execute('block-dirty-bitmap-remove', { node: diskName(disk), name: bitmapName(i) });
}

interface NamedNode {
  readonly 'node-name': string;
  readonly 'dirty-bitmaps'?: readonly { readonly name?: string; readonly count: number }[];
}

/** Disk bytes a bitmap calls dirty: its set bits times its granularity. */
export async function bitmapCountBytes(qemu: Qemu, node: string, name: string): Promise<number> {
  const nodes = await qemu.qmp.execute<NamedNode[]>('query-named-block-nodes', { flat: true });
  const found = nodes
    .find((candidate) => candidate['node-name'] === node)
    ?.['dirty-bitmaps']?.find((bitmap) => bitmap.name === name);
  if (!found) throw new LabError(`QEMU has no bitmap ${name} on node ${node}`);
  return found.count;
}

function* trims(runs: readonly GranuleRun[], granularityBytes: number, diskBytes: number) {
  for (const { first, count } of runs) {
    const end = Math.min((first + count) * granularityBytes, diskBytes);
    for (let offset = first * granularityBytes; offset < end; offset += TRIM_BYTES_MAX)
      yield { offset, length: Math.min(TRIM_BYTES_MAX, end - offset) };
  }
}
