/** `outcomes` from a resolved situation: times by simulation, fates by the protocol, costs from both. */

import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import type { StrategySpec } from '../../sim/scenario.js';
import { isDeterministic, strategyLabel, variantOf } from '../run.js';
import { type AllTimes, answerOutcomes, type CostQuestion, type OutcomesAnswer } from './costs.js';
import { preFlushOf, timesOnDemand } from './stop-times.js';

/** Means of stops settle quickly; more only where the user asks for it. */
const REPLICATIONS = 5;

interface Labelled {
  readonly strategy: string;
  readonly variant: string | null;
}

const among =
  (asked: readonly StrategySpec[]) =>
  ({ strategy, variant }: Labelled): boolean =>
    asked.some((spec) => spec.name === strategy && variantOf(spec) === variant);

/** Only the strategies that were asked for. */
function only(answer: OutcomesAnswer, asked: readonly StrategySpec[]): OutcomesAnswer {
  const wanted = among(asked);
  const labels = new Set(answer.strategies.filter(wanted).map(strategyLabel));
  return {
    ...answer,
    strategies: answer.strategies.filter(wanted),
    cells: answer.cells.filter(wanted),
    fault: answer.fault && { ...answer.fault, cells: answer.fault.cells.filter(wanted) },
    costs: {
      ...answer.costs,
      probabilities: answer.costs.probabilities.filter(wanted),
      strategies: answer.costs.strategies.filter(wanted),
      break_even: answer.costs.break_even.filter((each) => labels.has(each.below) && labels.has(each.above)),
      exchange: answer.costs.exchange.filter((each) => labels.has(each.spares) && labels.has(each.than)),
    },
  };
}

/** The whole answer. `asked`: which of the shared flags the user gave. */
export function outcomes(
  resolved: Resolved,
  question: (times: AllTimes) => CostQuestion,
  asked: { readonly replications: boolean; readonly strategies: boolean },
  onRun: (done: number, of: number) => void = () => {},
): OutcomesAnswer {
  const { scenario, strategies, seed } = resolved;
  if (strategies.every(({ name }) => name === 'none'))
    throw new InputError("--strategy: 'none' has no bitmap; nothing can become of it");
  const preFlush = preFlushOf(strategies);
  const few = asked.replications ? resolved.replications : Math.min(REPLICATIONS, resolved.replications);
  const replications = Array.from({ length: isDeterministic(scenario) ? 1 : few }, (_, i) => i);
  const times = timesOnDemand({ scenario, preFlush, seed, replications, onRun });
  const answer = answerOutcomes(resolved, times, question(times), preFlush.layout);
  return asked.strategies ? only(answer, strategies) : answer;
}
