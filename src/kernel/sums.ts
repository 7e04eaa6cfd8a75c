/**
 * Draws of sums of n independent draws, at the cost of the logarithm of n: n in powers of two, for each of which the law of
 * the sum is worked out once (law.ts). A few draws are made one by one.
 */
import { type Law, lawOfSum } from './law.js';
import type { Rng } from './rng.js';
import type { Spread } from './spread.js';

/** The power of two from which on a sum is drawn as one. */
const LEAST_POWER = 3;
const LEAST = 2 ** LEAST_POWER;

export class Sums {
  private readonly spread: Spread;
  private readonly one: (rng: Rng) => number;
  private readonly laws: (Law | null | undefined)[] = [];

  /** `one` draws a single one, of the same spread. */
  constructor(spread: Spread, one: (rng: Rng) => number) {
    this.spread = spread;
    this.one = one;
  }

  /** A sum of so many. */
  draw(count: number, rng: Rng): number {
    if (this.spread.variance === 0) return count * this.spread.mean;
    const few = count % LEAST;
    let sum = 0;
    for (let i = 0; i < few; i++) sum += this.one(rng);
    let blocks = (count - few) / LEAST;
    for (let exponent = LEAST_POWER; blocks > 0; exponent++) {
      if (blocks % 2 === 1) sum += this.block(exponent, rng);
      blocks = Math.floor(blocks / 2);
    }
    return sum;
  }

  /** A sum of 2^exponent; where its tail is too long for a law, of two halves. */
  private block(exponent: number, rng: Rng): number {
    const law = this.lawOf(exponent);
    if (law) return law.draw(rng);
    if (exponent > LEAST_POWER) return this.block(exponent - 1, rng) + this.block(exponent - 1, rng);
    let sum = 0;
    for (let i = 0; i < LEAST; i++) sum += this.one(rng);
    return sum;
  }

  private lawOf(exponent: number): Law | null {
    let law = this.laws[exponent];
    if (law === undefined) {
      law = lawOfSum([{ spread: this.spread, count: 2 ** exponent, factor: 1 }], 0);
      this.laws[exponent] = law;
    }
    return law;
  }
}
