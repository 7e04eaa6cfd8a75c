/** One axis of an experiment: a parameter and the values it takes, as a list or as an evenly spaced range. */
import { InputError } from '../../base/errors.js';
import { parseRow } from '../../input/values/kinds.js';
import { writtenNumber } from '../../input/values/written-number.js';
import type { Row } from '../../sim/parameters/row.js';

/** A value as resolve() takes it, and what expressions and figures see (base units, or a name). */
export interface AxisValue {
  readonly raw: unknown;
  readonly value: number | string;
}

export interface RangeSpec {
  readonly from: string | number;
  readonly to: string | number;
  readonly steps: number;
  readonly scale: 'linear' | 'log';
}

export type AxisSpec = readonly unknown[] | RangeSpec;

/** Looked at before the values are made, which take a hundred bytes each. A plan has no more points than that either. */
const VALUES_MAX = 100_000;

export interface Axis {
  readonly path: string;
  readonly values: readonly AxisValue[];
  /** The value at a share of the axis, 0 <= u < 1: ranges are continuous, lists pick an entry. */
  at(u: number): AxisValue;
}

/** A parsed value as expressions see it: a number in base units where it is one, else its text. */
export function scalarOf(parsed: unknown, raw: unknown): number | string {
  if (typeof parsed === 'number') return parsed;
  if (typeof parsed === 'object' && parsed !== null && 'bytes' in parsed) return Number(parsed.bytes);
  return typeof raw === 'object' ? JSON.stringify(raw) : String(raw);
}

/** A value given as text or number for a parameter. */
function axisValue(field: Row, raw: unknown, where: string): AxisValue {
  return { raw, value: scalarOf(parseRow(field, raw, where), raw) };
}

/** A number in base units (of a range, or derived from other parameters) for a parameter. */
export function numericValue(field: Row, value: number, where: string): AxisValue {
  const written = writtenNumber(field.kind, value);
  if (written === undefined)
    throw new InputError(`${where}: ${field.path} is not a number, give a list of values`);
  if (!Number.isFinite(value) || value < 0)
    throw new InputError(`${where}: ${value} is no value for ${field.path}`);
  return axisValue(field, written, where);
}

function isRange(spec: AxisSpec): spec is RangeSpec {
  return !Array.isArray(spec);
}

function rangeAxis(field: Row, spec: RangeSpec, where: string): Axis {
  const end = (raw: string | number, key: string): number => {
    const { value } = axisValue(field, raw, `${where}.${key}`);
    return typeof value === 'number' ? value : Number.NaN;
  };
  const from = end(spec.from, 'from');
  const to = end(spec.to, 'to');
  if (!Number.isFinite(from) || !Number.isFinite(to))
    throw new InputError(`${where}: ${field.path} is not a number, give a list of values`);
  if (!(from < to)) throw new InputError(`${where}: from ${spec.from} to ${spec.to} is empty`);
  if (!Number.isInteger(spec.steps) || spec.steps < 2)
    throw new InputError(`${where}: ${spec.steps} steps, a range needs a whole number of at least 2`);
  if (spec.steps > VALUES_MAX)
    throw new InputError(`${where}: ${spec.steps} steps, the limit is ${VALUES_MAX}`);
  if (spec.scale === 'log' && from <= 0) throw new InputError(`${where}: a log scale must begin above 0`);
  const value = (share: number): number => {
    if (share === 0) return from;
    if (share === 1) return to;
    return spec.scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
  };
  const at = (u: number): AxisValue => numericValue(field, value(u), where);
  return {
    path: field.path,
    values: Array.from({ length: spec.steps }, (_, i) => at(i / (spec.steps - 1))),
    at,
  };
}

/** Builds an axis; `where` is the place in the file or the flag. Empty lists and steps that fall together are refused. */
export function buildAxis(field: Row, spec: AxisSpec, where: string): Axis {
  if (isRange(spec)) return refuseRepeats(rangeAxis(field, spec, where), where);
  if (spec.length === 0) throw new InputError(`${where}: no values`);
  const values = spec.map((raw, i) => axisValue(field, raw, `${where}[${i}]`));
  return { path: field.path, values, at: (u: number) => values[Math.floor(u * values.length)]! };
}

function refuseRepeats(axis: Axis, where: string): Axis {
  const seen = new Set(axis.values.map((v) => v.value));
  if (seen.size < axis.values.length)
    throw new InputError(
      `${where}: ${axis.values.length} steps give only ${seen.size} different values of ${axis.path}, take fewer steps`,
    );
  return axis;
}

/** `disk.size=1T,4T,16T` of the command line: path and values. */
export function parseAxisFlag(text: string): { path: string; values: string[] } {
  const [path = '', list = ''] = text.split(/=(.*)/s);
  const values = list.split(',').map((value) => value.trim());
  if (path.trim() === '' || values.some((value) => value === ''))
    throw new InputError(`--axis: '${text}' is not of the form disk.size=1T,4T,16T`);
  return { path: path.trim(), values };
}
