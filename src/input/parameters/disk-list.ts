/**
 * What one disk of a list may say for itself (`disks:` of a scenario, `--disk 4T:bitmaps=3`, the axis `disks.0.size`):
 * the rows that say it for all disks, under shorter names. What it leaves out it has in common with the others.
 */
import { type Row, rows } from '../../sim/parameters/row.js';
import { SITUATION } from './situation.js';

/** Only of one disk. */
export const OWN = rows({
  writes: {
    path: 'writes',
    kind: 'number',
    optional: true,
    min: 0,
    max: 1e9,
    allowed: 'from 0',
    help: "its weight among the disks that share the guest's writes; 1 unless told, so that each has as many",
  },
  recording: {
    path: 'recording',
    kind: 'switch',
    default: 'on',
    help: 'off: frozen, as a disabled bitmap is; it keeps its bits and is stored all the same',
  },
});

const BITMAP_KEYS = {
  granularity: SITUATION.granularityBytes,
  dirty: SITUATION.dirtyShare,
  age: SITUATION.ageNs,
  layout: SITUATION.layout,
} as const;

/** Some alike bitmaps of a disk. */
export const GROUP_KEYS: Readonly<Record<string, Row>> = {
  count: SITUATION.bitmapCount,
  ...BITMAP_KEYS,
  history: SITUATION.history,
  recording: OWN.recording,
};

/** A read-only image under a disk. `bitmaps`: how many, or a list of groups. */
export const BACKING_KEYS: Readonly<Record<string, Row>> = {
  size: SITUATION.diskBytes,
  cluster: SITUATION.clusterBytes,
  allocated: SITUATION.allocatedShare,
  storage: SITUATION.storage,
  bitmaps: { ...SITUATION.bitmapCount, min: 0, allowed: 'from 0 to 65535' },
  ...BITMAP_KEYS,
};

export const DISK_KEYS: Readonly<Record<string, Row>> = {
  ...BACKING_KEYS,
  count: SITUATION.diskCount,
  discard: SITUATION.discard,
  'data-file': SITUATION.dataFile,
  'bitmap-storage': SITUATION.bitmapStorage,
  'flush-latency': SITUATION.flushLatencyNs,
  'flush-bandwidth': SITUATION.flushBytesPerS,
  frozen: SITUATION.frozenCount,
  history: SITUATION.history,
  writes: OWN.writes,
};

type Scalar = string | number;

/** Some alike bitmaps, as a program writes them. */
export interface GroupInput {
  readonly count?: Scalar;
  readonly granularity?: Scalar;
  readonly dirty?: Scalar;
  readonly age?: Scalar;
  readonly layout?: string;
  readonly history?: string;
  readonly recording?: boolean | 'on' | 'off';
}

/** A read-only image under a disk, as a program writes it. */
export interface BackingInput extends Pick<GroupInput, 'granularity' | 'dirty' | 'age' | 'layout'> {
  readonly size?: Scalar;
  readonly cluster?: Scalar;
  readonly allocated?: Scalar;
  readonly storage?: string;
  readonly bitmaps?: Scalar | readonly GroupInput[];
}

/** One disk of a list, as a program writes it. */
interface DiskEntry extends BackingInput {
  readonly count?: Scalar;
  readonly discard?: boolean | 'on' | 'off';
  readonly 'data-file'?: boolean | 'on' | 'off';
  readonly 'bitmap-storage'?: string;
  readonly 'flush-latency'?: Scalar;
  readonly 'flush-bandwidth'?: Scalar;
  readonly frozen?: Scalar;
  readonly history?: string;
  readonly writes?: Scalar;
  readonly backing?: readonly BackingInput[];
}

/** One disk of a list; a text is `4T:bitmaps=3,granularity=16k`. */
export type DiskInput = string | DiskEntry;

const PATH = /^disks\.(\d{1,4})\.(?:(backing)\.(\d{1,4})\.)?(?:(bitmaps)\.(\d{1,4})\.)?([a-z-]+)$/;

/** Where a path leads: the keys and indices from a disk of the list down to one value; undefined: nowhere. */
export function diskPath(
  path: string,
): { readonly steps: readonly (string | number)[]; readonly row: Row } | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, disk, backing, image, bitmaps, group, key = ''] = match;
  const table = bitmaps ? GROUP_KEYS : backing ? BACKING_KEYS : DISK_KEYS;
  const row = Object.hasOwn(table, key) ? table[key] : undefined;
  if (!row) return undefined;
  const steps = [
    Number(disk),
    ...(backing ? [backing, Number(image)] : []),
    ...(bitmaps ? [bitmaps, Number(group)] : []),
    key,
  ];
  return { steps, row: { ...row, path } };
}
