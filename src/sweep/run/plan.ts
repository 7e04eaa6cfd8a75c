/** An experiment made ready to run: points in plan order, each resolved when it is asked for. */

import { InputError } from '../../base/errors.js';
import { companionOf, shareText } from '../../input/companion.js';
import { PARAMETERS, type Parameter } from '../../input/parameters.js';
import { type Resolved, resolveTree } from '../../input/resolve.js';
import { isReference, REFERENCE } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { maybeEndless, maybeSlow } from '../../study/extreme.js';
import { isDeterministic, runReplication } from '../../study/run.js';
import { scalarOf } from '../experiment/axis.js';
import { expand, type Points, type Settings } from '../experiment/expand.js';
import { type Experiment, parameterOf } from '../experiment/experiment.js';
import type { Values } from '../experiment/expression.js';
import { shared } from './executor.js';
import { runIds, scenarioHash } from './identity.js';

/** One point: a resolved situation and the strategies that face it. */
export interface PlannedPoint {
  readonly index: number;
  readonly resolved: Resolved;
  /** The reference first: it is a result too. */
  readonly strategies: readonly StrategySpec[];
  /** Nothing is left to chance: one run says it all. */
  readonly deterministic: boolean;
  /** Of the scenario. */
  readonly hash: string;
  /** Run ids of one replication, by strategy. */
  ids(replication: number): readonly string[];
}

export interface Plan {
  readonly experiment: Experiment;
  readonly points: Points;
  point(index: number): Promise<PlannedPoint>;
}

const TIMES: readonly string[] = ['time', 'budget'];

/** The base's parameters in base units, as constraints and derived values see them. */
function baseValues(resolved: Resolved): Values {
  const value = (parameter: Parameter): number | string => {
    const { kind, column } = parameter;
    const share = kind === 'extent' ? resolved.question[companionOf(parameter)!.column] : undefined;
    // A share stays one: a point may have another whole.
    const shown = typeof share === 'number' ? shareText(share) : resolved.question[column];
    return scalarOf(typeof shown === 'number' && TIMES.includes(kind) ? shown * 1e6 : shown, shown);
  };
  const known = PARAMETERS.filter((parameter) => resolved.question[parameter.column] !== undefined);
  return Object.fromEntries(known.map((parameter) => [parameter.path, value(parameter)]));
}

function situation(experiment: Experiment, settings: Settings): Promise<Resolved> {
  const given: Record<string, unknown> = Object.fromEntries(experiment.set);
  for (const [path, { raw }] of settings) given[path] = raw;
  return resolveTree(experiment.base, given, { file: `${experiment.name}: base`, given: 'settings' });
}

function describe(settings: Settings): string {
  return [...settings]
    .map(([path, { raw }]) => `${path}=${typeof raw === 'object' ? JSON.stringify(raw) : raw}`)
    .join(' ');
}

/** Expands the experiment. Presets are read and the base is checked here; points when they are asked for. */
export async function makePlan(experiment: Experiment): Promise<Plan> {
  const points = expand({
    axes: experiment.axes,
    zip: experiment.zip,
    constraints: experiment.constraints,
    derived: experiment.derived,
    design: experiment.design,
    seed: experiment.seed,
    base: baseValues(await situation(experiment, new Map())),
    fieldOf: parameterOf,
  });
  const point = async (index: number): Promise<PlannedPoint> => {
    const settings = points.settings(index);
    const resolved = await situation(experiment, settings).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${error.message} (point ${index}: ${describe(settings)})`);
    });
    const strategies: StrategySpec[] = [
      REFERENCE,
      ...resolved.strategies.filter(({ name }) => !isReference(name)),
    ];
    const hash = scenarioHash(resolved.scenario);
    return {
      index,
      resolved: { ...resolved, scenario: shared(resolved.scenario) },
      strategies,
      deterministic: isDeterministic(resolved.scenario),
      hash,
      ids: runIds(hash, strategies, experiment.seed),
    };
  };
  return { experiment, points, point };
}

/** Every point up to this many is checked before the first run, so that a bad one does not end a long sweep half-way. */
const CHECKED_AHEAD = 20_000;

/**
 * Resolves all points once, and tries those that may outlast the clock; the InputError of the first bad one names it. Tells
 * whether single runs may take long.
 */
export async function checkPoints(plan: Plan): Promise<{ readonly isSlow: boolean }> {
  const count = Math.min(plan.points.count, CHECKED_AHEAD);
  let isSlow = false;
  for (let index = 0; index < count; index++) {
    const point = await plan.point(index);
    const { scenario } = point.resolved;
    if (maybeEndless(scenario)) tryOnce(plan, point);
    isSlow ||= maybeSlow(scenario);
  }
  return { isSlow };
}

/** One replication for its error alone. A bug is left to the sweep, which writes it into the row. */
function tryOnce({ points, experiment }: Plan, { index, resolved, strategies }: PlannedPoint): void {
  try {
    runReplication(resolved.scenario, strategies, experiment.seed, 0);
  } catch (error) {
    if (error instanceof InputError)
      throw new InputError(`${error.message} (point ${index}: ${describe(points.settings(index))})`);
  }
}
