/**
 * Every parameter of a scenario, once: the flags of `ask`, the scenario schema, the JSON Schema, `--set` and sweep
 * axes, the resolved question and the CSV parameter columns all come from these rows.
 */

import { HOST } from '../sim/parameters/host.js';
import { LINK } from '../sim/parameters/link.js';
import { MIGRATION } from '../sim/parameters/migration.js';
import { MIRROR } from '../sim/parameters/mirror.js';
import { RAMP } from '../sim/parameters/ramp.js';
import { type Groups, type Kind, overriding, type Row, type Rows, rowsOf } from '../sim/parameters/row.js';
import { meanSizeBytes } from '../sim/parameters/size-mix.js';
import type { Extent, LatencySpec, SizeMix } from '../sim/parameters/value-types.js';
import { WHAT_IF } from '../sim/parameters/what-if.js';
import { STRATEGIES } from '../sim/strategies/registry.js';
import { shareText } from './companion.js';
import { STORAGE } from './models/storage.js';
import { TRACE } from './models/trace-rows.js';
import { GUEST, GUEST_RAM, MIX, PART } from './models/workload.js';
import { COURSE, STUDY } from './parameters/course.js';
import { diskPath } from './parameters/disk-list.js';
import { EVACUATION } from './parameters/evacuation.js';
import { OUTCOME } from './parameters/outcome.js';
import { SITUATION } from './parameters/situation.js';
import { latencyMeanNs } from './values/compound.js';

/** A row of a scenario, with its column. */
export type Parameter = Row & { readonly column: string };

type OfStrategies = { readonly [D in (typeof STRATEGIES)[number] as D['name']]: D['parameters'] };

const OF_STRATEGIES = Object.fromEntries(
  STRATEGIES.map(({ name, parameters }) => [name, parameters]),
) as OfStrategies;

/** The parameters whose value is set by default, or names where it comes from, by what they are about. */
export const BASE = {
  situation: SITUATION,
  migration: MIGRATION,
  ramp: RAMP,
  mirror: MIRROR,
  evacuation: EVACUATION,
  course: COURSE,
  ...OF_STRATEGIES,
  whatIf: WHAT_IF,
  study: STUDY,
  outcome: OUTCOME,
} as const satisfies Groups;

/** Single values of presets that a scenario may set otherwise, by what their paths begin with. */
export const OVERRIDES = {
  storage: STORAGE,
  workload: { guest: GUEST, part: PART, mix: MIX, trace: TRACE },
  link: { link: LINK },
  host: { host: HOST },
} as const satisfies Readonly<Record<string, Groups>>;

const UNIT: Readonly<Partial<Record<Kind, string>>> = {
  size: '_bytes',
  'power-of-two': '_bytes',
  rate: '_bytes_per_s',
  time: '_ms',
  budget: '_ms',
  latency: '_ms',
  share: '_share',
  extent: '_bytes',
  sizes: '_bytes',
};

function withColumn(row: Row): Parameter {
  if (row.column !== undefined) return { ...row, column: row.column };
  const name = row.path.replace(/[.-]/g, '_');
  const unit = UNIT[row.kind] ?? '';
  return { ...row, column: name.endsWith(unit) ? name : `${name}${unit}` };
}

/** Values of a preset as parameters: no default of their own, the preset has it. */
function below(prefix: keyof typeof OVERRIDES): readonly Parameter[] {
  return rowsOf(OVERRIDES[prefix]).map((row) =>
    withColumn(overriding({ ...row, path: `${prefix}.${row.path}` })),
  );
}

const ram = (rows: Rows): readonly Parameter[] =>
  Object.values(rows).map((row) => withColumn(overriding(row)));

export const BASE_PARAMETERS: readonly Parameter[] = rowsOf(BASE).map(withColumn);

export const OVERRIDE_PARAMETERS: readonly Parameter[] = [
  ...below('storage'),
  ...below('workload'),
  ...ram(GUEST_RAM),
  ...below('link'),
  ...below('host'),
];

/** All parameters, in the order of help texts and CSV columns. */
export const PARAMETERS: readonly Parameter[] = [...BASE_PARAMETERS, ...OVERRIDE_PARAMETERS];

const BY_PATH = new Map(PARAMETERS.map((parameter) => [parameter.path, parameter]));

/** Where a preset is named: `storage: ceph-nvme` is short for `storage: {preset: ceph-nvme}`. */
export const PRESET_PATHS = ['storage', 'workload', 'link', 'host'] as const;

/** The parameter of a path; `storage.preset` is `storage`, and `disks.0.size` the size of one disk of a list. */
export function parameterAt(path: string): Parameter | undefined {
  const direct = PRESET_PATHS.find((name) => path === `${name}.preset`);
  return BY_PATH.get(direct ?? path) ?? ofOneDisk(path);
}

function ofOneDisk(path: string): Parameter | undefined {
  const row = diskPath(path)?.row;
  if (!row) return undefined;
  const { default: _, flag: __, column: ___, ...own } = row;
  return withColumn({ ...own, optional: true, help: `${row.help} (of one disk)` });
}

/** Kinds whose parsed value is a structure; the question and the CSV show them as they were written. */
const AS_WRITTEN: readonly Kind[] = ['pattern', 'arrivals', 'parts'];

const extentValue = (extent: Extent): number | string =>
  'bytes' in extent ? extent.bytes : shareText(extent.share);

/**
 * A value as the question and the CSV show it: base units, times in ms (latencies and sizes by their mean), no Infinity.
 * A share of something is a word here; what it is a share of, the question knows.
 */
export function columnValue(parameter: Parameter, value: unknown, raw: unknown = value): unknown {
  if (parameter.kind === 'latency') return latencyMeanNs(value as LatencySpec) / 1e6;
  if (parameter.kind === 'sizes') return meanSizeBytes(value as SizeMix);
  if (parameter.kind === 'extent') return extentValue(value as Extent);
  if (AS_WRITTEN.includes(parameter.kind)) return typeof raw === 'object' ? JSON.stringify(raw) : raw;
  if (parameter.kind === 'names' || parameter.kind === 'files') return (value as readonly string[]).join(',');
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) return 'unlimited';
  return ['time', 'budget'].includes(parameter.kind) ? value / 1e6 : value;
}
