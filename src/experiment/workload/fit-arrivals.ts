/** Arrivals from the moments of the gaps between writes. */
import type { ArrivalSpec } from '../../sim/scenario.js';

/** Squared coefficients of variation between these count as Poisson's 1. */
const POISSON_RANGE = [0.25, 1.1] as const;

/** Mean of the gaps, and their squared coefficient of variation (1 for Poisson). */
export function gapMoments(
  sums: readonly [number, number, number],
  count: number,
): { mean: number; scv: number } {
  const mean = sums[0] / count;
  return { mean, scv: mean > 0 ? sums[1] / count / (mean * mean) - 1 : 0 };
}

/**
 * Two-phase hyper-exponential. The first three moments fix it where they allow one: with r_k = E[X^k] / (k! mean^k), the
 * phase means (in mean gaps) are the roots of x^2 - s x + t with s = (r3 - r2) / (r2 - 1) and t = s - r2. Else by two
 * moments with balanced means, both phases taking half of the time.
 */
export function fitArrivals(sums: readonly [number, number, number], count: number): ArrivalSpec {
  if (count < 2 || sums[0] === 0) return { kind: 'poisson' };
  const { mean, scv } = gapMoments(sums, count);
  if (scv < POISSON_RANGE[0]) return { kind: 'deterministic' };
  if (scv <= POISSON_RANGE[1]) return { kind: 'poisson' };
  const r2 = (scv + 1) / 2;
  const r3 = sums[2] / count / (6 * mean ** 3);
  const s = (r3 - r2) / (r2 - 1);
  const t = s - r2;
  const root = Math.sqrt(s * s - 4 * t);
  const slow = (s + root) / 2;
  const fast = (s - root) / 2;
  const p1 = (slow - 1) / (slow - fast);
  if (t > 0 && root > 0 && p1 > 0 && p1 < 1 && fast > 1e-9) return { kind: 'h2', p1, fast };
  const balanced = (1 + Math.sqrt((scv - 1) / (scv + 1))) / 2;
  return { kind: 'h2', p1: balanced, fast: 1 / (2 * balanced) };
}
