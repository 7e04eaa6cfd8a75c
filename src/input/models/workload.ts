import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import type { Row } from '../../sim/parameters/row.js';
import type { Extent, SizeMix } from '../../sim/parameters/value-types.js';
import type { ArrivalSpec, PatternSpec, SyntheticGuestSpec, WritePartSpec } from '../../sim/scenario.js';
import { collect, type Layer, readFields, type Values } from '../values/fields.js';

/** What one kind of write looks like; in a mix each part says it for itself. */
const PART_FIELDS: readonly Row[] = [
  {
    path: 'write-size',
    kind: 'sizes',
    help: 'bytes of a write, or a mix such as {4k: 60%, 64k: 40%}',
    default: '4k',
  },
  {
    path: 'pattern',
    kind: 'pattern',
    help: 'where writes go: uniform, zipf[:theta], sequential[:streams], hotspot[:space/writes]',
    default: 'uniform',
  },
  {
    path: 'footprint',
    kind: 'extent',
    help: 'how much of each disk is written to: a share of the disk or a size',
    default: '100%',
  },
  {
    path: 'offset',
    kind: 'extent',
    help: 'where on each disk the footprint begins: a share of the disk or a size',
    default: '0%',
  },
];

const WEIGHT: Row = { path: 'weight', kind: 'share', help: 'share of the writes that are of this kind' };

/** What a workload says about RAM; `ram.*` of a scenario overrides it. */
export const GUEST_RAM_FIELDS: readonly Row[] = [
  {
    path: 'ram.used',
    kind: 'extent',
    help: 'RAM that is not all zero: a share of the RAM or a size',
    default: '50%',
  },
  { path: 'ram.working-set', kind: 'extent', help: 'pages written again and again', default: '0%' },
  {
    path: 'ram.dirty-rate',
    kind: 'rate',
    help: 'how fast distinct pages are dirtied (0 for none)',
    default: '0',
    min: 0,
    max: 1e12,
    allowed: 'from 0 to 1TB/s',
  },
];

export const GUEST_FIELDS: readonly Row[] = [
  {
    path: 'write-iops',
    kind: 'number',
    help: 'writes per second over all disks',
    min: 0,
    max: 1e8,
    allowed: 'from 0 to 100000000',
  },
  {
    path: 'arrivals',
    kind: 'arrivals',
    help: 'gaps between writes: poisson, deterministic, {h2: …} or {on: …, off: …}',
    default: 'poisson',
  },
  ...PART_FIELDS,
];

/** What a workload preset says (models/workloads/*.yaml). */
export const WORKLOAD_FIELDS: readonly Row[] = [
  ...GUEST_FIELDS,
  { path: 'mix', kind: 'parts', help: 'several kinds of write at once', optional: true },
  ...GUEST_RAM_FIELDS,
];

/** Fields of one part of a mix, for the schema. */
export const MIX_FIELDS: readonly Row[] = [WEIGHT, ...PART_FIELDS];

/** Bytes of an extent of `wholeBytes`, at least one byte where the extent is not empty. */
export function extentBytes(extent: Extent, wholeBytes: number): number {
  if ('bytes' in extent) return Math.min(extent.bytes, wholeBytes);
  return extent.share === 0 ? 0 : Math.max(1, Math.round(extent.share * wholeBytes));
}

function partFrom(values: Values, weight: number, diskBytes: number, where: string): WritePartSpec {
  const footprintBytes = extentBytes(values.get<Extent>('footprint'), diskBytes);
  if (footprintBytes === 0)
    throw new InputError(`${where}: footprint: nothing to write to; give more than 0`);
  const offset = values.get<Extent>('offset');
  const offsetShare = 'share' in offset ? offset.share : offset.bytes / diskBytes;
  if (offsetShare >= 1)
    throw new InputError(`${where}: offset: there is no disk beyond it; a disk has ${formatSize(diskBytes)}`);
  return {
    weight,
    pattern: values.get<PatternSpec>('pattern'),
    sizes: values.get<SizeMix>('write-size'),
    offsetShare,
    footprintBytes,
  };
}

/** The guest of a preset with overrides, on disks of `diskBytes`. Overrides of a mix apply to each of its parts. */
export function guestFrom(layers: readonly Layer[], name: string, diskBytes: number): SyntheticGuestSpec {
  const values = readFields(WORKLOAD_FIELDS, layers, name);
  const mix = values.get<unknown>('mix');
  const writesPerS = values.number('write-iops');
  const arrivals = values.get<ArrivalSpec>('arrivals');
  if (mix === undefined)
    return { kind: 'synthetic', name, writesPerS, arrivals, parts: [partFrom(values, 1, diskBytes, name)] };
  if (!Array.isArray(mix) || mix.length === 0)
    throw new InputError(`${name}: mix: not a list of kinds of write`);
  const parts = mix.map((item: unknown, i) => {
    const where = `${name}: mix[${i}]`;
    const own = readFields(MIX_FIELDS, [collect(item, MIX_FIELDS, where), ...layers.slice(1)], where);
    return partFrom(own, own.number('weight'), diskBytes, where);
  });
  return { kind: 'synthetic', name, writesPerS, arrivals, parts };
}
