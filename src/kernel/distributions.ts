/**
 * Draws of continuous quantities: free functions of (stream, parameters). Counts are in counts.ts, ranks in
 * zipf.ts, tables in alias.ts; all are exported from here.
 *
 * Times drawn here are doubles; whoever schedules them rounds to whole nanoseconds once, at the end.
 */
import { assert } from '../base/assert.js';
import type { TimeNs } from './kernel.js';
import type { Rng } from './rng.js';

export { AliasTable, Histogram } from './alias.js';
export { binomial, geometric, poisson } from './counts.js';
export { Zipf, zipfCumulative, zipfNormaliser, zipfRankProbability, zipfTail } from './zipf.js';

/** Shapes up to this are sums of exponentials. */
const ERLANG_SUM_MAX = 8;

/**
 * Sum of `shape` (a whole number > 0) exponentials of mean 1. Large shapes by G. Marsaglia and W. W. Tsang, "A simple
 * method for generating gamma variables", ACM Trans. Math. Softw. 26(3), 2000: the cost does not grow with the shape.
 */
export function erlang(rng: Rng, shape: number): number {
  assert(Number.isInteger(shape) && shape > 0, `erlang with shape ${shape}`);
  if (shape <= ERLANG_SUM_MAX) {
    let sum = 0;
    for (let i = 0; i < shape; i++) sum += exponential(rng, 1);
    return sum;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(rng);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(rng.uniformPositive()) < (x * x) / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Exponential with this mean, by inversion. */
export function exponential(rng: Rng, mean: number): number {
  return -mean * Math.log(rng.uniformPositive());
}

/**
 * An exponential time in whole nanoseconds. Adding a half and cutting: Math.round costs twenty nanoseconds more here
 * (V8 of Node 20), half of what an event costs.
 */
export function exponentialNs(rng: Rng, meanNs: number): TimeNs {
  return Math.floor(0.5 - meanNs * Math.log(rng.uniformPositive()));
}

/** Standard normal (Box and Muller 1958, the cosine branch: two uniforms a draw, nothing kept between draws). */
export function standardNormal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(rng.uniformPositive())) * Math.cos(2 * Math.PI * rng.uniform());
}

/** exp(Normal(mu, sigma)). */
export interface Lognormal {
  readonly mu: number;
  readonly sigma: number;
}

/** The standard normal's 99th percentile. */
export const NORMAL_P99 = 2.3263478740408408;

/** The lognormal with this median and 99th percentile: 0 < p50 <= p99. */
export function lognormalFromQuantiles(p50: number, p99: number): Lognormal {
  assert(p50 > 0 && p99 >= p50 && Number.isFinite(p99), `lognormal with p50 ${p50} and p99 ${p99}`);
  return { mu: Math.log(p50), sigma: Math.log(p99 / p50) / NORMAL_P99 };
}

/** The lognormal with this mean and this ratio of the 99th percentile to the median (>= 1). */
export function lognormalFromMean(mean: number, p99OverP50: number): Lognormal {
  assert(mean > 0 && p99OverP50 >= 1, `lognormal with mean ${mean} and p99/p50 ${p99OverP50}`);
  const sigma = Math.log(p99OverP50) / NORMAL_P99;
  return { mu: Math.log(mean) - (sigma * sigma) / 2, sigma };
}

/** A lognormal draw. */
export function lognormal(rng: Rng, { mu, sigma }: Lognormal): number {
  return Math.exp(mu + sigma * standardNormal(rng));
}

/** Its mean, exp(mu + sigma^2 / 2): what sums of latencies follow, well above the median where the tail is long. */
export function lognormalMean({ mu, sigma }: Lognormal): number {
  return Math.exp(mu + (sigma * sigma) / 2);
}

/** Its variance. */
export function lognormalVariance({ mu, sigma }: Lognormal): number {
  return Math.expm1(sigma * sigma) * Math.exp(2 * mu + sigma * sigma);
}

/** Two-phase hyper-exponential: mean1 with probability p1, else mean2. */
export interface HyperExponential {
  readonly p1: number;
  readonly mean1: number;
  readonly mean2: number;
}

/** H2 with this mean whose first phase has mean `fast * mean`; the second phase keeps the whole at `mean`. */
export function hyperExponentialFromMean(mean: number, p1: number, fast: number): HyperExponential {
  assert(mean > 0 && p1 >= 0 && p1 < 1, `H2 with mean ${mean} and p1 ${p1}`);
  assert(fast >= 0 && p1 * fast <= 1, `H2 with p1 ${p1} and fast ${fast}: p1 * fast must not pass 1`);
  return { p1, mean1: fast * mean, mean2: (mean * (1 - p1 * fast)) / (1 - p1) };
}

/** A hyper-exponential draw. */
export function hyperExponential(rng: Rng, { p1, mean1, mean2 }: HyperExponential): number {
  return exponential(rng, rng.uniform() < p1 ? mean1 : mean2);
}
