/** Arrivals from the moments of the gaps between writes, and from how their counts spread. */
import type { ArrivalSpec } from '../../sim/scenario.js';
import type { Dispersion } from './counts.js';

/** Squared coefficients of variation between these count as Poisson's 1. */
const POISSON_RANGE = [0.25, 1.1] as const;

/** Lengths of windows that a fit of two numbers needs. */
const SCALES_MIN = 4;
/** Counts that spread this much more than independent gaps would: bursts. */
const BURSTS = 1.5;
const STEPS = 80;

/** `count` values from `least` to `most`, each the same factor from the next. */
const ladder = (least: number, most: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => least * (most / least) ** (i / (count - 1)));

/**
 * On/off bursts from the index of dispersion I(t). With exponential on and off times T1 and T0, p = T1 / (T1 + T0),
 * t0 = 1 / (1/T1 + 1/T0) and mean rate m: I(t) = 1 + 2 a t0 (1 - (1 - e^(-t/t0)) t0 / t), a = m (1 - p) / p (an interrupted
 * Poisson process; W. Fischer and K. Meier-Hellstern, "The Markov-modulated Poisson process cookbook", 1993). a and t0 are those
 * of least squares of log I over all lengths.
 */
function fitBursts(dispersions: readonly Dispersion[], writesPerS: number): ArrivalSpec {
  let best = { off: Number.POSITIVE_INFINITY, a: 0, t0: 0 };
  const [shortest, longest] = [dispersions[0]!.windowNs / 1e9, dispersions.at(-1)!.windowNs / 1e9];
  for (const t0 of ladder(shortest / 8, longest * 2, STEPS)) {
    const growth = dispersions.map(({ windowNs }) => {
      const x = windowNs / 1e9 / t0;
      return 2 * t0 * (1 - (1 - Math.exp(-x)) / x);
    });
    for (const a of ladder(writesPerS / 100, writesPerS * 1000, STEPS)) {
      const off = dispersions.reduce(
        (sum, { index }, i) => sum + (Math.log(1 + a * growth[i]!) - Math.log(Math.max(index, 1))) ** 2,
        0,
      );
      if (off < best.off) best = { off, a, t0 };
    }
  }
  const p = writesPerS / (writesPerS + best.a);
  return {
    kind: 'on-off',
    onNs: Math.max(1, Math.round((best.t0 / (1 - p)) * 1e9)),
    offNs: Math.round((best.t0 / p) * 1e9),
  };
}

/**
 * Mean of the gaps, and their squared coefficient of variation (1 for Poisson).
 * @internal
 */
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
function fromMoments(
  { mean, scv }: { mean: number; scv: number },
  cubes: number,
  count: number,
): ArrivalSpec {
  if (scv < POISSON_RANGE[0]) return { kind: 'deterministic' };
  if (scv <= POISSON_RANGE[1]) return { kind: 'poisson' };
  const r2 = (scv + 1) / 2;
  const r3 = cubes / count / (6 * mean ** 3);
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

/**
 * What the arrivals may be. On/off bursts have hyper-exponential gaps too (A. Kuczura, "The interrupted Poisson process as
 * an overflow process", 1973), so the second candidate is of the same kind, fitted to counts: where gaps depend on each other,
 * these spread more than the moments of the gaps would have them.
 */
export function fitArrivals(
  sums: readonly [number, number, number],
  count: number,
  dispersions: readonly Dispersion[] = [],
): ArrivalSpec[] {
  if (count < 2 || sums[0] === 0) return [{ kind: 'poisson' }];
  const moments = gapMoments(sums, count);
  const candidates = [fromMoments(moments, sums[2], count)];
  // Independent gaps spread counts by scv in the long run; what spreads more comes in bursts.
  const most = dispersions.reduce((largest, { index }) => Math.max(largest, index), 0);
  if (dispersions.length >= SCALES_MIN && most > BURSTS * Math.max(1, moments.scv))
    candidates.push(fitBursts(dispersions, 1 / moments.mean));
  return candidates;
}
