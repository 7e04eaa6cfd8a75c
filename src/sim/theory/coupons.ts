/**
 * First touches of uniform writes: the coupon collector. With n granules and w writes that each hit one of them,
 * a granule stays unset with probability (1 - 1/n)^w. The same law with chunks in place of granules counts the chunks
 * that a window of writes makes stale.
 */

/** Expected number of distinct granules (or chunks) among n after w writes. */
export function expectedTouched(n: number, writes: number): number {
  return n === 1 ? Math.min(1, writes) : -n * Math.expm1(writes * Math.log1p(-1 / n));
}

/** Its variance (two granules stay both unset with probability (1 - 2/n)^w). */
export function touchedVariance(n: number, writes: number): number {
  if (n <= 2) return 0;
  const one = Math.exp(writes * Math.log1p(-1 / n));
  const two = Math.exp(writes * Math.log1p(-2 / n));
  return n * one + n * (n - 1) * two - (n * one) ** 2;
}

/** Share of the granules that are set after a time with Poisson writes, `perSecond` on all n of them. */
export function shareSet(n: number, perSecond: number, seconds: number): number {
  return -Math.expm1((-perSecond * seconds) / n);
}

/** Seconds until that share of n granules is set (0 <= share < 1). */
export function secondsUntilShare(n: number, perSecond: number, share: number): number {
  return (-n * Math.log1p(-share)) / perSecond;
}
