/**
 * Strategies that are done with all they do beside the guest long before the core first asks what is pending
 * (`Strategy.settles`): their stop is then that of a plain one, after a pre-copy to which they always report the same share of
 * what it compares with.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { MigrationResult } from '../machine/result.js';
import { Tape } from '../machine/tape.js';
import type { Scenario } from '../scenario.js';
import { latencyOf } from '../storage/latency.js';
import { type AtMeanTimes, atMeanTimes } from '../storage/mean-times.js';
import { storagesOf } from '../storage/places.js';
import { hooksOf } from '../strategies/lookup.js';
import type { StrategySpec } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';
import { Bits } from './bits-at-stop.js';
import { migrateWith } from './controller.js';
import { FIRST, isRepeatable, type OneForAll, Taped } from './taped.js';

/** Standard deviations of the work beside the guest that are left for it to be over. */
const SURE = 12;
/** The same of the speed of a migration, by which the core may ask sooner than it did in the run that is looked at. */
const SPEEDS_APART = 8;

/** What a whole run of mean times shows of the work beside the guest. */
interface Shown {
  /** When all of it was over, and the sum of the squares of how long each part took. */
  readonly endedNs: TimeNs;
  readonly squaresNs2: number;
  /** When the core first asked, and what share of its threshold it was told last. */
  readonly askedNs: TimeNs;
  readonly ofThreshold: number;
  readonly result: MigrationResult;
  readonly tape: Tape;
}

function look({ scenario, original }: AtMeanTimes, strategy: Strategy): Shown {
  const tape = new Tape(original);
  const parts: { readonly fromNs: TimeNs; readonly untilNs: TimeNs }[] = [];
  let [askedNs, ofThreshold, stopNs] = [Number.POSITIVE_INFINITY, 0, 0];
  const result = migrateWith(
    scenario,
    {
      ...strategy,
      pending(machine, thresholdBytes) {
        const bytes = strategy.pending?.(machine, thresholdBytes) ?? 0;
        askedNs = Math.min(askedNs, machine.kernel.nowNs);
        ofThreshold = thresholdBytes > 0 ? bytes / thresholdBytes : 0;
        return bytes;
      },
    },
    FIRST,
    {
      tape,
      observe: (track, _, fromNs, untilNs) => {
        // The last of them is the pre-copy itself.
        if (track === 'migration') stopNs = untilNs;
        else parts.push({ fromNs, untilNs });
      },
    },
  );
  const beside = parts.filter(({ fromNs }) => fromNs < stopNs);
  return {
    endedNs: beside.reduce((latest, { untilNs }) => Math.max(latest, untilNs), 0),
    squaresNs2: beside.reduce((sum, { fromNs, untilNs }) => sum + (untilNs - fromNs) ** 2, 0),
    askedNs,
    ofThreshold,
    result,
    tape,
  };
}

/** The largest variance of a request on any storage, as a share of its mean squared. */
function mostRelativeVariance(scenario: Scenario): number {
  const all = storagesOf(scenario).flatMap(({ ops }) => Object.values(ops));
  return all.reduce((most, { latency: spec }) => {
    const { meanNs, varianceNs2 } = latencyOf(spec);
    return meanNs > 0 ? Math.max(most, varianceNs2 / meanNs ** 2) : most;
  }, 0);
}

/** Whether the work is over in any run before the core asks in the fastest. */
function isSure(scenario: Scenario, { endedNs, squaresNs2, askedNs, result }: Shown): boolean {
  if (result.state !== 'completed' || result.metrics.staleChunksAtStop > 0) return false;
  const deviationNs = Math.sqrt(mostRelativeVariance(scenario) * squaresNs2);
  return endedNs + SURE * deviationNs < askedNs * Math.exp(-SPEEDS_APART * scenario.host.ramSpread);
}

/** The one stop of a strategy that settles; null: it does not, or not surely. */
export function settled(scenario: Scenario, spec: StrategySpec): OneForAll | null {
  const strategy = hooksOf(spec);
  if (!isRepeatable(scenario) || !strategy.settles?.(scenario)) return null;
  const shown = look(atMeanTimes(scenario), strategy);
  if (!isSure(scenario, shown)) return null;
  const taped = new Taped(scenario, shown.tape, shown.result);
  const bits = new Bits(scenario);
  return {
    pending: { bytes: 0, ofThreshold: shown.ofThreshold },
    mean(precopy, heard) {
      const stopNs = scenario.migration.warmUpNs + Math.round(precopy.ns);
      return taped.mean({ draws: FIRST, precopy, bits: bits.at(stopNs, FIRST) }, heard);
    },
  };
}
