import { assert } from '../base/assert.js';
import { type Interval, Z95 } from './interval.js';

/** A share of the replications, e.g. those over budget, with its interval. */
export interface ProportionSummary {
  readonly value: number;
  readonly ci95: Interval;
}

/**
 * k of n with the 95 % Wilson score interval (E. B. Wilson, JASA 22, 1927): it stays inside 0..1 and does not
 * collapse at k = 0 or k = n, where the textbook interval claims certainty.
 */
export function summariseProportion(k: number, n: number): ProportionSummary {
  assert(n >= 1 && k >= 0 && k <= n, 'k of n, n at least 1');
  const share = k / n;
  const z2n = (Z95 * Z95) / n;
  const centre = (share + z2n / 2) / (1 + z2n);
  const half = (Z95 / (1 + z2n)) * Math.sqrt((share * (1 - share)) / n + z2n / (4 * n));
  return {
    value: share,
    ci95: [k === 0 ? 0 : Math.max(0, centre - half), k === n ? 1 : Math.min(1, centre + half)],
  };
}
