/** How fast a volume of `measure --spells` is, and when: the law that it is given, and nothing that was seen of it. */

/** A device of one channel, whose requests in flight share it evenly. */
export interface DeviceLaw {
  /** Of a request and of a flush, alone on the device, at its mean speed. */
  readonly requestUs: number;
  readonly flushUs: number;
  /** Standard deviation of the logarithm of a level that each stop has of its own; in the mean it is 1. */
  readonly levelSpread: number;
  /** How many times as long work lasts in a slow spell as in a fast one; 1: there are none. */
  readonly slowFactor: number;
  /** Mean durations of the spells, exponential. */
  readonly slowMs: number;
  readonly fastMs: number;
}

/** A neighbour that always has so many requests in flight while it is there; it comes and goes, or stays (`awayMs` 0). */
export interface NeighbourLaw {
  readonly depth: number;
  /** Mean durations, exponential. */
  readonly hereMs: number;
  readonly awayMs: number;
}

/** How many times as long work lasts beside the neighbour as alone, over a long time. */
export function meanSlowdown({ depth, hereMs, awayMs }: NeighbourLaw): number {
  const slowed = 1 + depth;
  return awayMs === 0 ? slowed : (hereMs + awayMs) / (hereMs / slowed + awayMs);
}
