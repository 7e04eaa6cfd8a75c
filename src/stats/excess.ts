/** What samples say of a share: whether it is within what is allowed, and whether that is sure. */
import { minimumN, quantileRanks } from './quantile.js';

/** Samples are judged by how many of them exceed the limit; the limit is 0, so a sample is what is left over. */
export interface ExcessRule {
  /** The share that may exceed it. */
  readonly allowed: number;
  /** Samples for a glance, and for a judgement. */
  readonly few: number;
  readonly many: number;
}

/** The least number of samples that can tell, with 95 %, that a share is below the one allowed and above it. */
export function samplesNeeded(allowed: number): number {
  return allowed === 0 ? 1 : minimumN(1 - allowed);
}

/** Up to so many excesses the share is surely allowed; from so many on surely not. Each is wrong at most once in 40. */
export interface SureCounts {
  readonly fits: number;
  readonly not: number;
}

/** The counts of excesses among n samples that leave no doubt (95 %, both sides together). Of too few samples none does. */
export function sureCounts(n: number, allowed: number): SureCounts {
  if (allowed === 0) return { fits: 0, not: 1 };
  const ranks = quantileRanks(n, 1 - allowed);
  return ranks === undefined ? { fits: -1, not: n + 1 } : { fits: n - ranks[1], not: n - ranks[0] + 1 };
}

/** How many of the samples exceed the limit. */
export function countOver(samples: readonly number[]): number {
  return samples.reduce((count, excess) => (excess > 0 ? count + 1 : count), 0);
}
