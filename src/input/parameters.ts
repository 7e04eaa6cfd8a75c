/**
 * Every parameter of a scenario, once: the flags of `ask`, the scenario schema, the JSON Schema, `--set` and sweep
 * axes, the resolved question and the CSV parameter columns all come from this table.
 */

import type { Kind, Row } from '../sim/parameters/row.js';
import type { LatencySpec } from '../sim/scenario.js';
import { HOST_FIELDS } from './models/host.js';
import { LINK_FIELDS } from './models/link.js';
import { STORAGE_FIELDS } from './models/storage.js';
import { TRACE_FIELDS } from './models/trace-fields.js';
import { GUEST_FIELDS, GUEST_RAM_FIELDS } from './models/workload.js';
import { COURSE } from './parameters/course.js';
import { OUTCOME } from './parameters/outcome.js';
import type { Parameter, ParameterRow } from './parameters/row.js';
import { SITUATION } from './parameters/situation.js';
import { latencyMeanNs } from './values/compound.js';

export type { Parameter } from './parameters/row.js';

const UNIT: Readonly<Partial<Record<Kind, string>>> = {
  size: '_bytes',
  'power-of-two': '_bytes',
  rate: '_bytes_per_s',
  time: '_ms',
  budget: '_ms',
  latency: '_ms',
  share: '_share',
};

function withColumn(row: ParameterRow): Parameter {
  if (row.column !== undefined) return row as Parameter;
  const name = row.path.replace(/[.-]/g, '_');
  const unit = UNIT[row.kind] ?? '';
  return { ...row, column: name.endsWith(unit) ? name : `${name}${unit}` };
}

/** Values of a preset as parameters: no default of their own, the preset has it. */
function overrides(
  prefix: string,
  fields: readonly Row[],
  flags: readonly string[] = [],
): readonly Parameter[] {
  return fields.map(({ default: _, ...field }) => {
    const named = flags.includes(field.path) ? { flag: field.path.replaceAll('.', '-') } : {};
    return withColumn({ ...field, ...named, optional: true, path: prefix + field.path });
  });
}

/** The parameters whose value is set by default, or names where it comes from. */
export const BASE_PARAMETERS: readonly Parameter[] = [...SITUATION, ...COURSE, ...OUTCOME].map(withColumn);

/** Single figures of presets that a scenario may set otherwise. */
export const OVERRIDE_PARAMETERS: readonly Parameter[] = [
  ...overrides('storage.', STORAGE_FIELDS),
  ...overrides('workload.', GUEST_FIELDS, ['write-iops', 'write-size', 'pattern', 'footprint']),
  ...overrides(
    'workload.',
    TRACE_FIELDS,
    TRACE_FIELDS.map((field) => field.path),
  ),
  ...overrides('', GUEST_RAM_FIELDS),
  ...overrides('link.', LINK_FIELDS),
  ...overrides('host.', HOST_FIELDS),
];

/** All parameters, in the order of help texts and CSV columns. */
export const PARAMETERS: readonly Parameter[] = [...BASE_PARAMETERS, ...OVERRIDE_PARAMETERS];

const BY_PATH = new Map(PARAMETERS.map((parameter) => [parameter.path, parameter]));

/** Where a preset is named: `storage: ceph-nvme` is short for `storage: {preset: ceph-nvme}`. */
export const PRESET_PATHS: readonly string[] = ['storage', 'workload', 'link', 'host'];

/** The parameter of a path; `storage.preset` is `storage`. */
export function parameterAt(path: string): Parameter | undefined {
  const direct = PRESET_PATHS.find((name) => path === `${name}.preset`);
  return BY_PATH.get(direct ?? path);
}

/** Kinds whose parsed value is a structure; the question and the CSV show them as they were written. */
const AS_WRITTEN: readonly Kind[] = ['extent', 'sizes', 'pattern', 'arrivals'];

/** A value as the question and the CSV show it: base units, times in ms (latencies by their mean), no Infinity. */
export function columnValue(parameter: Parameter, value: unknown, raw: unknown = value): unknown {
  if (parameter.kind === 'latency') return latencyMeanNs(value as LatencySpec) / 1e6;
  if (AS_WRITTEN.includes(parameter.kind)) return typeof raw === 'object' ? JSON.stringify(raw) : raw;
  if (parameter.kind === 'names') return (value as readonly string[]).join(',');
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) return 'unlimited';
  return ['time', 'budget'].includes(parameter.kind) ? value / 1e6 : value;
}
