/**
 * Where on a disk a part of the guest's writes goes. Offsets are multiples of the part's smallest write (fio's
 * `blockalign` default), counted in slots from the start of its region; a write that would pass the disk's end is cut.
 */
import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import type { WritePartSpec } from '../scenario.js';

export interface Region {
  readonly startBytes: number;
  /** Distance of two neighbouring slots. */
  readonly alignBytes: number;
  readonly slots: number;
  readonly largestBytes: number;
}

/** Where a part of the writes goes on a disk of this size; InputError where its writes do not fit. */
export function regionOf(part: WritePartSpec, diskBytes: number): Region {
  const sizes = part.sizes.map((size) => size.bytes);
  const alignBytes = Math.min(...sizes);
  if (alignBytes > diskBytes)
    throw new InputError(
      `workload: writes of ${formatSize(alignBytes)} do not fit a disk of ${formatSize(diskBytes)}`,
    );
  const lastStart = diskBytes - alignBytes;
  const wanted = Math.floor((part.offsetShare * diskBytes) / alignBytes) * alignBytes;
  const startBytes = Math.min(wanted, Math.floor(lastStart / alignBytes) * alignBytes);
  const footprintBytes =
    part.footprintShare === undefined
      ? part.footprintBytes
      : Math.max(1, Math.round(part.footprintShare * diskBytes));
  const lengthBytes = Math.min(footprintBytes, diskBytes - startBytes);
  return {
    startBytes,
    alignBytes,
    slots: Math.max(1, Math.floor(lengthBytes / alignBytes)),
    largestBytes: Math.max(...sizes),
  };
}

/** True where no write of the part can touch two granules. */
export function staysInGranule(region: Region, granularityBytes: number): boolean {
  return region.largestBytes <= region.alignBytes && granularityBytes % region.alignBytes === 0;
}
