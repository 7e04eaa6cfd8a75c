/** The distribution of drawn values each of which is off by a normal error of its own: a mixture of normal distributions. */
import { errorFunction, mean } from 'simple-statistics';
import { CONFIDENCE, type Interval } from './interval.js';

export interface Blurred {
  readonly value: number;
  /** Standard deviation of its error; 0: none. */
  readonly sd: number;
}

/** P(X > limit) of one value. */
export function chanceAbove({ value, sd }: Blurred, limit: number): number {
  if (!(sd > 0) || !Number.isFinite(value)) return value > limit ? 1 : 0;
  return (1 + errorFunction((value - limit) / (sd * Math.SQRT2))) / 2;
}

/** The interval that holds 95 % of the mixture, as much below it as above. */
export function centralInterval(values: readonly Blurred[]): Interval {
  const quantile = (p: number): number => {
    const reach = Math.max(...values.map(({ sd }) => 8 * sd));
    let low = Math.min(...values.map(({ value }) => value)) - reach;
    let high = Math.max(...values.map(({ value }) => value)) + reach;
    for (let round = 0; round < 60; round++) {
      const middle = (low + high) / 2;
      if (mean(values.map((each) => chanceAbove(each, middle))) > 1 - p) low = middle;
      else high = middle;
    }
    return high;
  };
  const tail = (1 - CONFIDENCE) / 2;
  return [quantile(tail), quantile(1 - tail)];
}
