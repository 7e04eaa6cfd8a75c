/**
 * How little of the stop RAM can be left with: a lower downtime-limit leaves less RAM to the stop, until the guest
 * dirties it faster than that. The pre-copy alone is asked, without bitmaps, so this is cheap.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Scenario } from '../scenario.js';
import { type Precopy, precopyOf } from './precopy.js';
import { precopyAlone, steadily } from './precopy-alone.js';

/** QEMU's downtime-limit is whole milliseconds. */
const MS = 1e6;

/** The pre-copy of the scenario at another downtime-limit, beside others who report so much as pending. */
function atLimit(scenario: Scenario, pendingBytes: number, downtimeLimitNs: TimeNs): Precopy | null {
  const migration = { ...scenario.migration, downtimeLimitNs, ramp: null };
  return precopyAlone(precopyOf({ ...scenario, migration }, 1), steadily(pendingBytes))?.outcome ?? null;
}

const known = new WeakMap<Scenario, Map<number, TimeNs>>();

/**
 * The longest that RAM takes in the stop at the lowest limit at which the migration converges (to a power of two of
 * milliseconds) beside others who report so much as pending. Infinity: not up to the scenario's own limit.
 */
export function leastRamNs(scenario: Scenario, pendingBytes: number): TimeNs {
  const found = known.get(scenario) ?? new Map<number, TimeNs>();
  known.set(scenario, found);
  const before = found.get(pendingBytes);
  if (before !== undefined) return before;
  const least = search(scenario, pendingBytes);
  found.set(pendingBytes, least);
  return least;
}

/** The threshold is what is measured on the link in the time of the limit: nobody sends twice as fast as the link. */
function isHopeless({ link, migration }: Scenario, pendingBytes: number, limitNs: TimeNs): boolean {
  const mostBytesPerS = 2 * Math.max(link.bytesPerS, migration.switchoverBytesPerS ?? 0);
  return pendingBytes > mostBytesPerS * (limitNs / 1e9);
}

function search(scenario: Scenario, pendingBytes: number): TimeNs {
  const { downtimeLimitNs } = scenario.migration;
  for (let limitNs = MS; limitNs < downtimeLimitNs; limitNs *= 2) {
    if (isHopeless(scenario, pendingBytes, limitNs)) continue;
    const outcome = atLimit(scenario, pendingBytes, limitNs);
    if (outcome?.state === 'ready') return outcome.ramMostNs;
  }
  const outcome = atLimit(scenario, pendingBytes, downtimeLimitNs);
  return outcome?.state === 'ready' ? outcome.ramMostNs : Number.POSITIVE_INFINITY;
}
