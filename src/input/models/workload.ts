import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import { type Groups, rows, rowsOf, type Spec } from '../../sim/parameters/row.js';
import type { Extent } from '../../sim/parameters/value-types.js';
import type { SyntheticGuestSpec, WritePartSpec } from '../../sim/scenario.js';
import { collect, type Layer, readSpecs } from '../values/fields.js';

/** What one kind of write looks like; in a mix each part says it for itself. */
export const PART = rows({
  sizes: {
    path: 'write-size',
    flag: 'write-size',
    kind: 'sizes',
    help: 'bytes of a write, or a mix such as {4k: 60%, 64k: 40%}',
    default: '4k',
  },
  pattern: {
    path: 'pattern',
    flag: 'pattern',
    kind: 'pattern',
    help: 'where writes go: uniform, zipf[:theta], sequential[:streams], hotspot[:space/writes]',
    default: 'uniform',
  },
  footprint: {
    path: 'footprint',
    flag: 'footprint',
    kind: 'extent',
    help: 'how much of each disk is written to: a share of the disk or a size',
    default: '100%',
  },
  offset: {
    path: 'offset',
    kind: 'extent',
    help: 'where on each disk the footprint starts: a share of the disk or a size',
    default: '0%',
  },
});

/** One part of a mix. */
export const MIX_PART = {
  share: rows({
    weight: { path: 'weight', kind: 'share', help: 'share of the writes that are of this kind' },
    disk: {
      path: 'disk',
      kind: 'count',
      help: 'the only disk that they go to, from 0 on (left out: all disks, as they share the writes)',
      optional: true,
      cited: false,
    },
  }),
  part: PART,
} as const satisfies Groups;

/** What a workload says about RAM; `ram.*` of a scenario overrides it. */
export const GUEST_RAM = rows({
  used: {
    path: 'ram.used',
    label: 'RAM used',
    kind: 'extent',
    help: 'RAM that is not all zero: a share of the RAM or a size',
    default: '50%',
  },
  workingSet: {
    path: 'ram.working-set',
    kind: 'extent',
    help: 'pages written again and again',
    default: '0%',
  },
  dirtyBytesPerS: {
    path: 'ram.dirty-rate',
    label: 'RAM dirty rate',
    kind: 'rate',
    help: 'how fast distinct pages are dirtied (0 for none)',
    default: '0',
    min: 0,
    max: 1e12,
    allowed: 'from 0 to 1TB/s',
  },
});

/** How often the guest writes. */
export const GUEST = rows({
  writesPerS: {
    path: 'write-iops',
    label: 'guest writes per second',
    flag: 'write-iops',
    kind: 'number',
    help: 'writes per second over all disks',
    min: 0,
    max: 1e8,
    allowed: 'from 0 to 100000000',
  },
  arrivals: {
    path: 'arrivals',
    kind: 'arrivals',
    help: 'gaps between writes: poisson, deterministic, {h2: …} or {on: …, off: …}',
    default: 'poisson',
  },
});

export const MIX = rows({
  parts: { path: 'mix', kind: 'parts', help: 'several kinds of write at once', optional: true },
});

/** What a workload preset says (models/workloads/*.yaml). */
export const WORKLOAD = {
  guest: GUEST,
  part: PART,
  mix: MIX,
  ram: GUEST_RAM,
} as const satisfies Groups;

/** Bytes of an extent of `wholeBytes`, at least one byte where the extent is not empty. */
export function extentBytes(extent: Extent, wholeBytes: number): number {
  if ('bytes' in extent) return Math.min(extent.bytes, wholeBytes);
  return extent.share === 0 ? 0 : Math.max(1, Math.round(extent.share * wholeBytes));
}

interface PartPlace {
  /** Sizes of the VM's disks. */
  readonly disksBytes: readonly number[];
  /** Which of them is written to, where it is one. */
  readonly disk?: number | undefined;
  readonly weight: number;
}

function partOn(
  { disksBytes, disk, weight }: PartPlace,
  told: Spec<typeof PART>,
  where: string,
): WritePartSpec {
  const { pattern, sizes, footprint, offset } = told;
  const diskBytes = disksBytes[disk ?? 0];
  if (diskBytes === undefined)
    throw new InputError(
      `${where}: disk: there is no disk ${disk}; there ${disksBytes.length === 1 ? 'is only disk 0' : `are disks 0 to ${disksBytes.length - 1}`}`,
    );
  const alike = disk !== undefined || disksBytes.every((bytes) => bytes === diskBytes);
  if (!alike && 'bytes' in offset)
    throw new InputError(`${where}: offset: the disks differ in size; give a share such as 10%`);
  const footprintShare = !alike && 'share' in footprint ? footprint.share : undefined;
  const footprintBytes = extentBytes(footprint, diskBytes);
  if (footprintBytes === 0)
    throw new InputError(`${where}: footprint: nothing to write to; give more than 0`);
  const offsetShare = 'share' in offset ? offset.share : offset.bytes / diskBytes;
  if (offsetShare >= 1)
    throw new InputError(`${where}: offset: there is no disk beyond it; a disk has ${formatSize(diskBytes)}`);
  return {
    ...{ weight, pattern, sizes, offsetShare, footprintBytes },
    ...(disk !== undefined && { disk }),
    ...(footprintShare !== undefined && { footprintShare }),
  };
}

/** The guest of a preset with overrides, on disks of these sizes. Overrides of a mix apply to each of its parts. */
export function readGuest(
  layers: readonly Layer[],
  name: string,
  disksBytes: readonly number[],
): SyntheticGuestSpec {
  const { guest, part, mix } = readSpecs(WORKLOAD, layers, name);
  const parts =
    mix.parts === undefined
      ? [partOn({ disksBytes, weight: 1 }, part, name)]
      : mixOn(disksBytes, mix.parts, layers, name);
  return { kind: 'synthetic', name, ...guest, parts };
}

/** Writes are drawn in blocks of four times as many, one kind after the other: with more kinds each would be alone. */
export const KINDS_MAX = 256;

function mixOn(
  disksBytes: readonly number[],
  mix: unknown,
  layers: readonly Layer[],
  name: string,
): readonly WritePartSpec[] {
  if (!Array.isArray(mix) || mix.length === 0)
    throw new InputError(`${name}: mix: not a list of kinds of write`);
  if (mix.length > KINDS_MAX)
    throw new InputError(`${name}: mix: ${mix.length} kinds of write (jobs of fio); ${KINDS_MAX} at most`);
  return mix.map((item: unknown, i) => {
    const where = `${name}: mix[${i}]`;
    const own = collect(item, rowsOf(MIX_PART), where);
    const { share, part } = readSpecs(MIX_PART, [own, ...layers.slice(1)], where);
    return partOn({ disksBytes, ...share }, part, where);
  });
}
