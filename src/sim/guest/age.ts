/**
 * The bits of a bitmap that has recorded this very workload for some time: drawn directly, without replaying it.
 *
 * Poisson writes split into independent Poisson streams by part and size, and by slot within each. So a slot that is
 * hit at rate r was hit within the age with probability 1 - e^(-r age), independently of all others: exact. Other
 * arrivals are taken as Poisson with the same mean. Sequential streams set what they passed.
 */
import { zipfNormaliser } from '../../kernel/distributions.js';
import type { SyntheticGuestSpec, WritePartSpec } from '../scenario.js';
import { eachBernoulli, setBernoulli, setBit, setRange } from './bits.js';
import type { Group } from './group.js';
import { type Region, regionOf } from './layout.js';
import { zonesInSlots } from './patterns.js';
import { Permutation } from './permutation.js';
import { slotStreams, turnsOf } from './sequential-streams.js';
import type { WordSource } from './word-source.js';
import { writesBefore } from './write-source.js';

/** With more hits than this, granules are drawn one by one though long writes tie neighbours together (same means). */
const HITS_MAX = 2 ** 25;
/** Beyond this expected number of hits a slot counts as hit (e^-40 is below what a double resolves near 1). */
const CERTAIN = 40;
/** Ranks are drawn in runs that are longer by this share of their first rank. */
const RANK_RUN = 0.06;

/** One stream of equal writes: a part and one of its sizes. */
interface Stream {
  readonly region: Region;
  readonly sizeBytes: number;
  /** Writes within the age, in the mean. */
  readonly writes: number;
}

class AgeFiller {
  private readonly words: Uint32Array;
  private readonly group: Group;
  private readonly source: WordSource;

  constructor(words: Uint32Array, group: Group, source: WordSource) {
    this.words = words;
    this.group = group;
    this.source = source;
  }

  /** The granules of the writes at slots from..to-1. */
  setSlots(stream: Stream, from: number, to: number): void {
    const { startBytes, alignBytes } = stream.region;
    const g = this.group.granularityBytes;
    const end = startBytes + (to - 1) * alignBytes + stream.sizeBytes;
    const bits = Math.min(this.group.bits, Math.ceil(end / g));
    setRange(this.words, Math.floor((startBytes + from * alignBytes) / g), bits);
  }

  /** Slots from..to-1, hit `expected` times each in the mean. */
  hitSlots(stream: Stream, from: number, to: number, expected: number): void {
    if (from >= to || expected <= 0) return;
    const { region, sizeBytes } = stream;
    const g = this.group.granularityBytes;
    if (expected > CERTAIN) this.setSlots(stream, from, to);
    else if (sizeBytes <= region.alignBytes && g % region.alignBytes === 0)
      this.hitGranules(stream, from, to, expected);
    else if ((to - from) * Math.min(1, expected) > HITS_MAX) this.hitGranules(stream, from, to, expected);
    else {
      const p = -Math.expm1(-expected);
      eachBernoulli(from, to, p, this.source, (slot) => this.setSlots(stream, slot, slot + 1));
    }
  }

  /** Ranks scattered over the slots; `places` is the scatter the workload itself uses. */
  hitRanks(stream: Stream, theta: number, places: Permutation): void {
    const n = stream.region.slots;
    const perWeight = stream.writes / zipfNormaliser(n, theta);
    const { region, sizeBytes } = stream;
    const g = this.group.granularityBytes;
    const single = sizeBytes <= region.alignBytes && g % region.alignBytes === 0;
    for (let k = 1; k <= n; ) {
      // Within a run of ranks the first bounds the others; what it hits is thinned to the rank's own share, which is
      // at least that of the last (so that most hits need no power).
      const end = Math.min(n + 1, k + 1 + Math.floor(k * RANK_RUN));
      const bound = -Math.expm1(-perWeight * k ** -theta);
      const least = -Math.expm1(-perWeight * (end - 1) ** -theta);
      eachBernoulli(k, end, bound, this.source, (rank) => {
        const u = this.source.uniform() * bound;
        if (u >= least && u >= -Math.expm1(-perWeight * rank ** -theta)) return;
        const slot = places.at(rank - 1);
        if (single) setBit(this.words, Math.floor((region.startBytes + slot * region.alignBytes) / g));
        else this.setSlots(stream, slot, slot + 1);
      });
      k = end;
    }
  }

