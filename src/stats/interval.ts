/** The two ends of a confidence interval, in the unit of the values. */
export type Interval = readonly [low: number, high: number];

/** The confidence of every interval that is reported; column names (`ci95`) and texts say so. */
export const CONFIDENCE = 0.95;

/** P(|Z| <= Z95) = 0.95 for a standard normal Z. */
export const Z95 = 1.959963984540054;
