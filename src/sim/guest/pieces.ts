/**
 * Chunks in pieces: units of one chunk that are hit at the same rate, with how many of them are not set yet. All that
 * the first-touch engine knows of a bitmap, and all it needs: units of a piece are exchangeable.
 */
import { remembered } from '../../base/remembered.js';
import { binomial } from '../../kernel/distributions.js';
import type { ContentSpec } from '../scenario.js';
import { ageNsOf, clusteredRuns, contentBits } from './content.js';
import { type Exact, exact, refused } from './exact.js';
import type { Group } from './group.js';
import type { HitRates, Segment } from './hit-rates.js';
import { SequentialWalk } from './sequential-walk.js';
import type { WordSource } from './word-source.js';
import { type RateClass, shareClasses, zipfClasses } from './zipf-classes.js';

export interface Pieces {
  /** Pieces of chunk c: first[c] .. first[c + 1] - 1. */
  readonly first: Uint32Array;
  readonly perNs: Float64Array;
  readonly unset: Float64Array;
  /** Units that no sequential part has entered, `unset` among them: which of them are unset is chance. */
  readonly open: Float64Array;
  /** First unit of the piece, and how many it has; pieces of scattered classes have that of their stretch. */
  readonly from: Float64Array;
  readonly units: Float64Array;
  /** The sequential parts, where they stand. */
  readonly walks: readonly SequentialWalk[];
  readonly unitBits: number;
}

/** Of what can be hit nowhere. */
export const NO_PIECES: Pieces = {
  first: new Uint32Array(1),
  perNs: new Float64Array(0),
  unset: new Float64Array(0),
  open: new Float64Array(0),
  from: new Float64Array(0),
  units: new Float64Array(0),
  walks: [],
  unitBits: 1,
};

/** More pieces than this need too much memory: the per-write engine is smaller. */
const PIECES_MAX = 2 ** 22;

type Draft = Pick<Pieces, 'first' | 'perNs' | 'units' | 'from'>;

/** Pieces one after another, in flat arrays: every run makes them anew. */
class PieceList {
  count = 0;
  private perNs: Float64Array;
  private units: Float64Array;
  private from: Float64Array;

  constructor(capacity: number) {
    this.perNs = new Float64Array(capacity);
    this.units = new Float64Array(capacity);
    this.from = new Float64Array(capacity);
  }

  add(perNs: number, units: number, from: number): void {
    if (units <= 0) return;
    if (this.count === this.units.length) this.grow();
    this.perNs[this.count] = perNs;
    this.units[this.count] = units;
    this.from[this.count++] = from;
  }

  /** The columns, as long as they have pieces. */
  taken(): Omit<Draft, 'first'> {
    const { perNs, units, from, count } = this;
    return {
      perNs: perNs.subarray(0, count),
      units: units.subarray(0, count),
      from: from.subarray(0, count),
    };
  }

  private grow(): void {
    const widened = (column: Float64Array): Float64Array => {
      const wide = new Float64Array(2 * column.length);
      wide.set(column);
      return wide;
    };
    this.perNs = widened(this.perNs);
    this.units = widened(this.units);
    this.from = widened(this.from);
  }
}

/** Cuts the segments at the chunk borders, and splits a Zipf stretch into its classes. */
function cut(group: Group, rates: HitRates, classes: readonly RateClass[], source: WordSource): Draft {
  const first = new Uint32Array(group.chunkCount + 1);
  // So many without a zipf stretch: each border of a segment cuts one chunk in two.
  const pieces = new PieceList(group.chunkCount + rates.segments.length);
  const perChunk = group.chunkBits / rates.unitBits;
  const share = rates.zipf && shareClasses(classes, rates.zipf.to - rates.zipf.from, source);
  let s = 0;
  for (let chunk = 0; chunk < group.chunkCount; chunk++) {
    first[chunk] = pieces.count;
    const end = Math.min(rates.units, (chunk + 1) * perChunk);
    for (let from = chunk * perChunk; from < end; ) {
      while (rates.segments[s]!.to <= from) s++;
      const segment: Segment = rates.segments[s]!;
      const to = Math.min(end, segment.to);
      if (share && rates.zipf && from >= rates.zipf.from && from < rates.zipf.to)
        for (const part of share(to - from)) pieces.add(segment.perNs + part.perNs, part.units, from);
      else pieces.add(segment.perNs, to - from, from);
      from = to;
    }
  }
  first[group.chunkCount] = pieces.count;
  return { first, ...pieces.taken() };
}

const known = new WeakMap<HitRates, Draft>();

/** Without chance in it a cut is the same in every replication. */
function cutOnce(group: Group, rates: HitRates, classes: readonly RateClass[], source: WordSource): Draft {
  if (rates.zipf) return cut(group, rates, classes, source);
  return remembered(known, rates, () => cut(group, rates, classes, source));
}

