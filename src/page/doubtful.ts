/** How sure an answer is, as `ask --uncertainty` tells it, worked out in this one thread. */
import type { Resolved } from '../input/resolve.js';
import { uncertaintySentences, uncertaintyTable } from '../output/uncertainty-text.js';
import type { Answer } from '../study/answer/answer.js';
import type { Simulate } from '../study/simulate.js';
import { DRAWS } from '../study/uncertainty/draws.js';
import { uncertainty } from '../study/uncertainty/uncertainty.js';
import { runTask } from '../sweep/run/task.js';
import { captured, type ShownDoubt } from './protocol.js';

const simulate: Simulate = async (work) => {
  const { parts } = await runTask([work]);
  return parts[0]!;
};

/** `situation`: the same question with some figures set otherwise. */
export async function doubtful(
  resolved: Resolved,
  stated: Answer,
  situation: (settings: Readonly<Record<string, unknown>>) => Promise<Resolved>,
): Promise<ShownDoubt> {
  const verdicts = stated.strategies.map(({ verdict }) => verdict);
  const result = await uncertainty({ resolved, verdicts, draws: DRAWS, situation, simulate });
  return {
    sentences: uncertaintySentences(stated, result),
    table: captured((table) => uncertaintyTable(stated, result, table)),
  };
}
