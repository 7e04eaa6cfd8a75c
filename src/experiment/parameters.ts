/**
 * Every parameter of a scenario, once: the flags of `ask`, the scenario schema, the JSON Schema, `--set` and sweep
 * axes, the resolved question and the CSV parameter columns all come from this table.
 */
import type { Field, Kind } from './kinds.js';
import { HOST_FIELDS } from './models/host.js';
import { LINK_FIELDS } from './models/link.js';
import { STORAGE_FIELDS } from './models/storage.js';
import { GUEST_FIELDS, GUEST_RAM_FIELDS } from './models/workload.js';

export interface Parameter extends Field {
  /** Name on the command line, without the dashes. Parameters without one are set with `--set path=value`. */
  readonly flag?: string;
  /** CSV column and key of the resolved question; carries the unit. */
  readonly column: string;
}

const GRANULARITY = { min: 512, max: 2 ** 31, allowed: 'from 512 to 2G' };
const CLUSTER = { min: 512, max: 2 ** 21, allowed: 'from 512 to 2M' };
const AT_LEAST_1 = { min: 1, allowed: 'of at least 1' };

type Row = Omit<Parameter, 'column'> & { readonly column?: string };

/** Parameters of the situation itself. Limits of granularity, cluster and counts: QEMU 7.2, block/qcow2-bitmap.c. */
const OWN: readonly Row[] = [
  {
    path: 'vm',
    flag: 'vm',
    kind: 'text',
    optional: true,
    help: 'VM preset; sets disks, bitmaps and RAM where nothing else does',
  },
  {
    path: 'disk.size',
    flag: 'disk',
    kind: 'size',
    default: '16T',
    column: 'disk_bytes',
    help: 'virtual size of each disk',
  },
  {
    path: 'disk.count',
    flag: 'disks',
    kind: 'count',
    default: 1,
    min: 1,
    max: 256,
    allowed: 'from 1 to 256',
    column: 'disks',
    help: 'number of disks, all alike',
  },
  {
    path: 'disk.granularity',
    flag: 'granularity',
    kind: 'power-of-two',
    default: '64k',
    ...GRANULARITY,
    column: 'granularity_bytes',
    help: 'disk bytes per bit of a bitmap',
  },
  {
    path: 'disk.cluster',
    flag: 'cluster',
    kind: 'power-of-two',
    default: '64k',
    ...CLUSTER,
    column: 'cluster_bytes',
    help: 'qcow2 cluster size',
  },
  {
    path: 'disk.allocated',
    flag: 'allocated',
    kind: 'share',
    default: '0%',
    column: 'allocated_share',
    help: 'share of the disk that is allocated with no allocation since the image was opened or arrived',
  },
  {
    path: 'disk.discard',
    flag: 'discard',
    kind: 'switch',
    default: 'on',
    column: 'discard',
    help: 'discards reach the storage: each replaced cluster is punched inside the stop',
  },
  {
    path: 'bitmaps.count',
    flag: 'bitmaps',
    kind: 'count',
    default: 1,
    min: 1,
    max: 65_535,
    allowed: 'from 1 to 65535',
    column: 'bitmaps',
    help: 'persistent bitmaps per disk',
  },
  {
    path: 'bitmaps.frozen',
    flag: 'frozen',
    kind: 'count',
    default: 0,
    min: 0,
    max: 65_535,
    allowed: 'from 0 to the number of bitmaps',
    column: 'frozen_bitmaps',
    help: 'how many of them are disabled (they keep their bits and are stored all the same)',
  },
  {
    path: 'bitmaps.dirty',
    flag: 'dirty',
    kind: 'share-or-auto',
    default: 'auto',
    column: 'dirty_share',
    help: 'share of the bits set at the start; auto: what the workload set since the last backup (bitmaps.age)',
  },
  {
    path: 'bitmaps.age',
    flag: 'age',
    kind: 'time',
    default: '1d',
    column: 'bitmap_age_ms',
    help: 'guest time since the last backup, for dirty: auto',
  },
  {
    path: 'bitmaps.layout',
    flag: 'dirty-layout',
    kind: 'choice',
    choices: ['uniform', 'prefix', 'clustered'],
    default: 'uniform',
    column: 'dirty_layout',
    help: 'where a given share of set bits lies',
  },
  {
    path: 'bitmaps.history',
    flag: 'history',
    kind: 'choice',
    choices: ['new', 'stored'],
    default: 'stored',
    column: 'history',
    help: 'stored: an older copy is in the image and is replaced; new: first store',
  },
  {
    path: 'image',
    flag: 'image',
    kind: 'text',
    optional: true,
    help: 'qemu-img info or QMP query-block JSON: disks and bitmaps as they are',
  },
  {
    path: 'storage',
    flag: 'storage',
    kind: 'text',
    default: 'ceph-nvme',
    help: 'storage preset, preset file, or fio JSON output',
  },
  {
    path: 'flush-bandwidth',
    flag: 'flush-bandwidth',
    kind: 'rate',
    optional: true,
    help: 'bytes per second for writes and reads of the store, instead of the preset',
  },
  {
    path: 'flush-latency',
    flag: 'flush-latency',
    kind: 'time',
    optional: true,
    help: 'time of every op of the store as QEMU sees it, instead of the preset',
  },
  {
    path: 'workload',
    flag: 'workload',
    kind: 'text',
    default: 'cloud-average',
    help: 'workload preset, preset file, fio job file, or trace of writes',
  },
  { path: 'host', flag: 'host', kind: 'text', default: 'lab', help: "host preset: QEMU's own CPU time" },
  {
    path: 'link',
    flag: 'link',
    kind: 'text',
    default: '10gbit',
    help: 'link preset, preset file, or a rate such as 10Gbit/s',
  },
  { path: 'ram.size', flag: 'ram', kind: 'size', default: '16G', column: 'ram_bytes', help: 'RAM of the VM' },
  {
    path: 'migration.downtime-limit',
    flag: 'downtime-limit',
    kind: 'time',
    default: '300ms',
    min: 0,
    max: 2000e9,
    allowed: 'from 0 to 2000s',
    help: "QEMU's downtime-limit: steers the switchover",
  },
  {
    path: 'migration.max-bandwidth',
    flag: 'max-bandwidth',
    kind: 'rate',
    default: '128MiB/s',
    help: "QEMU's max-bandwidth while the VM runs (its own default; management tools often lift it)",
  },
  {
    path: 'migration.return-path',
    flag: 'return-path',
    kind: 'switch',
    default: 'off',
    help: 'return-path capability: the source counts until the destination runs',
  },
  {
    path: 'migration.timeout',
    flag: 'timeout',
    kind: 'time-or-auto',
    default: 'auto',
    help: 'give up waiting for convergence; auto: a minute and ten passes over the used RAM',
  },
  {
    path: 'migration.warm-up',
    flag: 'warm-up',
    kind: 'time',
    default: '0s',
    help: 'the guest runs this long before the migration begins',
  },
  {
    path: 'qemu',
    flag: 'qemu',
    kind: 'choice',
    choices: ['7.2', '10.0', 'fixed'],
    default: '7.2',
    help: 'order of the stop and known flaws; fixed: as 10.0 without the flaws',
  },
  {
    path: 'strategies',
    flag: 'strategy',
    kind: 'names',
    optional: true,
    help: 'strategies to compare (default: all)',
  },
  {
    path: 'pre-flush.chunk',
    flag: 'chunk',
    kind: 'power-of-two',
    default: '64k',
    ...CLUSTER,
    help: 'bytes of bitmap that one bit of the meta-bitmap stands for',
  },
  {
    path: 'pre-flush.rate',
    flag: 'pre-flush-rate',
    kind: 'rate',
    default: 'unlimited',
    help: 'bitmap bytes per second that pre-flush may write',
  },
  {
    path: 'pre-flush.settle',
    flag: 'settle',
    kind: 'time',
    default: '0s',
    help: 'how long a chunk must have been stale before it is written',
  },
  {
    path: 'pre-flush.order',
    flag: 'order',
    kind: 'choice',
    choices: ['fifo', 'ascending'],
    default: 'fifo',
    help: 'order in which stale chunks are written',
  },
  {
    path: 'pre-flush.last-pass',
    flag: 'last-pass',
    kind: 'choice',
    choices: ['chunks', 'clusters'],
    default: 'clusters',
    help: 'in the stop: stale chunks one by one, or merged into clusters',
  },
  {
    path: 'pre-flush.layout',
    flag: 'layout',
    kind: 'choice',
    choices: ['in-place', 'shadow'],
    default: 'in-place',
    help: 'overwrite the stored copy, or write a new one',
  },
  {
    path: 'pre-flush.pending',
    flag: 'pending',
    kind: 'choice',
    choices: ['off', 'on', 'bytes', 'bits'],
    default: 'on',
    help: 'what switchover waits for: off: RAM only; on: RAM and the time to store the rest; bytes, bits: the raw count',
  },
  {
    path: 'pre-flush.initial-pass',
    flag: 'initial-pass',
    kind: 'switch',
    default: 'on',
    help: 'write what the image does not hold yet before the stop',
  },
  {
    path: 'what-if.queue-depth',
    kind: 'count',
    default: 1,
    ...AT_LEAST_1,
    help: 'cluster writes in flight at once',
  },
  {
    path: 'what-if.skip-unchanged',
    kind: 'switch',
    default: 'off',
    help: 'bitmaps that did not change since they were stored are not written',
  },
  {
    path: 'what-if.defer-punch',
    kind: 'switch',
    default: 'off',
    help: 'replaced clusters are punched after the stop',
  },
  {
    path: 'what-if.encode-all-ones',
    kind: 'switch',
    default: 'off',
    help: 'fully set clusters are marked in the table, not written',
  },
  {
    path: 'what-if.early-allocation',
    kind: 'switch',
    default: 'off',
    help: 'the refcount walk happens before the stop',
  },
  {
    path: 'what-if.load-early',
    kind: 'switch',
    default: 'off',
    help: 'the destination reads bitmaps before the stop and re-reads what changed',
  },
  {
    path: 'engine',
    flag: 'engine',
    kind: 'choice',
    choices: ['auto', 'per-write', 'first-touch'],
    default: 'auto',
    help: 'how guest writes are simulated; both are exact',
  },
  {
    path: 'budget',
    flag: 'budget',
    kind: 'budget',
    default: 'qemu',
    help: 'downtime that can be borne: a time, or qemu, nova, proxmox, vmotion, nfv',
  },
  {
    path: 'replications',
    flag: 'replications',
    kind: 'count',
    default: 30,
    min: 1,
    max: 1e6,
    allowed: 'from 1 to 1000000',
    help: 'runs with their own random numbers',
  },
  { path: 'seed', flag: 'seed', kind: 'count', default: 1, min: 0, help: 'seed of all random numbers' },
];

