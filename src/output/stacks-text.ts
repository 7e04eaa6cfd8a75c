/** One VM on several stacks: a row a stack, with the way its bitmaps go, what they cost, and what to set. */
import type { Answer } from '../study/answer/answer.js';
import { hasRamPart, type StrategyAnswer } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import { isShownTooFew, questionText, sizesText, time, VERDICT_WORDS, withInterval } from './answer-text.js';
import { chanceAloneText } from './chance-alone-text.js';
import { type DrawTable, formatTable } from './table.js';
import { tooFewText } from './too-few-text.js';
import { doubtSentence } from './uncertainty-text.js';

const mainOf = ({ strategies, judged }: Answer): StrategyAnswer => strategies[judged ?? 0]!;

/** What the bitmaps add, RAM's change apart. */
function added(s: StrategyAnswer): string {
  if (s.state !== 'completed') return '-';
  if (s.bitmap_ready_ms === null) return 'nothing: left behind';
  return hasRamPart(s) ? time(s.bitmap_work_ms) : withInterval(s.bitmap_downtime_ms);
}

function row(answer: Answer): readonly string[] {
  const main = mainOf(answer);
  const stops = main.state === 'completed';
  const limit = answer.limit_that_fits_ms;
  const present = Number(answer.question.migration_downtime_limit_ms);
  const set = limit === null ? 'none fits' : limit === present ? 'as it is' : time(limit);
  return [
    String(answer.question.stack),
    strategyTitle(main),
    time(answer.guest_alone_ms),
    added(main),
    stops ? time(main.downtime_ms.mean) : '-',
    stops ? time(main.final_limit_ms) : `${time(main.final_limit_ms)}, never`,
    VERDICT_WORDS[main.verdict],
    set,
  ];
}

/** Answers to one question on several stacks, as text. */
export function stacksText(answers: readonly Answer[], draw: DrawTable = formatTable): string {
  const first = answers[0]!;
  const right = (title: string) => ({ title, align: 'right' as const });
  const table = draw(
    [
      { title: 'stack' },
      { title: 'its way for bitmaps' },
      right('guest alone'),
      right('bitmaps add'),
      right('whole stop'),
      right('limit at the stop'),
      { title: `verdict (${time(first.budget_ms)})` },
      right('limit that fits'),
    ],
    answers.map(row),
  );
  const notes = answers.flatMap(({ question }) => question.stack_notes as readonly string[]);
  const few = answers.filter((answer) => {
    const main = mainOf(answer);
    return !hasRamPart(main) && isShownTooFew(main, [main.bitmap_downtime_ms]);
  });
  return [
    `What becomes of ${sizesText(first.question).sizes} of bitmap on each stack:`,
    '',
    table,
    '',
    ...notes.map((text) => `- ${text}.`),
    ...(few.length > 0 ? [`- ${tooFewText(few.map(({ question }) => String(question.stack)))}`] : []),
    ...[doubtSentence(answers, 'stack'), chanceAloneText(answers)]
      .filter((text) => text !== '')
      .map((text) => `- ${text}`),
    '',
    `Asked: ${questionText(first, undefined, 'as each stack drives it')}. A stack may set granularity and QEMU too (stopgap list stack NAME).`,
    '',
  ].join('\n');
}
