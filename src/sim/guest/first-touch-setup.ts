/** Builds the first-touch engine for one disk, or says why the situation is not one it can do. */
import { remembered } from '../../base/remembered.js';
import { namedStream } from '../../kernel/rng.js';
import { meanSizeBytes } from '../parameters/size-mix.js';
import type { BitmapSpec, DiskSpec, GuestSpec } from '../scenario.js';
import { ageNsOf, oldestNs } from './content.js';
import { type Exact, exact, refused } from './exact.js';
import { FirstTouchTracker } from './first-touch.js';
import { Group } from './group.js';
import type { GuestDisk } from './guest-disk.js';
import { type HitRates, hitRates } from './hit-rates.js';
import { buildPieces, type Pieces } from './pieces.js';
import { WordSource } from './word-source.js';

/** A frozen group whose content does not come from the workload: nothing is ever hit. */
function noHits(group: Group): HitRates {
  const segments = [{ from: 0, to: group.bits, perNs: 0 }];
  return { unitBits: 1, units: group.bits, segments, zipf: undefined, sequential: [] };
}

/** Rates of a group by its disk and guest: the same in every replication. */
const known = new WeakMap<DiskSpec, WeakMap<GuestSpec, Map<string, Exact<HitRates>>>>();

function ratesOf(recorded: GuestDisk, group: Group, spec: BitmapSpec, index: number): Exact<HitRates> {
  const { disk, disks, guest } = recorded;
  const ofDisk = remembered(known, disk, () => new WeakMap<GuestSpec, Map<string, Exact<HitRates>>>());
  const ofGuest = remembered(ofDisk, guest, () => new Map<string, Exact<HitRates>>());
  return remembered(ofGuest, `${index}/${disks}/${group.chunkBits}`, () => {
    const { granularityBytes, recording, content } = spec;
    const fromWorkload = recording || content.kind === 'age';
    return fromWorkload && guest.kind === 'synthetic'
      ? hitRates({ guest, disk, disks, granularityBytes, chunkBits: group.chunkBits, ageNs: oldestNs(disk) })
      : exact(noHits(group));
  });
}

function meanBytes(guest: GuestSpec): number {
  if (guest.kind === 'trace') return 0;
  const weights = guest.parts.reduce((sum, part) => sum + part.weight, 0);
  return guest.parts.reduce((sum, { sizes, weight }) => sum + (meanSizeBytes(sizes) * weight) / weights, 0);
}

/** A tracker, where first touches can be drawn exactly. */
export function createFirstTouch(recorded: GuestDisk): Exact<FirstTouchTracker> {
  const { disk, index, disks, guest, chunkBytes, draws } = recorded;
  if (guest.kind === 'trace') return refused('the workload is a trace');
  if (disk.bitmaps.filter((b) => b.recording).length > 1) return refused('several groups of bitmaps record');
  const stream = (name: string): WordSource =>
    new WordSource(namedStream(draws.seed, draws.replication, `first-touch/${index}/${name}`));
  const groups: Group[] = [];
  let pieces: Pieces | null = null;
  const oldest = oldestNs(disk);
  let firstChunk = 0;
  for (const [i, spec] of disk.bitmaps.entries()) {
    const group = new Group(disk, spec, chunkBytes, firstChunk);
    const built = groupPieces(group, spec, i, stream(`content/${i}`));
    if (built.kind === 'refused') return built;
    if (spec.recording) pieces = built.value;
    firstChunk += group.chunkCount;
    groups.push(group);
  }
  const rate = { perNs: guest.writesPerS / disks / 1e9, meanBytes: meanBytes(guest) };
  if (draws.bent && pieces !== null && pieces.walks.length > 0)
    return refused('chance is bent, and there are sequential writes');
  return exact(new FirstTouchTracker(groups, pieces, rate, stream('touches'), draws.bent));

  function groupPieces(group: Group, spec: BitmapSpec, i: number, source: WordSource): Exact<Pieces | null> {
    const rates = ratesOf(recorded, group, spec, i);
    if (rates.kind === 'refused') return rates;
    if (rates.value.sequential.length > 0 && ageNsOf(spec.content) !== oldest)
      return refused('sequential writes and bitmaps of several ages');
    return buildPieces(group, rates.value, spec.content, source);
  }
}