const UNIT: Readonly<Partial<Record<Kind, string>>> = {
  size: '_bytes',
  'power-of-two': '_bytes',
  rate: '_bytes_per_s',
  time: '_ms',
  'time-or-auto': '_ms',
  budget: '_ms',
  latency: '_ms',
  share: '_share',
};

function withColumn(row: Row): Parameter {
  if (row.column !== undefined) return row as Parameter;
  const name = row.path.replace(/[.-]/g, '_');
  const unit = UNIT[row.kind] ?? '';
  return { ...row, column: name.endsWith(unit) ? name : `${name}${unit}` };
}

/** Values of a preset as parameters: no default of their own, the preset has it. */
function overrides(
  prefix: string,
  fields: readonly Field[],
  flags: readonly string[] = [],
): readonly Parameter[] {
  return fields.map(({ default: _, ...field }) => {
    const named = flags.includes(field.path) ? { flag: field.path } : {};
    return withColumn({ ...field, ...named, optional: true, path: prefix + field.path });
  });
}

/** The parameters whose value is set by default, or names where it comes from. */
export const BASE_PARAMETERS: readonly Parameter[] = OWN.map(withColumn);

/** Single figures of presets that a scenario may set otherwise. */
export const OVERRIDE_PARAMETERS: readonly Parameter[] = [
  ...overrides('storage.', STORAGE_FIELDS),
  ...overrides('workload.', GUEST_FIELDS, ['write-iops', 'write-size', 'pattern', 'footprint']),
  ...overrides('', GUEST_RAM_FIELDS),
  ...overrides('link.', LINK_FIELDS),
  ...overrides('host.', HOST_FIELDS),
];

/** All parameters, in the order of help texts and CSV columns. */
export const PARAMETERS: readonly Parameter[] = [...BASE_PARAMETERS, ...OVERRIDE_PARAMETERS];

const BY_PATH = new Map(PARAMETERS.map((parameter) => [parameter.path, parameter]));

/** Where a preset is named: `storage: ceph-nvme` is short for `storage: {preset: ceph-nvme}`. */
export const PRESET_PATHS: readonly string[] = ['storage', 'workload', 'link', 'host'];

export function parameterAt(path: string): Parameter | undefined {
  const direct = PRESET_PATHS.find((name) => path === `${name}.preset`);
  return BY_PATH.get(direct ?? path);
}

/** A value as the question and the CSV show it: base units, times in ms, no Infinity. */
export function columnValue(parameter: Parameter, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) return 'unlimited';
  return ['time', 'time-or-auto', 'budget'].includes(parameter.kind) ? value / 1e6 : value;
}
