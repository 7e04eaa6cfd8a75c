/**
 * Student's t distribution for whole degrees of freedom.
 *
 * The distribution function is a finite sum for whole degrees of freedom (Abramowitz and Stegun, Handbook of
 * Mathematical Functions, 26.7.3 and 26.7.4), so no approximation of the gamma function is needed.
 */
import { assert } from '../base/assert.js';

/** Beyond this the t quantile differs from the normal one by less than 3e-7 of its value. */
const DF_MAX = 1_000_000;

/**
 * P(|T| <= t) for t >= 0 with `df` degrees of freedom.
 * @internal
 */
export function studentTwoSided(t: number, df: number): number {
  assert(Number.isInteger(df) && df >= 1 && t >= 0, 'whole degrees of freedom, t not negative');
  const theta = Math.atan(t / Math.sqrt(df));
  const cos2 = Math.cos(theta) ** 2;
  const odd = df % 2 === 1;
  if (df === 1) return (2 * theta) / Math.PI;
  let term = odd ? Math.cos(theta) : 1;
  let sum = term;
  for (let k = odd ? 2 : 1; k <= df - 3; k += 2) {
    term *= (k / (k + 1)) * cos2;
    sum += term;
  }
  const partial = Math.sin(theta) * sum;
  return odd ? (2 / Math.PI) * (theta + partial) : partial;
}

/** P(T > t). */
export function studentTail(t: number, df: number): number {
  const beyond = (1 - studentTwoSided(Math.abs(t), Math.min(df, DF_MAX))) / 2;
  return t >= 0 ? beyond : 1 - beyond;
}

const cache = new Map<string, number>();

/**
 * The t with P(|T| <= t) = `confidence`, by bisection to the last bit of the distribution function.
 * `confidence` 0.95 is what a two-sided 95 % interval of a mean multiplies its standard error with.
 */
export function studentQuantile(confidence: number, df: number): number {
  assert(confidence > 0 && confidence < 1, 'confidence between 0 and 1');
  const whole = Math.min(df, DF_MAX);
  const key = `${confidence}/${whole}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  let low = 0;
  let high = 1;
  while (studentTwoSided(high, whole) < confidence) high *= 2;
  for (let round = 0; round < 80; round++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, whole) < confidence) low = middle;
    else high = middle;
  }
  cache.set(key, high);
  return high;
}
