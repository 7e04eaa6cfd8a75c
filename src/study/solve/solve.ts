/** The question turned round: the largest (or least) value of a quantity at which a strategy fits the budget. */
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { Crossing, type CrossingRule, type Found, type Samples } from '../../stats/crossing.js';
import { CONFIDENCE } from '../../stats/interval.js';
import { isDeterministic, type Labelled, labelled } from '../run.js';
import { replicationsFrom, type Stopped, stopNs, type Work } from '../simulate.js';
import type { Criterion, Effort } from './criterion.js';
import { type Quantity, shownAt, startOf, textAt, within } from './quantity.js';
import { type Solved, solvedFrom } from './solved.js';

/** What is asked, whatever the quantity. */
export interface SolveInput {
  /** The situation with some parameters set to these texts, by path. */
  readonly situation: (settings: Readonly<Record<string, string>>) => Promise<Resolved>;
  readonly criterion: Criterion;
  readonly effort: Effort;
  /** Of the runs nothing but the stop is looked at. */
  readonly simulate: (work: Work) => Promise<readonly (readonly Stopped[])[]>;
}

/** Share of the value within which a root is found, where something is random; its interval is several times as wide. */
const RESOLUTION = 4e-3;

/** A setting of the quantity: what the model is given, or why it is refused. */
type Setting = { readonly resolved: Resolved } | { readonly refused: InputError };

class Settings {
  private readonly known = new Map<number, Setting>();
  private readonly input: SolveInput;
  private readonly quantity: Quantity;

  constructor(input: SolveInput, quantity: Quantity) {
    this.input = input;
    this.quantity = quantity;
  }

  async at(step: number): Promise<Setting> {
    const known = this.known.get(step);
    if (known) return known;
    const path = this.quantity.parameter.path;
    const setting = await this.input.situation({ [path]: textAt(this.quantity, step) }).then(
      (resolved) => ({ resolved }),
      (error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        return { refused: error };
      },
    );
    this.known.set(step, setting);
    return setting;
  }
}

/** One strategy's search, and what it ran. */
class Search {
  runs = 0;
  /** Replications of a setting where one run stands for all of them. */
  readonly single = new Set<number>();
  private readonly settings: Settings;
  private readonly input: SolveInput;
  private readonly spec: StrategySpec;

  constructor(settings: Settings, input: SolveInput, spec: StrategySpec) {
    this.settings = settings;
    this.input = input;
    this.spec = spec;
  }

  /** By how much the stops exceed the budget, in ns. */
  async samples(at: number, from: number, to: number): Promise<Samples> {
    const setting = await this.settings.at(at);
    if ('refused' in setting) return null;
    if (to === from) return [];
    const { scenario, seed, budgetNs } = setting.resolved;
    const alone = isDeterministic(scenario);
    const replications = alone ? [0] : replicationsFrom(from, to);
    if (alone) this.single.add(at);
    this.runs += replications.length;
    const results = await this.input.simulate({ scenario, strategies: [this.spec], seed, replications });
    const excess = results.map(([ran]) => stopNs(ran!) - budgetNs);
    return alone ? new Array<number>(to - from).fill(excess[0]!) : excess;
  }
}

async function drive(crossing: Crossing, search: Search): Promise<Found> {
  const asking = crossing.find();
  let step = asking.next();
  while (!step.done) {
    const { at, from, to } = step.value;
    step = asking.next(await search.samples(at, from, to));
  }
  return step.value;
}

/** Whether nothing is random here and one step up and down the quantity. */
async function isExact(settings: Settings, { steps }: Quantity, start: number): Promise<boolean> {
  const near = [start, Math.min(steps.highest, start + 1), Math.max(steps.lowest, Math.floor(start / 2))];
  const all = await Promise.all(near.map((step) => settings.at(step)));
  return all.every((setting) => 'refused' in setting || isDeterministic(setting.resolved.scenario));
}

/** The settings that a grid of the same resolution would have. */
function gridPoints({ steps }: Quantity, { exact }: CrossingRule, limits: readonly [number, number]): number {
  const [low, high] = limits;
  if (exact || !steps.geometric) return high - low + 1;
  const ratios = Math.log(high / Math.max(1, low)) / Math.log1p(RESOLUTION);
  return Math.min(high - low + 1, Math.ceil(ratios));
}

/** Solves for one strategy. `start`: where to begin, if not at the situation's own value. */
export async function solveFor(
  input: SolveInput,
  asked: Quantity,
  spec: StrategySpec,
  start?: number,
): Promise<Solved> {
  const base = await input.situation({});
  const quantity = within(asked, base);
  const settings = new Settings(input, quantity);
  const from = start ?? startOf(quantity, base);
  const first = await settings.at(from);
  if ('refused' in first) throw first.refused;
  const exact = await isExact(settings, quantity, from);
  const { few, many } = input.effort;
  const rule: CrossingRule = {
    exact,
    resolution: RESOLUTION,
    ...(exact ? { allowed: 0, few: 1, many: 1 } : { allowed: input.criterion.allowed, few, many }),
  };
  const { lowest, highest, geometric } = quantity.steps;
  const crossing = new Crossing({ lowest, highest, start: from, geometric }, rule);
  const search = new Search(settings, input, spec);
  const found = await drive(crossing, search);
  const named: Labelled = labelled(spec);
  return solvedFrom({
    quantity,
    named,
    found,
    criterion: input.criterion,
    confidence: exact ? 1 : CONFIDENCE,
    runs: search.runs,
    gridRuns: gridPoints(quantity, rule, [lowest, highest]) * rule.many,
    evaluations: [...crossing.evaluations].map(([at, excess]) => ({
      value: shownAt(quantity, at),
      excess,
      n: search.single.has(at) ? 1 : excess.length,
    })),
    budgetNs: base.budgetNs,
  });
}
