/** `outcomes` from a resolved situation: times by simulation, fates by the protocol, costs from both. */

import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import { isReference, REFERENCE, routesOf } from '../../sim/strategies/lookup.js';
import { isDeterministic } from '../run.js';
import { type AllTimes, answerOutcomes, type CostQuestion, type OutcomesAnswer } from './costs.js';
import { timesOnDemand } from './stop-times.js';

/** Means of stops settle quickly; more only where the user asks for it. */
const REPLICATIONS = 5;

/** The whole answer. `asked`: which of the shared flags the user gave. */
export function outcomes(
  resolved: Resolved,
  question: (times: AllTimes) => CostQuestion,
  asked: { readonly replications: boolean; readonly strategies: boolean },
  onRun: (done: number, of: number) => void = () => {},
): OutcomesAnswer {
  const { scenario, strategies, seed } = resolved;
  if (strategies.every(({ name }) => isReference(name)))
    throw new InputError(`--strategy: '${REFERENCE.name}' has no bitmap; nothing can become of it`);
  const shown = asked.strategies ? strategies : [...strategies, REFERENCE];
  const few = asked.replications ? resolved.replications : Math.min(REPLICATIONS, resolved.replications);
  const replications = Array.from({ length: isDeterministic(scenario) ? 1 : few }, (_, i) => i);
  const times = timesOnDemand({ scenario, strategies: shown, seed, replications, onRun });
  return answerOutcomes(resolved, times, question(times), routesOf(shown));
}
