/**
 * Draws of continuous quantities: free functions of (stream, parameters). Counts are in counts.ts, ranks in
 * zipf.ts, tables in alias.ts; all are exported from here.
 *
 * Times drawn here are doubles; whoever schedules them rounds to whole nanoseconds once, at the end.
 */
import { assert } from '../base/assert.js';
import type { Rng } from './rng.js';

export { Histogram } from './alias.js';
export { binomial, poisson } from './counts.js';
export { Zipf, zipfNormaliser, zipfTail } from './zipf.js';

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
const NORMAL_P99 = 2.3263478740408408;

/** The lognormal with this median and 99th percentile: 0 < p50 <= p99. */
export function lognormalFromQuantiles(p50: number, p99: number): Lognormal {
  assert(p50 > 0 && p99 >= p50 && Number.isFinite(p99), `lognormal with p50 ${p50} and p99 ${p99}`);
  return { mu: Math.log(p50), sigma: Math.log(p99 / p50) / NORMAL_P99 };
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
