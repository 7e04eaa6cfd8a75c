/**
 * Named random streams. Every random decision has a stream of its own, so that adding a part to the model
 * shifts nobody else's draws, and strategies of one replication share those they ask for alike.
 *
 * Generator: xoshiro128** 1.1 (D. Blackman and S. Vigna, https://prng.di.unimi.it/xoshiro128starstar.c), public
 * domain; 32-bit arithmetic only. All 128 bits of state come from a hash of (seed, replication, name).
 */
import { hash128 } from '../base/hash.js';

/** One stream of random numbers: 128 bits of state, period 2^128 - 1. */
export class Rng {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  /** State: four 32-bit words, not all zero. */
  constructor(state: readonly [number, number, number, number]) {
    // Signed from the start: a field that ever held 2^31 or more would be kept as a double, and cost twice as much.
    this.s0 = state[0] | 0;
    this.s1 = state[1] | 0;
    this.s2 = state[2] | 0;
    this.s3 = state[3] | 0;
    if ((this.s0 | this.s1 | this.s2 | this.s3) === 0) this.s0 = 1;
  }

  /** An unsigned 32-bit integer. */
  uint32(): number {
    return this.next() >>> 0;
  }

  /** A double in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.next() >>> 0) * 0x200000 + (this.next() >>> 11)) / 0x20000000000000;
  }

  /** The generator's step: 32 bits as a signed integer. */
  private next(): number {
    const scaled = Math.imul(this.s1, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const t = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= t;
    this.s3 = (this.s3 << 11) | (this.s3 >>> 21);
    return result;
  }

  /** A double in (0, 1]: safe for a logarithm. */
  uniformPositive(): number {
    return 1 - this.uniform();
  }

  /** An integer in [0, n), 1 <= n <= 2^53. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }
}

/** Chance that is bent towards a rare event (sim/guest/tilt.ts). */
export interface Bent {
  /** How much more often it happens, and since when. */
  readonly factor: number;
  readonly fromNs: number;
  /** It happens, at a rate of so much in all if it were not bent, or nothing has since the last call. */
  note(atNs: number, ratePerNs: number, happened: boolean): void;
}

/** What the random streams of a run are derived from, beside their names. */
export interface Draws {
  readonly seed: number;
  readonly replication: number;
  /** First touches of clean chunks come more often than they should; left out: as often. */
  readonly bent?: Bent;
}

/** The stream of one decision in one replication: state = hash of all three. */
export function namedStream(seed: number, replication: number, name: string): Rng {
  return new Rng(hash128(`${seed}/${replication}/${name}`));
}
