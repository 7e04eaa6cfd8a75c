/** What `ask --uncertainty` adds to an answer: where a stop may lie, why it may, and whether that changes the verdict. */
import { counted } from '../base/counted.js';
import { formatTime } from '../base/units.js';
import { isReference } from '../sim/strategies/lookup.js';
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import type { StrategyUncertainty, Uncertainty } from '../study/uncertainty/uncertainty.js';
import { canFit } from '../study/verdict.js';
import type { DrawTable } from './table.js';

const time = (milliseconds: number): string => formatTime(milliseconds * 1e6);
const percent = (share: number): string => `${Number((100 * share).toPrecision(share < 0.1 ? 1 : 2))} %`;

function cells({ stop_ms, variance_share, p_over_budget, unfinished_share }: StrategyUncertainty): string[] {
  const over = percent(p_over_budget.value);
  if (stop_ms === null || variance_share === null)
    return [`${percent(unfinished_share)} do not end well`, '-', '-', '-', over];
  const { input, monte_carlo, model } = variance_share;
  const [low, high] = stop_ms.ci95;
  return [`${time(low)} to ${time(high)}`, percent(input), percent(monte_carlo), percent(model), over];
}

/** Whether the doubt decides, in a sentence; the verdict itself stays that of the figures as stated. */
function decision(
  { verdict }: StrategyAnswer,
  { p_verdict_over }: StrategyUncertainty,
  allowed: number,
): string {
  const { value } = p_verdict_over;
  const over = `${percent(value)} of the stops are over the budget (${percent(allowed)} allowed)`;
  if (canFit(verdict))
    return value > allowed
      ? `The doubt decides: with the figures as stated it fits, but within their doubt ${over}.`
      : `It fits within the doubt of the figures too: ${over}.`;
  if (verdict === 'too-much')
    return value < 1 - allowed
      ? `The doubt decides: with the figures as stated it is too much, but within their doubt ${percent(1 - value)} of the stops are not.`
      : `It is too much within the doubt of the figures too: ${over}.`;
  return `Within the doubt of the figures ${over}.`;
}

function drawnText({ figures, draws, runs }: Uncertainty): string {
  const stated = figures.filter((figure) => figure.stated).length;
  return (
    `${counted(figures.length, 'figure')} of the presets may be off (${stated} as they say themselves, the others by their mark): ` +
    `${draws} draws of them, ${counted(runs, 'run')}. What was set, disks, bitmaps and workload are taken as known.`
  );
}

/** A row a strategy: where its stop may lie, and of what that is. */
export function uncertaintyTable(answer: Answer, result: Uncertainty, table: DrawTable): string {
  const rows = answer.strategies.flatMap((summary, i) => {
    const told = [strategyTitle(summary), ...cells(result.strategies[i]!)];
    return isReference(summary.strategy) ? [] : [told];
  });
  const right = (title: string) => ({ title, align: 'right' as const });
  return table(
    [
      { title: 'strategy' },
      right('95 % of the stops'),
      right('of that: figures'),
      right('chance'),
      right('model'),
      right(`over ${time(answer.budget_ms)}`),
    ],
    rows,
  );
}

/** What was drawn, and whether the doubt changes the verdict. */
export function uncertaintySentences(
  { judged, question, strategies }: Answer,
  result: Uncertainty,
): readonly string[] {
  const allowed = Number(question.allowed_share);
  const verdict = judged === null ? [] : [decision(strategies[judged]!, result.strategies[judged]!, allowed)];
  return [drawnText(result), ...verdict];
}

/** Of several answers in a sentence: where their stops may lie. `one`: what tells them apart. Empty where the doubt was not asked for. */
export function doubtSentence(answers: readonly Answer[], one: 'storage' | 'stack'): string {
  const told = answers.flatMap(({ question, judged, uncertainty, strategies }) => {
    if (!uncertainty) return [];
    const [range] = cells(uncertainty.strategies[judged ?? 0]!);
    const whose = one === 'stack' ? ` (${strategyTitle(strategies[judged ?? 0]!)})` : '';
    return [`${range} on ${question[one]}${whose}`];
  });
  if (told.length === 0) return '';
  const [first] = answers;
  const whose = one === 'stack' ? '' : ` of ${strategyTitle(first!.strategies[first!.judged ?? 0]!)}`;
  return `95 % of the stops${whose} last, with all that may be off in the figures: ${told.join(', ')}.`;
}

/** Both, for a terminal. */
export function uncertaintyText(answer: Answer, result: Uncertainty, table: DrawTable): string {
  const [drawn, ...verdict] = uncertaintySentences(answer, result);
  return [drawn, '', uncertaintyTable(answer, result, table), ...verdict].join('\n');
}
