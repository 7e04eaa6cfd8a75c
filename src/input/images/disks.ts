/** `--image`: from the texts of all files to disks, each the top of a chain. */
import { readFileSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { isTree, type Tree, treeOf } from '../../base/tree.js';
import { isFile, readText } from '../values/files.js';
import { type Read, toldAllocation } from './allocation.js';
import { type Chain, chainsOf } from './chain.js';
import { plainName } from './file-name.js';
import { refuseHidden, seenThrough } from './filters.js';
import { type ReportedImage, textOf, WHAT } from './image.js';
import { imageFromInfo } from './info.js';
import { imageBelowFilter, imageFromNode } from './node.js';
import { refuseImageItself } from './other-text.js';
import { type Report, reportsOf } from './reports.js';

export interface ReportedDisk {
  /** From the top down. */
  readonly chain: Chain;
  /** What a report tells of the top; undefined where none does. */
  readonly allocatedBytes: number | undefined;
}

export interface ReadDisks {
  readonly disks: readonly ReportedDisk[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** An image read from a report; `writable` ones are disks, the others only what lies below one. */
interface Found extends Read {
  readonly writable: boolean;
  /** The same key again is the same image, reported again. */
  readonly key: string;
}

const QCOW2_MAGIC = 'QFI\u00fb';

function textAt(path: string, flag: string): string {
  if (isFile(path) && readFileSync(path).subarray(0, 4).toString('latin1') === QCOW2_MAGIC)
    refuseImageItself(path, `${flag}: ${path}`);
  return readText(path, flag);
}

/** What is read of the reports, and what of them is no disk here. */
class Reader {
  readonly found: Found[] = [];
  readonly notes: string[] = [];
  /** Images that keep no bitmaps, by the names under which a qcow2 on top would know them. */
  readonly foreign: { readonly name: string; readonly format: unknown }[] = [];

  take({ kind, tree, where }: Report, at: number): void {
    if (kind === 'info') this.info(tree, where, at);
    else if (kind === 'node' && tree.drv === 'qcow2') this.node(tree, where, at);
    // Other nodes are protocols, or filters whose image has a node of its own.
    else if (kind === 'device' && isTree(tree.inserted)) this.device(tree.inserted, where, at);
  }

  private info(tree: Tree, where: string, at: number): void {
    const { format } = seenThrough(tree);
    if (format === 'qcow2')
      this.found.push({ image: imageFromInfo(tree, where), at, writable: true, key: `info ${at}` });
    else this.other(textOf(tree, 'filename') ?? 'an image', format, tree, where);
  }

  private node(tree: Tree, where: string, at: number): void {
    const image = imageFromNode(tree, where);
    const key = `node ${image.name}\n${plainName(image.file)}`;
    this.found.push({ image, at, writable: tree.ro !== true, key });
  }

  private device(inserted: Tree, where: string, at: number): void {
    const info = treeOf(inserted.image);
    if (inserted.drv === 'qcow2') this.node(inserted, where, at);
    else if (inserted.ro === true) return;
    else if (seenThrough(info).format === 'qcow2') {
      const image = imageBelowFilter(inserted, where);
      this.found.push({ image, at, writable: true, key: `below ${plainName(image.file)}` });
    } else this.other(textOf(inserted, 'node-name') ?? 'a disk', inserted.drv, info, where);
  }

  private other(name: string, format: unknown, info: Tree, where: string): void {
    refuseHidden({ ...info, format }, where);
    this.foreign.push({ name, format });
  }
}

/** Each image once: what QEMU says of its node, the last time it was asked, before what others say of the file. */
function once(all: readonly Found[]): readonly Found[] {
  const latest = [...new Map(all.map((each) => [each.key, each])).values()];
  const ofNodes = new Set(
    latest.filter(({ key }) => key.startsWith('node ')).map(({ image }) => plainName(image.file)),
  );
  return latest.filter(({ key, image }) => key.startsWith('node ') || !ofNodes.has(plainName(image.file)));
}

/** The disks of all files together. */
export function readDisks(paths: readonly string[], flag: string): ReadDisks {
  const reports = paths.flatMap((path) => reportsOf(textAt(path, flag), `${flag}: ${path}`));
  const reader = new Reader();
  for (const [at, report] of reports.entries()) reader.take(report, at);
  const all = once(reader.found);
  const told = toldAllocation(reports, all);
  const writable = new Set<ReportedImage>(all.flatMap((each) => (each.writable ? [each.image] : [])));
  if (writable.size === 0) refuseNone(reader, `${flag}: ${paths.join(', ')}`);
  const chains = chainsOf(all.map(({ image }) => image));
  return {
    disks: chains
      .filter(([top]) => top !== undefined && writable.has(top))
      .map((chain) => ({ chain, allocatedBytes: told.get(chain[0]!) })),
    notes: [...reader.notes, ...leftOut(reader, chains, writable)],
  };
}

/** What is no disk here and lies below none: the user may have thought that it counts. */
function leftOut(
  { foreign }: Reader,
  chains: readonly Chain[],
  writable: ReadonlySet<ReportedImage>,
): readonly string[] {
  const bases = new Set(chains.flat().map(({ backs }) => backs && plainName(backs)));
  const raw = foreign
    .filter(({ name }) => !bases.has(plainName(name)))
    .map(({ name, format }) => `${name}: is ${String(format)}, which keeps no persistent bitmaps; left out`);
  const readOnly = chains
    .filter(([top]) => top !== undefined && !writable.has(top) && top.bitmaps.length > 0)
    .map(
      ([top]) =>
        `${top!.name}: is read-only, so its bitmaps are not stored in the stop; left out (a destination that opens it reads them, which is not counted here)`,
    );
  return [...raw, ...readOnly];
}

function refuseNone({ foreign, found }: Reader, where: string): never {
  if (found.length > 0)
    throw new InputError(`${where}: every qcow2 image in it is read-only; none is stored in a stop`);
  throw new InputError(
    foreign.length === 0
      ? `${where}: no qcow2 image in it; expected ${WHAT}`
      : `${where}: the image is ${String(foreign[0]!.format)}, and only qcow2 images keep persistent bitmaps`,
  );
}