/** Takes the units from..to-1 as set, where pieces are stretches. */
function setStretch(draft: Draft, unset: Float64Array, from: number, to: number): void {
  for (let i = 0; i < unset.length; i++) {
    const begin = Math.max(from, draft.from[i]!);
    const end = Math.min(to, draft.from[i]! + draft.units[i]!);
    if (end > begin) unset[i] = unset[i]! - (end - begin);
  }
}

/**
 * Exactly `count` random units: binomial counts, then random members added or removed until the sum is right. That sum is
 * off by the root of what is rarer, set or unset, and a member of the rarer kind takes total / rarer tries to find:
 * where it is so rare that finding costs more than placing all of them, they are placed one by one.
 */
function setRandom(draft: Draft, unset: Float64Array, count: number, source: WordSource): void {
  const total = draft.units.reduce((a, b) => a + b, 0);
  let running = 0;
  const ends = draft.units.map((units) => (running += units));
  let have = 0;
  if (Math.min(count, total - count) ** 1.5 > total)
    for (let i = 0; i < unset.length; i++) {
      const set = binomial(source, draft.units[i]!, Math.min(1, count / total));
      unset[i] = draft.units[i]! - set;
      have += set;
    }
  else if (2 * count > total) {
    unset.fill(0);
    have = total;
  }
  while (have !== count) {
    const at = source.below(total);
    let low = 0;
    for (let high = ends.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > at) high = middle;
      else low = middle + 1;
    }
    const isSet = source.uniform() * draft.units[low]! >= unset[low]!;
    if (isSet === have < count) continue;
    unset[low] = unset[low]! + (isSet ? 1 : -1);
    have += isSet ? -1 : 1;
  }
}

/** The pieces of a group of `bits` while they are filled: units that are unset, and those that may be set. */
interface Filling {
  readonly draft: Draft;
  readonly unset: Float64Array;
  readonly open: Float64Array;
  readonly bits: number;
}

function setContent({ draft, unset, open, bits }: Filling, content: ContentSpec, source: WordSource): void {
  const count = contentBits(content, bits);
  if (count === undefined) {
    const ageNs = ageNsOf(content);
    for (let i = 0; i < unset.length; i++)
      unset[i] = open[i]! - binomial(source, open[i]!, -Math.expm1(-draft.perNs[i]! * ageNs));
  } else if (count > 0) {
    const layout = content.kind === 'fraction' ? content.layout : 'uniform';
    if (layout === 'prefix') setStretch(draft, unset, 0, count);
    else if (layout === 'clustered')
      for (const { from, to } of clusteredRuns(bits, count, source)) setStretch(draft, unset, from, to);
    else setRandom(draft, unset, count, source);
  }
}

/**
 * The pieces of a group with their first contents, also noted in `setCount`, if they can be had exactly; null where every bit is
 * set, so that nothing more can happen to it.
 */
export function buildPieces(
  group: Group,
  rates: HitRates,
  content: ContentSpec,
  source: WordSource,
): Exact<Pieces | null> {
  const count = contentBits(content, group.bits);
  const partly = count !== undefined && count > 0 && count < group.bits;
  if (partly && rates.unitBits > 1) return refused('bits set before and writes of several granules');
  if (partly && rates.zipf && content.kind === 'fraction' && content.layout !== 'uniform')
    return refused(`${content.layout} bits set before a zipf workload`);
  if (partly && rates.sequential.length > 0 && content.kind === 'fraction' && content.layout !== 'uniform')
    return refused(`${content.layout} bits set before a sequential workload`);
  const classes = rates.zipf ? zipfClasses(rates.zipf) : [];
  const zipfUnits = rates.zipf ? rates.zipf.to - rates.zipf.from : 0;
  const zipfChunks = zipfUnits > 0 ? Math.ceil((zipfUnits * rates.unitBits) / group.chunkBits) + 1 : 0;
  if (group.chunkCount + rates.segments.length + zipfChunks * classes.length > PIECES_MAX)
    return refused(
      `${group.chunkCount} chunks, ${zipfChunks} of them with ${classes.length} rates each, are too many`,
    );
  if (count === group.bits) {
    for (let chunk = 0; chunk < group.chunkCount; chunk++) group.setCount[chunk] = group.bitsOfChunk(chunk);
    return exact(null);
  }
  const draft = cutOnce(group, rates, classes, source);
  const unset = draft.units.slice();
  const open = draft.units.slice();
  const walks = rates.sequential.map((hits) => new SequentialWalk(hits));
  for (const [i, { before }] of rates.sequential.entries())
    walks[i]!.moveTo(before, (from, to) => setStretch(draft, open, from, to));
  setContent({ draft, unset, open, bits: group.bits }, content, source);
  for (let chunk = 0; chunk < group.chunkCount; chunk++) {
    let set = 0;
    for (let i = draft.first[chunk]!; i < draft.first[chunk + 1]!; i++) set += draft.units[i]! - unset[i]!;
    group.setCount[chunk] = Math.min(group.bitsOfChunk(chunk), set * rates.unitBits);
  }
  return exact({ ...draft, unset, open, walks, unitBits: rates.unitBits });
}
