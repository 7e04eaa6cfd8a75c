/**
 * The law of a whole stop, where it is closed: the bits are fixed, so the requests are always the same; each takes an
 * independent draw of its class; and RAM, which knows nothing of them, differs by the speed of the migration alone. Then the stop is
 * a sum, and its distribution a convolution (kernel/law.ts, kernel/mixture.ts): nothing need be drawn.
 *
 * Not closed: slow spells and levels, a limit of operations, several requests in flight, bits that are left to chance,
 * strategies that may still act when the guest stops.
 */
import { type Law, lawOfSum, type Part } from '../../kernel/law.js';
import { type Distribution, plusOneOf } from '../../kernel/mixture.js';
import { bitsAreFixed } from '../guest/fixed-bits.js';
import type { RunEnd } from '../machine/metrics.js';
import type { TapedTimer } from '../machine/tape.js';
import type { Scenario } from '../scenario.js';
import { costsOn } from '../storage/costs.js';
import type { Latency } from '../storage/latency.js';
import { storagesOf } from '../storage/places.js';
import { hasSpells } from '../storage/spells.js';
import type { StrategySpec } from '../strategies/registry.js';
import type { StoreOp } from '../types.js';
import { precopiesOf } from './precopies.js';
import { replaysOf } from './replay.js';
import { settled } from './settled.js';
import type { OneForAll } from './taped.js';

/** What the last RAM is taken to be: as the rule left it, or as much as it would have let through; at most so long. */
export interface RamOfStop {
  readonly which: 'ramStopNs' | 'ramMostNs';
  readonly atMostNs: number;
}

/** Nothing is assumed of it. */
export const STOP_AS_IT_IS: RamOfStop = { which: 'ramStopNs', atMostNs: Number.POSITIVE_INFINITY };

export interface ClosedStop {
  /** All means: a run in which each request takes its mean time, and RAM too. */
  readonly mean: RunEnd;
  /** What the core is told to be pending, in the mean. */
  readonly pendingBytes: number;
  /** The distribution of the downtime in ns; null: it does not vary, or a request's tail is too long for a grid. */
  law(ram: RamOfStop): Distribution | null;
}

function isClosed(scenario: Scenario): boolean {
  return (
    bitsAreFixed(scenario) &&
    scenario.whatIf.queueDepth === 1 &&
    storagesOf(scenario).every((s) => !hasSpells(s) && s.opsPerS === Number.POSITIVE_INFINITY)
  );
}

/** The requests of a stop by what their times are drawn from; a shift that cuts nothing off is left to the mean. */
class Requests {
  private readonly parts = new Map<Latency, Map<string, { -readonly [Key in keyof Part]: Part[Key] }>>();

  add(run: TapedTimer, op: StoreOp): void {
    const { storage } = run;
    const { latency, fixedNs } = costsOn(storage).of(op.op, op.bytes);
    if (latency.varianceNs2 === 0) return;
    const whole = latency.spreadWith(0);
    const isCut = fixedNs < 0 && whole.shortfall(-fixedNs) > 1e-9 * whole.mean;
    const factor = 1 / (1 - storage.otherLoad);
    const key = `${factor}/${isCut ? fixedNs : 0}`;
    const ofLatency = this.parts.get(latency) ?? new Map();
    this.parts.set(latency, ofLatency);
    const part = ofLatency.get(key) ?? {
      spread: isCut ? latency.spreadWith(fixedNs) : whole,
      count: 0,
      factor,
    };
    part.count += op.count;
    ofLatency.set(key, part);
  }

  get all(): readonly Part[] {
    return [...this.parts.values()].flatMap((parts) => [...parts.values()]);
  }
}

/** The law of requests and a constant, which is a number where no request varies; null: too much varies for a grid. */
const requestsLaw = (parts: readonly Part[], constant: number): Law | number | null =>
  parts.some(({ spread }) => spread.variance > 0) ? lawOfSum(parts, constant) : constant;

/** The stop that all have in common. */
function oneForAll(scenario: Scenario, spec: StrategySpec): OneForAll | null {
  const replays = replaysOf(scenario, spec);
  return replays ? replays.onlyOne : settled(scenario, spec);
}

/** The closed law of a strategy's stop; null where there is none. */
export function closedStop(scenario: Scenario, spec: StrategySpec): ClosedStop | null {
  const one = isClosed(scenario) ? oneForAll(scenario, spec) : null;
  const all = one && precopiesOf(scenario, one.pending);
  if (!one || !all) return null;
  const requests = new Requests();
  const mean = one.mean(all.mean, (run, op) => requests.add(run, op));
  const meanNs = mean.resumeNs - mean.stopNs - mean.phasesNs.ram;
  const parts = requests.all;
  const partsNs = parts.reduce((sum, { spread, count, factor }) => sum + count * factor * spread.mean, 0);
  let ofRequests: Law | number | null | undefined;
  const law = ({ which, atMostNs }: RamOfStop): Distribution | null => {
    const ram = all.stretches(which, atMostNs);
    // The same whatever RAM is taken to be.
    if (ofRequests === undefined) ofRequests = requestsLaw(parts, meanNs - partsNs);
    const isConstant =
      typeof ofRequests === 'number' && ram.every(({ from, to }) => from === ram[0]!.from && to === from);
    return ofRequests === null || isConstant ? null : plusOneOf(ofRequests, ram);
  };
  return { mean, pendingBytes: all.mean.outcome.othersBytes, law };
}
