/** Values of parameters that are more than one number, in base units. */
import type { TimeNs } from '../../kernel/kernel.js';

/** What a latency is drawn from. `mean` of each is what sums follow. */
export type LatencySpec =
  | { readonly kind: 'constant'; readonly ns: TimeNs }
  /** Lognormal through its median and 99th percentile. */
  | { readonly kind: 'lognormal'; readonly p50Ns: TimeNs; readonly p99Ns: TimeNs }
  | { readonly kind: 'exponential'; readonly meanNs: TimeNs }
  /** Empirical: bin values with counts, ascending. */
  | { readonly kind: 'histogram'; readonly ns: readonly TimeNs[]; readonly counts: readonly number[] };

export type ArrivalSpec =
  | { readonly kind: 'poisson' }
  | { readonly kind: 'deterministic' }
  /** Two-phase hyper-exponential: with probability p1 the gap has mean `fast` of the mean gap, else what keeps the mean. */
  | { readonly kind: 'h2'; readonly p1: number; readonly fast: number }
  /** Bursts: exponential on and off times; writes only while on, at the rate that keeps the mean. */
  | { readonly kind: 'on-off'; readonly onNs: TimeNs; readonly offNs: TimeNs };

export type PatternSpec =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'zipf'; readonly theta: number }
  /** Zones in ascending order: shares of the footprint and of the writes, each summing to 1. */
  | { readonly kind: 'zones'; readonly zones: readonly { readonly space: number; readonly writes: number }[] }
  | { readonly kind: 'sequential'; readonly streams: number };

/** Sizes of writes and how often each is drawn; the model normalises the weights. */
export type SizeMix = readonly { readonly bytes: number; readonly weight: number }[];

/** Bytes, or a share of something (a disk, the RAM). */
export type Extent = { readonly bytes: number } | { readonly share: number };
