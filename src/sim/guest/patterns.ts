/**
 * Where the guest writes: each pattern fills an array with slots, numbers in [0, n). A slot is one aligned place of
 * a part's region (layout.ts).
 */
import { unreachable } from '../../base/assert.js';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { Zipf } from '../../kernel/distributions.js';
import type { PatternSpec } from '../scenario.js';
import { Permutation } from './permutation.js';
import { slotStreams, turnsOf } from './sequential-streams.js';
import type { WordSource } from './word-source.js';

export interface Pattern {
  /** The next `count` slots into `slots[0..count)`. */
  fill(slots: Float64Array, count: number): void;
}

function uniform(n: number, source: WordSource): Pattern {
  // A power of two up to 2^32 needs one word a slot and is exact; anything else takes 53 bits.
  if (n <= 2 ** 32 && isPowerOfTwo(n)) {
    const shift = 32 - Math.log2(n);
    let words = new Uint32Array(0);
    return {
      fill(slots, count) {
        if (words.length < count) words = new Uint32Array(count);
        source.fill(words, count);
        // A shift by 32 would be one by 0: one slot only.
        for (let i = 0; i < count; i++) slots[i] = shift === 32 ? 0 : words[i]! >>> shift;
      },
    };
  }
  return {
    fill(slots, count) {
      for (let i = 0; i < count; i++) slots[i] = source.below(n);
    },
  };
}

/** Ranks scattered over the slots by a bijection. */
function zipf(n: number, theta: number, source: WordSource): Pattern {
  const places = new Permutation(n, source);
  if (!(theta > 0)) return uniform(n, source);
  const ranks = new Zipf(n, theta);
  return {
    fill(slots, count) {
      for (let i = 0; i < count; i++) slots[i] = places.at(ranks.rank(source) - 1);
    },
  };
}

/** A zone in slots, and the share of the writes that go to it and to those before it. */
export interface Zone {
  readonly first: number;
  readonly slots: number;
  readonly writes: number;
  readonly cumulative: number;
}

/** Zones as slots: borders are rounded; a zone that rounds to nothing gives its writes to its lower neighbour. */
export function zonesInSlots(n: number, zones: readonly { space: number; writes: number }[]): Zone[] {
  const space = zones.reduce((sum, z) => sum + z.space, 0);
  const writes = zones.reduce((sum, z) => sum + z.writes, 0);
  const out: { first: number; slots: number; writes: number; cumulative: number }[] = [];
  let edge = 0;
  let cumulative = 0;
  for (const zone of zones) {
    const first = Math.round(edge * n);
    edge += zone.space / space;
    const slots = Math.min(n, Math.round(edge * n)) - first;
    cumulative += zone.writes / writes;
    const last = out.at(-1);
    if (slots > 0) out.push({ first, slots, writes: zone.writes / writes, cumulative });
    else if (last) {
      last.writes += zone.writes / writes;
      last.cumulative = cumulative;
    }
  }
  return out;
}

function zoned(n: number, zones: readonly { space: number; writes: number }[], source: WordSource): Pattern {
  const list = zonesInSlots(n, zones);
  return {
    fill(slots, count) {
      for (let i = 0; i < count; i++) {
        const u = source.uniform();
        let z = 0;
        while (z < list.length - 1 && u >= list[z]!.cumulative) z++;
        slots[i] = list[z]!.first + source.below(list[z]!.slots);
      }
    },
  };
}

/** Streams take turns, each in its own equal part of the slots, from its beginning, wrapping at its end. */
function sequential(n: number, streams: number, skipped: number): Pattern {
  const parts = slotStreams(n, streams);
  const count = parts.length;
  const first = Float64Array.from(parts, (part) => part.first);
  const slotsOf = Float64Array.from(parts, (part) => part.slots);
  const next = Float64Array.from(parts, (part, k) => turnsOf(skipped, k, count) % part.slots);
  let turn = skipped % count;
  return {
    fill(slots, wanted) {
      for (let i = 0; i < wanted; i++) {
        const at = next[turn]!;
        slots[i] = first[turn]! + at;
        next[turn] = at + 1 === slotsOf[turn] ? 0 : at + 1;
        turn = turn + 1 === count ? 0 : turn + 1;
      }
    },
  };
}

/** `skipped`: writes that a sequential pattern has made before (age of the bitmap). */
export function createPattern(spec: PatternSpec, n: number, source: WordSource, skipped = 0): Pattern {
  switch (spec.kind) {
    case 'uniform':
      return uniform(n, source);
    case 'zipf':
      return zipf(n, spec.theta, source);
    case 'zones':
      return zoned(n, spec.zones, source);
    case 'sequential':
      return sequential(n, spec.streams, skipped);
    default:
      return unreachable(spec);
  }
}
