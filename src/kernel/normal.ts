/** The normal distribution function: to 1e-15, and in the far tails to eight digits. */

/** Coefficients of J. F. Hart et al., Computer Approximations (1968), as G. West gives them (Wilmott, 2005). */
const ABOVE = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
] as const;
const BELOW = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
  637.333633378831, 793.826512519948, 440.413735824752,
] as const;
/** From here on by the continued fraction. */
const FAR = 7.07106781186547;
const ROOT_OF_TURN = 2.506628274631;

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

function upperTail(x: number): number {
  const density = Math.exp((-x * x) / 2);
  if (x < FAR) return (density * horner(ABOVE, x)) / horner(BELOW, x);
  return density / (x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))))) / ROOT_OF_TURN;
}

/** The probability that a standard normal variable is at most x. */
export function normalProbability(x: number): number {
  return x > 0 ? 1 - upperTail(x) : upperTail(-x);
}

/** Halvings of the interval from -10 to 10, and steps of Newton's method that then find the value to 1e-14. */
const HALVINGS = 10;
const NEWTON = 5;

/** The value that a standard normal variable stays below with this probability. */
export function normalQuantile(probability: number): number {
  let [low, high] = [-10, 10];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < probability) low = middle;
    else high = middle;
  }
  let x = (low + high) / 2;
  for (let i = 0; i < NEWTON; i++)
    x += (probability - normalProbability(x)) * ROOT_OF_TURN * Math.exp((x * x) / 2);
  return x;
}
