/**
 * Many VMs leave a host: how long each stands still, when the host is empty, and how many may migrate at a time. As
 * `evacuate --json` gives it (its keys are a contract with other programs).
 */
import { remembered } from '../../base/remembered.js';
import type { Resolved } from '../../input/resolve.js';
import type { EvacuationSpec } from '../../sim/scenario.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { judgedOf } from '../judged.js';
import { replicationsFrom, type Simulate } from '../simulate.js';
import type { Verdict } from '../verdict.js';
import { type HalfWay, halfWay } from './half-way.js';
import { type Emptying, summariseEmptying } from './summary.js';

/** One number of migrations at a time that was looked at. */
export interface LookedAt extends Pick<Emptying, 'downtime_ms' | 'emptied_ms'> {
  readonly parallel: number;
  /** The quantile of the stops that may be over budget is not. */
  readonly fits: boolean;
}

export interface StrategyEmptying extends Emptying {
  /** The largest number at a time with which all but the allowed share of the stops keep the budget; null: not even one. */
  readonly parallel_that_fits: number | null;
  readonly looked_at: readonly LookedAt[];
  /** Where the bitmaps of all VMs are if it comes to a halt half-way. */
  readonly half_way: readonly HalfWay[];
}

export interface EvacuationAnswer {
  readonly question: Readonly<Record<string, unknown>>;
  readonly budget_ms: number;
  readonly vms: number;
  readonly parallel: number;
  /** How often the host was emptied, each time with other random numbers. */
  readonly evacuations: number;
  readonly strategies: readonly StrategyEmptying[];
  /** Which of them the verdict is on, as an index; null where it is on none of several. */
  readonly judged: number | null;
  readonly verdict: Verdict | null;
  /** Of that strategy. */
  readonly parallel_that_fits: number | null;
}

export interface EvacuationInput {
  readonly resolved: Resolved;
  readonly evacuation: EvacuationSpec;
  readonly simulate: Simulate;
}

/** Enough stops for a 95 % quantile, and evacuations for an interval. */
const STOPS = 100;
const EVACUATIONS = 3;

/** How often the host is emptied: as often as was asked for, else as often as the quantile needs. */
function evacuationsOf(
  { replications, replicationsAsked }: Pick<Resolved, 'replications' | 'replicationsAsked'>,
  vms: number,
): number {
  return replicationsAsked ? replications : Math.max(EVACUATIONS, Math.ceil(STOPS / vms));
}

/** How often all strategies are looked at, at most, roughly: for a progress bar. */
export function runsOf(input: Omit<EvacuationInput, 'simulate'>): number {
  const { resolved, evacuation } = input;
  const { vms } = evacuation;
  return vms * evacuationsOf(resolved, vms) * resolved.strategies.length * (1 + Math.ceil(Math.log2(vms)));
}

/** The whole answer. */
export async function evacuationAnswer(input: EvacuationInput): Promise<EvacuationAnswer> {
  const { resolved, evacuation } = input;
  // Each search waits for one number after another; together they keep all threads busy.
  const strategies = await Promise.all(resolved.strategies.map((spec) => new Search(input, spec).answer()));
  const judged = judgedOf(resolved);
  const main = judged === null ? undefined : strategies[judged];
  return {
    question: resolved.question,
    budget_ms: resolved.budgetNs / 1e6,
    vms: evacuation.vms,
    parallel: evacuation.parallel,
    evacuations: evacuationsOf(resolved, evacuation.vms),
    strategies,
    judged,
    verdict: main?.verdict ?? null,
    parallel_that_fits: main?.parallel_that_fits ?? null,
  };
}

/** One strategy at several numbers of migrations at a time. */
class Search {
  private readonly input: EvacuationInput;
  private readonly spec: StrategySpec;
  private readonly known = new Map<number, Promise<Emptying>>();

  constructor(input: EvacuationInput, spec: StrategySpec) {
    this.input = input;
    this.spec = spec;
  }

  async answer(): Promise<StrategyEmptying> {
    const asked = await this.at(this.input.evacuation.parallel);
    const parallel_that_fits = await this.largest();
    const looked = [...this.known].sort(([a], [b]) => a - b);
    const looked_at = await Promise.all(
      looked.map(async ([parallel, emptying]) => {
        const { downtime_ms, emptied_ms } = await emptying;
        return { parallel, downtime_ms, emptied_ms, fits: this.fits(await emptying) };
      }),
    );
    const half_way = halfWay(this.input.resolved.scenario, this.spec, this.input.evacuation);
    return { ...asked, parallel_that_fits, looked_at, half_way };
  }

  private at(parallel: number): Promise<Emptying> {
    return remembered(this.known, parallel, () => this.run(parallel));
  }

  private async run(parallel: number): Promise<Emptying> {
    const { resolved, evacuation, simulate } = this.input;
    const { vms } = evacuation;
    const { scenario, seed, budgetNs, bitmapBudgetNs, allowedShare } = resolved;
    const runs = await simulate({
      scenario: { ...scenario, evacuation: { ...evacuation, parallel } },
      strategies: [this.spec],
      seed,
      replications: replicationsFrom(0, vms * evacuationsOf(resolved, vms)),
    });
    const budget = { stop: budgetNs, bitmaps: bitmapBudgetNs, allowed: allowedShare };
    return summariseEmptying(
      this.spec,
      runs.map(([run]) => run!),
      vms,
      budget,
    );
  }

  private fits({ state, over_ms }: Emptying): boolean {
    return state === 'completed' && over_ms <= this.input.resolved.budgetNs / 1e6;
  }

  /** Doubled until it does not fit, then halved in between: stops only get longer as more migrate at a time. */
  private async largest(): Promise<number | null> {
    const { vms } = this.input.evacuation;
    const fits = async (parallel: number): Promise<boolean> => this.fits(await this.at(parallel));
    if (!(await fits(1))) return null;
    let low = 1;
    let high = 2;
    while (high <= vms && (await fits(high))) {
      low = high;
      high *= 2;
    }
    if (high > vms) {
      if (low === vms || (await fits(vms))) return vms;
      high = vms;
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await fits(middle)) low = middle;
      else high = middle;
    }
    return low;
  }
}
