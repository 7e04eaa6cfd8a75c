/**
 * How often each place of a disk is hit, for the first-touch engine: the disk as segments of *units* that are hit
 * independently at one rate each. A unit is a granule, or the aligned block of longer writes.
 */
import type { DiskSpec, SyntheticGuestSpec, WritePartSpec } from '../scenario.js';
import { type Exact, exact, refused } from './exact.js';
import { type Region, regionOf, staysInGranule } from './layout.js';
import { zonesInSlots } from './patterns.js';
import { type SequentialHits, SequentialWalk } from './sequential-walk.js';
import { writesBefore } from './write-source.js';

/** Units from..to-1, each hit at this rate. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly perNs: number;
}

/** A Zipf part: ranks of `slots` slots scattered over the units from..to-1, `slotsPerUnit` to each. */
export interface ZipfHits {
  readonly from: number;
  readonly to: number;
  readonly slotsPerUnit: number;
  readonly theta: number;
  readonly perNs: number;
}

export interface HitRates {
  /** Granules of a unit: set together. */
  readonly unitBits: number;
  readonly units: number;
  /** Ascending, without gaps, covering all units; Zipf and sequential parts not included. */
  readonly segments: readonly Segment[];
  readonly zipf: ZipfHits | undefined;
  readonly sequential: readonly SequentialHits[];
}

function unitBytes(
  parts: readonly WritePartSpec[],
  regions: readonly Region[],
  granularityBytes: number,
  chunkBits: number,
): Exact<number> {
  if (regions.every((region) => staysInGranule(region, granularityBytes))) return exact(granularityBytes);
  const size = regions[0]!.largestBytes;
  if (parts.some((part) => part.sizes.some((s) => s.bytes !== size)))
    return refused('writes of several sizes span granules');
  if (size % granularityBytes !== 0) return refused('writes are not whole granules');
  if ((chunkBits * granularityBytes) % size !== 0) return refused('writes span chunks');
  return exact(size);
}

/** The units that slots from..to-1 of a region lie in; border units have fewer slots and come apart. */
function contributions(region: Region, from: number, to: number, perSlotNs: number, unit: number): Segment[] {
  const { startBytes, alignBytes } = region;
  const perUnit = unit / alignBytes;
  const begin = (startBytes + from * alignBytes) / unit;
  const end = (startBytes + to * alignBytes) / unit;
  const first = Math.ceil(begin);
  const last = Math.floor(end);
  const share = (units: number): number => perSlotNs * perUnit * units;
  if (first > last) return [{ from: last, to: first, perNs: share(end - begin) }];
  return [
    { from: first - 1, to: first, perNs: share(first - begin) },
    { from: first, to: last, perNs: share(1) },
    { from: last, to: last + 1, perNs: share(end - last) },
  ].filter((s) => s.to > s.from && s.perNs > 0);
}

function overlay(pieces: readonly Segment[], units: number): Segment[] {
  const edges = [...new Set([0, units, ...pieces.flatMap((p) => [p.from, p.to])])].sort((a, b) => a - b);
  const out: Segment[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const from = edges[i]!;
    const to = edges[i + 1]!;
    const perNs = pieces.reduce((sum, p) => (p.from <= from && p.to >= to ? sum + p.perNs : sum), 0);
    out.push({ from, to, perNs });
  }
  return out;
}

/** Why units that a sequential part enters could not be told from others; undefined where they can. */
function entangled(sequential: readonly SequentialHits[], zipf: ZipfHits | undefined): string | undefined {
  const ranges = sequential.map((hits) => new SequentialWalk(hits).range).sort(([a], [b]) => a - b);
  if (ranges.some(([from], i) => i > 0 && from < ranges[i - 1]![1])) return 'sequential parts overlap';
  if (zipf && ranges.some(([from, to]) => from < zipf.to && to > zipf.from))
    return 'a sequential and a zipf part overlap';
  return undefined;
}

/** Where the rates are asked for: on one of `disks` disks, for bitmaps of this granularity. */
interface Place {
  readonly guest: SyntheticGuestSpec;
  readonly disk: DiskSpec;
  readonly disks: number;
  readonly granularityBytes: number;
  readonly chunkBits: number;
  /** For how long sequential parts have run before. */
  readonly ageNs: number;
}

/** The rates there, if they can be had exactly. */
export function hitRates(place: Place): Exact<HitRates> {
  const { guest, disk, disks, granularityBytes, chunkBits, ageNs } = place;
  if (guest.arrivals.kind !== 'poisson') return refused(`arrivals are ${guest.arrivals.kind}, not poisson`);
  const regions = guest.parts.map((part) => regionOf(part, disk.sizeBytes));
  const chosen = unitBytes(guest.parts, regions, granularityBytes, chunkBits);
  if (chosen.kind === 'refused') return chosen;
  const unit = chosen.value;
  const units = Math.ceil(disk.sizeBytes / unit);
  const weights = guest.parts.reduce((sum, part) => sum + part.weight, 0);
  const pieces: Segment[] = [];
  const sequential: SequentialHits[] = [];
  let zipf: ZipfHits | undefined;
  for (const [i, part] of guest.parts.entries()) {
    const region = regions[i]!;
    const perNs = ((guest.writesPerS / disks) * part.weight) / weights / 1e9;
    const { pattern } = part;
    if (pattern.kind === 'sequential') {
      const before = writesBefore(guest, disks, i, ageNs);
      sequential.push({ region, unitBytes: unit, streams: pattern.streams, perNs, before });
    } else if (pattern.kind === 'zipf' && pattern.theta > 0) {
      const slotsPerUnit = unit / region.alignBytes;
      if (zipf) return refused('there are two zipf parts');
      if (region.startBytes % unit !== 0 || region.slots % slotsPerUnit !== 0)
        return refused('a zipf part begins or ends within a granule');
      const from = region.startBytes / unit;
      zipf = { from, to: from + region.slots / slotsPerUnit, slotsPerUnit, theta: pattern.theta, perNs };
    } else if (pattern.kind === 'zones') {
      for (const zone of zonesInSlots(region.slots, pattern.zones))
        pieces.push(
          ...contributions(
            region,
            zone.first,
            zone.first + zone.slots,
            (perNs * zone.writes) / zone.slots,
            unit,
          ),
        );
    } else pieces.push(...contributions(region, 0, region.slots, perNs / region.slots, unit));
  }
  if (zipf) pieces.push({ from: zipf.from, to: zipf.to, perNs: 0 });
  const why = entangled(sequential, zipf);
  if (why !== undefined) return refused(why);
  const segments = overlay(pieces, units);
  return exact({ unitBits: unit / granularityBytes, units, segments, zipf, sequential });
}
