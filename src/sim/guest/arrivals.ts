/**
 * When the guest writes. Each kind fills an array with the next arrival times, in nanoseconds (fractions kept, so that
 * high rates are not rounded), ascending, on one clock that begins at 0.
 */
import { assert, unreachable } from '../../base/assert.js';
import type { ArrivalSpec } from '../scenario.js';
import { exponential, exponentialSums } from './exponential.js';
import type { WordSource } from './word-source.js';

export interface Arrivals {
  /** The next `n` arrival times into `times[0..n)`. */
  fill(times: Float64Array, n: number): void;
}

/** The most arrivals filled at once. */
const BULK = 4096;

const none: Arrivals = { fill: (times, n) => void times.fill(Number.POSITIVE_INFINITY, 0, n) };

function poisson(meanNs: number, source: WordSource, rare: WordSource): Arrivals {
  const words = new Uint32Array(BULK);
  let t = 0;
  return {
    fill(times, n) {
      assert(n <= BULK, 'a block is too long');
      source.fill(words, n);
      exponentialSums(times, n, { start: t, mean: meanNs, words, rare });
      t = times[n - 1]!;
    },
  };
}

/** Equal gaps; the first write comes after a random part of one. */
function deterministic(meanNs: number, source: WordSource): Arrivals {
  const phase = source.uniform();
  let k = 0;
  return {
    fill(times, n) {
      for (let i = 0; i < n; i++) times[i] = (k++ + phase) * meanNs;
    },
  };
}

/** Two-phase hyper-exponential gaps; the slow phase has the mean that keeps the overall mean. */
function h2(meanNs: number, p1: number, fast: number, source: WordSource): Arrivals {
  assert(p1 > 0 && p1 < 1 && fast > 0 && p1 * fast < 1, 'h2 needs 0 < p1 < 1 and p1 * fast < 1');
  const slow = (1 - p1 * fast) / (1 - p1);
  let t = 0;
  return {
    fill(times, n) {
      for (let i = 0; i < n; i++) {
        t += exponential(source) * meanNs * (source.uniform() < p1 ? fast : slow);
        times[i] = t;
      }
    },
  };
}

/** Poisson writes while on; on and off last exponential times, and the first state is drawn in proportion. */
function onOff(meanNs: number, onNs: number, offNs: number, source: WordSource): Arrivals {
  assert(onNs > 0 && offNs >= 0, 'on-off needs on > 0 and off >= 0');
  const gapNs = (meanNs * onNs) / (onNs + offNs);
  let t = 0;
  if (source.uniform() >= onNs / (onNs + offNs)) t = exponential(source) * offNs;
  let onUntil = t + exponential(source) * onNs;
  return {
    fill(times, n) {
      for (let i = 0; i < n; i++) {
        t += exponential(source) * gapNs;
        // What is left of the gap after the end of a burst goes on in the next one: Poisson has no memory.
        while (t > onUntil) {
          const pause = exponential(source) * offNs;
          t += pause;
          onUntil += pause + exponential(source) * onNs;
        }
        times[i] = t;
      }
    },
  };
}

/** `rare`: a second stream, for the few draws that need more than one word of the first. */
export function createArrivals(
  spec: ArrivalSpec,
  writesPerS: number,
  source: WordSource,
  rare: WordSource,
): Arrivals {
  if (!(writesPerS > 0)) return none;
  const meanNs = 1e9 / writesPerS;
  switch (spec.kind) {
    case 'poisson':
      return poisson(meanNs, source, rare);
    case 'deterministic':
      return deterministic(meanNs, source);
    case 'h2':
      return h2(meanNs, spec.p1, spec.fast, source);
    case 'on-off':
      return onOff(meanNs, spec.onNs, spec.offNs, source);
    default:
      return unreachable(spec);
  }
}
