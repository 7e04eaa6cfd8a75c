/**
 * A rate that has two values, each held for an exponential time (a random telegraph), fitted to its means over windows
 * of equal length: a slow value and a fast one from the lowest and highest window, the shares of time from the mean,
 * and how long they last from how much of the variance is left in windows, or from how alike neighbours are.
 *
 *   variance of the rate itself       (highest - mean)(mean - lowest)
 *   variance of a mean over a window  that times g(x) = 2 (x - 1 + e^-x) / x^2,   x = window x (1/slow time + 1/fast time)
 *   correlation of neighbours         (1 - e^-x)^2 / (2 (x - 1 + e^-x))
 *
 * (Of an exponential autocorrelation; A. Papoulis, Probability, Random Variables and Stochastic Processes, ch. 9.)
 */
import { max, mean, min, sampleStandardDeviation, sum, sumNthPowerDeviations } from 'simple-statistics';

export interface Windows {
  readonly windowNs: number;
  readonly count: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly min: number;
  readonly max: number;
  /** Correlation of each window with the next, where their order is known. */
  readonly nextCorrelation?: number;
}

export interface TwoStates {
  /** The fast value over the slow one. */
  readonly factor: number;
  readonly slowMeanNs: number;
  readonly fastMeanNs: number;
  /** How long they last is longer than the windows can tell: at least this. */
  readonly longer: boolean;
}

/** Fewer windows say little of a variance. */
export const WINDOWS_MIN = 10;
/** A variance from n windows is surely above what chance gives at so many of its standard deviations, sqrt(2 / (n - 1)). */
const SURE = 3;
/** Variation below this decides nothing, and every machine has it. */
const RELATIVE_MIN = 0.03;
/** A window of which this is the rate of the mean at most stood still. */
const STILL = 1e-3;
/** Changes of state in a window: fewer, or more, cannot be told apart. */
const CHANGES = { min: 0.05, max: 100 } as const;

const varianceLeft = (x: number): number => (2 * (x + Math.expm1(-x))) / x ** 2;
const correlation = (x: number): number => Math.expm1(-x) ** 2 / (2 * (x + Math.expm1(-x)));

/** The x at which a falling function has a value, within what can be told. */
function solve(falling: (x: number) => number, value: number): number {
  let [low, high]: [number, number] = [CHANGES.min, CHANGES.max];
  if (falling(low) <= value) return low;
  if (falling(high) >= value) return high;
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(low * high);
    if (falling(middle) > value) low = middle;
    else high = middle;
  }
  return low;
}

/** How many standard deviations the largest of n normal values lies above their mean (H. Cramer 1946, 28.6.16). */
function largest(n: number): number {
  const root = Math.sqrt(2 * Math.log(n));
  return root - (Math.log(Math.log(n)) + Math.log(4 * Math.PI)) / (2 * root);
}

/**
 * Slow and fast value over the mean. The extremes of many windows have the most of what chance adds to each, which is
 * taken off as far as the variance then still fits between the two.
 */
function values({ count, mean, min, max }: Windows, chance: number, excess: number): [number, number] {
  const [low, high] = [Math.max(STILL, min / mean), max / mean];
  const deviations = chance * largest(count);
  const without = (share: number): [number, number] => [
    low + share * deviations * Math.sqrt(low),
    high - share * deviations * Math.sqrt(high),
  ];
  const fits = ([slow, fast]: [number, number]): boolean =>
    slow < 1 && fast > 1 && (fast - 1) * (1 - slow) >= excess;
  let share = 1;
  while (share > 0.01 && !fits(without(share))) share *= 0.9;
  return fits(without(share)) ? without(share) : [low, high];
}

/**
 * The two states, or null where the windows vary no more than chance lets them: `chance` is the relative standard
 * deviation that a window has where all requests are drawn alike.
 */
export function twoStates(windows: Windows, chance: number): TwoStates | null {
  const { windowNs, count, mean, standardDeviation, min, max, nextCorrelation } = windows;
  if (count < WINDOWS_MIN || !(mean > 0) || !(max > mean) || !(min < mean)) return null;
  const variance = (standardDeviation / mean) ** 2;
  const least = Math.max(RELATIVE_MIN ** 2, chance ** 2 * (1 + SURE * Math.sqrt(2 / (count - 1))));
  if (!(variance > least)) return null;
  const excess = variance - chance ** 2;
  const [slow, fast] = values(windows, chance, excess);
  const left = excess / ((fast - 1) * (1 - slow));
  const x =
    nextCorrelation === undefined
      ? solve(varianceLeft, left)
      : solve(correlation, (nextCorrelation * variance) / excess);
  const slowShare = (fast - 1) / (fast - slow);
  const perNs = x / windowNs;
  return {
    factor: fast / slow,
    slowMeanNs: 1 / (perNs * (1 - slowShare)),
    fastMeanNs: 1 / (perNs * slowShare),
    longer: x === CHANGES.min,
  };
}

/** Events in each whole window, of events that follow one another without a pause, each given by how long it lasts. */
function ratesOf(durationsNs: readonly number[], windowNs: number): number[] {
  const rates: number[] = [];
  let [leftNs, events] = [windowNs, 0];
  for (const ns of durationsNs) {
    let restNs = ns;
    while (restNs >= leftNs) {
      rates.push(events + (ns > 0 ? leftNs / ns : 1));
      restNs -= leftNs;
      [leftNs, events] = [windowNs, 0];
    }
    leftNs -= restNs;
    events += ns > 0 ? restNs / ns : 1;
  }
  return rates;
}

/** Windows of so long over such events; none where they take no time. */
export function windowsOf(durationsNs: readonly number[], windowNs: number): Windows {
  const rates = windowNs > 0 ? ratesOf(durationsNs, windowNs) : [];
  const count = rates.length;
  if (count < 2) return { windowNs, count, mean: 0, standardDeviation: 0, min: 0, max: 0 };
  const middle = mean(rates);
  const from = rates.map((rate) => rate - middle);
  const products = sum(from.slice(1).map((difference, i) => difference * from[i]!));
  return {
    windowNs,
    count,
    mean: middle,
    standardDeviation: sampleStandardDeviation(rates),
    min: min(rates),
    max: max(rates),
    nextCorrelation: products / sumNthPowerDeviations(rates, 2),
  };
}
