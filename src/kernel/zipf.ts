/**
 * Zipf ranks: P(rank k of n) = k^-theta / H(n, theta), for any theta > 0 (1 included) and n up to 2^40, without a
 * table: rejection-inversion (W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from
 * monotone discrete distributions", ACM TOMACS 6 (1996)). At most about 1.1 tries a draw.
 *
 * One integral serves every theta: the integral of x^-theta from 1 is  (x^(1-theta) - 1) / (1-theta), and ln x at
 * theta = 1; written with expm1 and log1p it passes through 1 without a jump.
 */
import { assert } from '../base/assert.js';
import type { Rng } from './rng.js';

const RANKS_MAX = 2 ** 40;
const SUMMED_RANKS = 64;

/** expm1(t) / t, 1 at 0. */
const expm1Ratio = (t: number): number => (Math.abs(t) > 1e-8 ? Math.expm1(t) / t : 1 + t / 2);
/** log1p(t) / t, 1 at 0. */
const log1pRatio = (t: number): number => (Math.abs(t) > 1e-8 ? Math.log1p(t) / t : 1 - t / 2);

/** Integral of t^-theta for t from 1 to x. */
function integral(x: number, theta: number): number {
  const logX = Math.log(x);
  return expm1Ratio((1 - theta) * logX) * logX;
}

function inverseIntegral(area: number, theta: number): number {
  // Rounding may take the argument just below the integral's limit for theta > 1.
  const t = Math.max(-1, area * (1 - theta));
  return Math.exp(log1pRatio(t) * area);
}

function check(n: number, theta: number): void {
  assert(Number.isInteger(n) && n >= 1 && n <= RANKS_MAX, `zipf over ${n} ranks: 1 to 2^40`);
  assert(theta > 0 && Number.isFinite(theta), `zipf with theta ${theta}: more than 0`);
}

/** Sum of k^-theta for k = 1…n: the first ranks one by one, the rest by Euler and Maclaurin; full precision. */
export function zipfNormaliser(n: number, theta: number): number {
  check(n, theta);
  const from = Math.min(n, SUMMED_RANKS);
  let sum = 0;
  for (let k = 1; k < from; k++) sum += k ** -theta;
  if (from === n) return sum + n ** -theta;
  // Difference of two integrals from 1 as one integral, which does not cancel.
  const tail = from ** (1 - theta) * integral(n / from, theta);
  const ends = (from ** -theta + n ** -theta) / 2;
  const first = (theta / 12) * (from ** (-theta - 1) - n ** (-theta - 1));
  const rising = theta * (theta + 1) * (theta + 2);
  return sum + tail + ends + first - (rising / 720) * (from ** (-theta - 3) - n ** (-theta - 3));
}

/**
 * Sum of k^-theta for k = first…last, where the difference of two normalisers would cancel: by the middle of each rank,
 * off by theta (theta + 1) / (24 first^2) of it.
 */
export function zipfTail(first: number, last: number, theta: number): number {
  if (first === last) return first ** -theta;
  const from = first - 0.5;
  return from ** (1 - theta) * integral((last + 0.5) / from, theta);
}

/** A sampler of ranks 1…n, rank 1 the most frequent. */
export class Zipf {
  readonly n: number;
  readonly theta: number;
  private readonly areaFirst: number;
  private readonly areaLast: number;
  private readonly sureWithin: number;

  constructor(n: number, theta: number) {
    check(n, theta);
    this.n = n;
    this.theta = theta;
    this.areaFirst = integral(1.5, theta) - 1;
    this.areaLast = integral(n + 0.5, theta);
    this.sureWithin = 2 - inverseIntegral(integral(2.5, theta) - 2 ** -theta, theta);
  }

  /** A rank, 1…n. */
  rank(rng: Rng): number {
    const { n, theta, areaFirst, areaLast } = this;
    for (;;) {
      const area = areaLast + rng.uniform() * (areaFirst - areaLast);
      const x = inverseIntegral(area, theta);
      const k = Math.min(n, Math.max(1, Math.floor(x + 0.5)));
      if (k - x <= this.sureWithin || area >= integral(k + 0.5, theta) - k ** -theta) return k;
    }
  }
}
