/**
 * Importance sampling of a full queue of stale chunks: towards the stop clean chunks are hit more often than they should be, and
 * what is found is weighed by how much less probable that was. How long before the stop it begins is drawn anew in each
 * run among several lengths, none among them; the weight is that of the mixture (M. Hesterberg, "Weighted average
 * importance sampling and defensive mixture distributions", Technometrics 37, 1995), so that no weight is above 1 / UNBENT.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Bent } from '../../kernel/rng.js';

/** Share of the runs that are left alone. */
const UNBENT = 0.1;
/** Lengths of the stretch before the stop, in parts of what the queue needs to fill at the bent rate. */
const LENGTHS = [0.5, 0.75, 1, 1.4, 2] as const;

/** How hard to bend, and for how long at a time. */
export interface Twist {
  readonly factor: number;
  readonly fillNs: TimeNs;
}

/**
 * For a queue that is served at a constant rate: the factor f > 1 with arrivals (f - 1) = services ln f, at which the way to a
 * full queue is the most probable one. Null where the queue overflows by itself.
 */
export function twistFor(arrivalsPerS: number, servicesPerS: number, chunks: number): Twist | null {
  if (!(arrivalsPerS > 0 && servicesPerS > arrivalsPerS)) return null;
  let [low, high] = [1, 2];
  const excess = (factor: number): number => arrivalsPerS * (factor - 1) - servicesPerS * Math.log(factor);
  while (excess(high) < 0) high *= 2;
  low = servicesPerS / arrivalsPerS;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (excess(middle) < 0) low = middle;
    else high = middle;
  }
  return { factor: high, fillNs: (chunks / (arrivalsPerS * high - servicesPerS)) * 1e9 };
}

/** The bending of one run; `uniform` says which length it gets. */
export class Tilt implements Bent {
  readonly factor: number;
  readonly fromNs: TimeNs;
  private readonly starts: readonly TimeNs[];
  /** By start: the logarithm of how much more probable the run was made. */
  private readonly logs: number[];
  private lastNs: TimeNs = 0;

  constructor({ factor, fillNs }: Twist, stopNs: TimeNs, uniform: number) {
    this.factor = factor;
    this.starts = LENGTHS.map((length) => Math.max(0, stopNs - length * fillNs));
    this.logs = LENGTHS.map(() => 0);
    const chosen = Math.floor(((uniform - UNBENT) / (1 - UNBENT)) * LENGTHS.length);
    this.fromNs = uniform < UNBENT ? Number.POSITIVE_INFINITY : this.starts[chosen]!;
  }

  note(atNs: TimeNs, ratePerNs: number, happened: boolean): void {
    const { logs, starts, factor } = this;
    for (const [i, start] of starts.entries()) {
      const sinceNs = atNs - Math.max(start, this.lastNs);
      if (sinceNs > 0) logs[i] = logs[i]! - (factor - 1) * ratePerNs * sinceNs;
      if (happened && atNs > start) logs[i] = logs[i]! + Math.log(factor);
    }
    this.lastNs = Math.max(this.lastNs, atNs);
  }

  /** What the run counts for. */
  get weight(): number {
    const each = (1 - UNBENT) / LENGTHS.length;
    return 1 / this.logs.reduce((sum, log) => sum + each * Math.exp(log), UNBENT);
  }
}
