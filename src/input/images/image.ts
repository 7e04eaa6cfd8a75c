/** A disk image as a report tells of it, before anything is asked of it. */
import { InputError } from '../../base/errors.js';
import type { Tree } from '../../base/tree.js';

/** What `--image` takes, for messages. */
export const WHAT =
  'the output of qemu-img info -U --output=json, or a QMP reply to query-named-block-nodes or query-block';

/** A bitmap as reported; `setBytes` where the report counts. */
export interface ReportedBitmap {
  readonly name: string;
  readonly granularityBytes: number;
  readonly recording: boolean;
  readonly inImage: boolean;
  readonly setBytes?: number;
}

/** Where guest data lies that a qcow2 keeps outside itself. */
export interface DataFile {
  readonly file: string;
  readonly raw: boolean;
}

/** One qcow2 image as reported, with one line for each thing about it that the user should know. */
export interface ReportedImage {
  /** For messages. */
  readonly name: string;
  /** File name as the report writes it, to find it again; empty where it has none. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly bitmaps: readonly ReportedBitmap[];
  /** File name of the image below it; undefined for the lowest. */
  readonly backs?: string;
  /** The image below it, where the report nests it. */
  readonly below?: ReportedImage;
  /** Bytes that it takes on its storage. */
  readonly actualBytes?: number;
  readonly dataFile?: DataFile;
  readonly notes: readonly string[];
}

/** A whole number above 0 in a report. */
export function whole(tree: Tree, key: string, where: string, standard?: number): number {
  const value = tree[key] ?? standard;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0)
    throw new InputError(
      `${where}: ${key} is ${JSON.stringify(value) ?? 'missing'}, expected a whole number above 0 in ${WHAT}`,
    );
  return value;
}

/** A text in a report; undefined where it has none. */
export function textOf(tree: Tree, key: string): string | undefined {
  const value = tree[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A bitmap as messages name it. */
export const bitmapLabel = (bitmap: Tree): string => `bitmap '${String(bitmap.name)}'`;
