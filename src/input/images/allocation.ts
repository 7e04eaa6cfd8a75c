/**
 * How much of a disk is allocated, which decides how long QEMU looks for free clusters in the stop. Reports of qemu-img
 * tell it more or less exactly: check counts clusters, map lists extents, measure adds them up for another image, and
 * actual-size is what the file takes on its storage.
 */
import { InputError } from '../../base/errors.js';
import { type Tree, treesOf } from '../../base/tree.js';
import { plainName } from './file-name.js';
import { type ReportedImage, textOf } from './image.js';
import type { Report } from './reports.js';

/** Kinds that tell of allocation and of no disk, the most exact first. */
const TELLING = ['check', 'map', 'measure'] as const;
type Telling = (typeof TELLING)[number];

const isTelling = (kind: string): kind is Telling => (TELLING as readonly string[]).includes(kind);
const count = (tree: Tree, key: string): number =>
  typeof tree[key] === 'number' && tree[key] > 0 ? tree[key] : 0;

/** Extents of the top image that have a place in its file; zeroes without one take no cluster. */
function mappedBytes(map: Tree): number {
  return treesOf(map.extents)
    .filter(({ depth, data, offset }) => (depth ?? 0) === 0 && (data === true || offset !== undefined))
    .reduce((sum, extent) => sum + count(extent, 'length'), 0);
}

const BYTES: Readonly<Record<Telling, (tree: Tree, image: ReportedImage) => number>> = {
  check: (tree, image) => count(tree, 'allocated-clusters') * image.clusterBytes,
  map: mappedBytes,
  measure: (tree) => count(tree, 'required'),
};

/** An image and the report it came from, as they were read. */
export interface Read {
  readonly image: ReportedImage;
  /** Its place in the list of all reports. */
  readonly at: number;
}

function owner(report: Report, at: number, images: readonly Read[]): ReportedImage {
  const file = textOf(report.tree, 'filename');
  const named =
    file === undefined ? undefined : images.find(({ image }) => plainName(image.file) === plainName(file));
  const before = images.findLast((read) => read.at < at);
  const found = named ?? before ?? (images.length === 1 ? images[0] : undefined);
  if (found) return found.image;
  throw new InputError(
    `${report.where}: qemu-img ${report.kind}, which tells how much is allocated and nothing of bitmaps: ` +
      'give it after the qemu-img info -U --output=json of the same image (--image info.json --image this.json)',
  );
}

/** What the reports tell of each image, the most exact of them. */
export function toldAllocation(
  reports: readonly Report[],
  images: readonly Read[],
): ReadonlyMap<ReportedImage, number> {
  const told = new Map<ReportedImage, { readonly rank: number; readonly bytes: number }>();
  for (const [at, report] of reports.entries()) {
    const { kind, tree } = report;
    if (!isTelling(kind)) continue;
    const image = owner(report, at, images);
    const rank = TELLING.indexOf(kind);
    const known = told.get(image);
    if (!known || rank < known.rank) told.set(image, { rank, bytes: BYTES[kind](tree, image) });
  }
  return new Map([...told].map(([image, { bytes }]) => [image, bytes]));
}