  /** Granules between the ends of a run of slots, each with as many slots as can touch it. */
  private hitGranules(stream: Stream, from: number, to: number, expected: number): void {
    const { startBytes, alignBytes } = stream.region;
    const g = this.group.granularityBytes;
    const begin = startBytes + from * alignBytes;
    const end = startBytes + (to - 1) * alignBytes + stream.sizeBytes;
    const first = Math.floor(begin / g);
    const last = Math.min(this.group.bits, Math.ceil(end / g)) - 1;
    const slotsTouching = (granule: number): number => {
      const lowest = Math.ceil((granule * g - stream.sizeBytes + 1 - startBytes) / alignBytes);
      const highest = Math.ceil(((granule + 1) * g - startBytes) / alignBytes) - 1;
      return Math.min(to - 1, highest) - Math.max(from, lowest) + 1;
    };
    const p = (granule: number): number => -Math.expm1(-slotsTouching(granule) * expected);
    const inner = Math.ceil(stream.sizeBytes / g);
    for (let granule = first; granule <= Math.min(last, first + inner); granule++)
      setBernoulli(this.words, granule, granule + 1, p(granule), this.source);
    const middle = first + inner + 1;
    const edge = Math.max(middle, last - inner);
    if (middle < edge) setBernoulli(this.words, middle, edge, p(middle), this.source);
    for (let granule = edge; granule <= last; granule++)
      setBernoulli(this.words, granule, granule + 1, p(granule), this.source);
  }
}

/** The slots a sequential part passed with its writes `first`..`first + count - 1`. */
function passed(filler: AgeFiller, stream: Stream, streams: number, first: number, count: number): void {
  const parts = slotStreams(stream.region.slots, streams);
  for (const [k, { first: begin, slots }] of parts.entries()) {
    const before = turnsOf(first, k, parts.length);
    const done = turnsOf(first + count, k, parts.length) - before;
    if (done <= 0) continue;
    const at = before % slots;
    if (done >= slots) filler.setSlots(stream, begin, begin + slots);
    else {
      const straight = Math.min(done, slots - at);
      filler.setSlots(stream, begin + at, begin + at + straight);
      if (straight < done) filler.setSlots(stream, begin, begin + done - straight);
    }
  }
}

function fillStream(
  filler: AgeFiller,
  part: WritePartSpec,
  stream: Stream,
  address: () => WordSource,
  before: number,
): void {
  const { pattern } = part;
  const { slots } = stream.region;
  if (pattern.kind === 'uniform' || (pattern.kind === 'zipf' && !(pattern.theta > 0)))
    filler.hitSlots(stream, 0, slots, stream.writes / slots);
  else if (pattern.kind === 'zones')
    for (const zone of zonesInSlots(slots, pattern.zones))
      filler.hitSlots(
        stream,
        zone.first,
        zone.first + zone.slots,
        (stream.writes * zone.writes) / zone.slots,
      );
  else if (pattern.kind === 'zipf') filler.hitRanks(stream, pattern.theta, new Permutation(slots, address()));
  else passed(filler, stream, pattern.streams, before, Math.round(stream.writes));
}

/** Which part of which disk, and how to get at the streams the workload draws from. */
export interface AgeContext {
  readonly guest: SyntheticGuestSpec;
  readonly diskBytes: number;
  readonly disks: number;
  /** The greatest age of any bitmap of the disk: sequential streams have run for so long. */
  readonly oldestNs: number;
  readonly address: (part: number) => WordSource;
}

/** Sets the bits of one group that the workload set within `ageNs`. */
export function fillAge(
  words: Uint32Array,
  group: Group,
  ageNs: number,
  context: AgeContext,
  source: WordSource,
): void {
  const { guest, disks } = context;
  const filler = new AgeFiller(words, group, source);
  for (const [i, part] of guest.parts.entries()) {
    const region = regionOf(part, context.diskBytes);
    const weights = part.sizes.reduce((sum, size) => sum + size.weight, 0);
    const writes = writesBefore(guest, disks, i, ageNs);
    const before = writesBefore(guest, disks, i, context.oldestNs) - writes;
    // A sequential part walks slot by slot whatever the sizes: its largest covers the rest.
    const sizes =
      part.pattern.kind === 'sequential' ? [{ bytes: region.largestBytes, weight: weights }] : part.sizes;
    for (const size of sizes) {
      const stream = { region, sizeBytes: size.bytes, writes: (writes * size.weight) / weights };
      fillStream(filler, part, stream, () => context.address(i), before);
    }
  }
}
