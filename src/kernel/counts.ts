/**
 * Draws of counts: Poisson, binomial. Exact for any size: inversion while the mean is small, and
 * transformed rejection above (W. Hörmann, "The generation of binomial random variates", J. Stat. Comput.
 * Simul. 46 (1993), BTRS; "The transformed rejection method for generating Poisson random variables", Insurance:
 * Mathematics and Economics 12 (1993), PTRS), whose cost does not grow with the mean.
 *
 * The rejection compares with probabilities in the saddle-point form of C. Loader, "Fast and accurate
 * computation of binomial probabilities" (2000), which keeps full precision where n is in the billions.
 */
import { assert } from '../base/assert.js';
import type { Rng } from './rng.js';

/** Below this mean, inversion takes fewer steps than a rejection; Hörmann's constants hold from here on. */
const INVERSION_MEAN_MAX = 10;

/** ln(n!) minus Stirling's approximation of it: the series in 1/n, exact values for small n. */
function stirlingError(n: number): number {
  if (n < 16) {
    let logFactorial = 0;
    for (let i = 2; i <= n; i++) logFactorial += Math.log(i);
    return n === 0 ? 0 : logFactorial - ((n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI));
  }
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / n;
}

/** Loader's deviance x ln(x / mean) + mean - x, without cancellation where x is near the mean. */
function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/**
 * ln P(k) of a Poisson count.
 * @internal
 */
export function logPoissonProbability(k: number, mean: number): number {
  if (k === 0) return -mean;
  return -stirlingError(k) - deviance(k, mean) - 0.5 * Math.log(2 * Math.PI * k);
}

/** ln P(k) of a binomial count, 0 < p < 1, 0 <= k <= n. */
export function logBinomialProbability(k: number, n: number, p: number): number {
  if (k === 0) return n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  const error = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const away = deviance(k, n * p) + deviance(n - k, n * (1 - p));
  return error - away + 0.5 * Math.log(n / (2 * Math.PI * k * (n - k)));
}

/** Poisson count with this mean (>= 0). */
export function poisson(rng: Rng, mean: number): number {
  assert(mean >= 0 && Number.isFinite(mean), `poisson with mean ${mean}`);
  return mean < INVERSION_MEAN_MAX ? poissonByInversion(rng, mean) : poissonByRejection(rng, mean);
}

function poissonByInversion(rng: Rng, mean: number): number {
  for (;;) {
    let left = rng.uniform();
    let probability = Math.exp(-mean);
    // Past 110 the probabilities are below the resolution of the uniform: draw again rather than walk on.
    for (let k = 0; k <= 110; k++) {
      if (left < probability) return k;
      left -= probability;
      probability *= mean / (k + 1);
    }
  }
}

function poissonByRejection(rng: Rng, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const sureBelow = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = rng.uniform() - 0.5;
    const v = rng.uniformPositive();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= sureBelow) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= logPoissonProbability(k, mean)) return k;
  }
}

/** Successes in n trials (whole, up to 2^53), each with probability p: 0 <= p <= 1. */
export function binomial(rng: Rng, n: number, p: number): number {
  // The message is built only where it is needed: this is called millions of times a second.
  if (!(Number.isSafeInteger(n) && n >= 0 && p >= 0 && p <= 1))
    assert(false, `binomial with n = ${n}, p = ${p}`);
  if (p === 0 || n === 0) return 0;
  if (p > 0.5) return n - binomial(rng, n, 1 - p);
  return n * p < INVERSION_MEAN_MAX ? binomialByInversion(rng, n, p) : binomialByRejection(rng, n, p);
}

function binomialByInversion(rng: Rng, n: number, p: number): number {
  const odds = p / (1 - p);
  const none = Math.exp(n * Math.log1p(-p));
  for (;;) {
    let left = rng.uniform();
    let probability = none;
    for (let k = 0; k <= n && k <= 110; k++) {
      if (left < probability) return k;
      left -= probability;
      probability *= ((n - k) / (k + 1)) * odds;
    }
  }
}

function binomialByRejection(rng: Rng, n: number, p: number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const sureBelow = 0.92 - 4.2 / b;
  let logMode = Number.NaN;
  for (;;) {
    const u = rng.uniform() - 0.5;
    const v = rng.uniformPositive();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= sureBelow) return k;
    if (k < 0 || k > n) continue;
    // Most draws are decided above.
    if (Number.isNaN(logMode)) logMode = logBinomialProbability(Math.floor((n + 1) * p), n, p);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= logBinomialProbability(k, n, p) - logMode) return k;
  }
}
