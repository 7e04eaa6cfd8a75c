/** What `sensitivity` was asked, and which strategies it looks at. */
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import { isJudged, isReference } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { metricOf } from '../metric.js';
import type { Simulate } from '../simulate.js';
import { type Factor, type Format, factorOf } from './factor.js';
import { checkFactors, type Sensitivity, type SensitivityInput, sensitivity } from './sensitivity.js';
import { uncertainFactors } from './uncertainty.js';

export interface SensitivityQuestion {
  readonly vary: readonly string[];
  readonly metric: string;
  readonly samples: number;
  readonly walks: number;
  /** As given; undefined: as many as points with common random numbers need. */
  readonly replications: number | undefined;
  /** Whether strategies were asked for by name. */
  readonly named: boolean;
}

/** All points share their random numbers, so what differs between them is what was varied: one run of each does. */
const REPLICATIONS = 1;

function factorsOf(
  vary: readonly string[],
  resolved: Resolved,
  strategies: readonly StrategySpec[],
  format: Format,
): readonly Factor[] {
  const factors: Factor[] = [];
  for (const text of vary) {
    if (text === 'uncertainty') factors.push(...uncertainFactors(resolved, strategies));
    else factors.push(factorOf(text, format));
  }
  checkFactors(factors);
  return factors;
}

/** The way of the stack, else the one strategy that is judged, unless others were named. */
function strategiesOf({ strategies, route }: Resolved, named: boolean): readonly StrategySpec[] {
  const all = strategies.filter(({ name }) => !isReference(name));
  const usual = route === null ? all.filter(({ name }) => isJudged(name)) : [route];
  const chosen = named ? all : usual;
  if (chosen.length === 0) throw new InputError('sensitivity: --strategy names no strategy with bitmaps');
  return chosen;
}

/** The result of each strategy. */
export async function askSensitivity(
  resolved: Resolved,
  question: SensitivityQuestion,
  situation: SensitivityInput['situation'],
  simulate: Simulate,
  format: Format,
): Promise<readonly Sensitivity[]> {
  const { vary, samples, walks, replications = REPLICATIONS } = question;
  const metric = metricOf(question.metric);
  const strategies = strategiesOf(resolved, question.named);
  const factors = factorsOf(vary, resolved, strategies, format);
  const results: Sensitivity[] = [];
  for (const spec of strategies)
    results.push(
      await sensitivity({ situation, factors, spec, metric, samples, walks, replications, simulate }),
    );
  return results;
}
