/** The verdict in plain sentences: what the guest takes alone, what the bitmaps add, and what to set. */
import { counted } from '../base/counted.js';
import { formatTime } from '../base/units.js';
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer } from '../study/answer/summary.js';

const time = (milliseconds: number): string => formatTime(milliseconds * 1e6);
const percent = (share: number): string => `${Number((100 * share).toPrecision(share < 0.01 ? 1 : 2))} %`;

const judgedOf = (answer: Answer): StrategyAnswer | null =>
  answer.judged === null ? null : answer.strategies[answer.judged]!;

/** `The guest alone takes 298 ms of 300 ms; the bitmap adds 42 ms (14 %).` Empty where nothing is judged. */
export function guestText(answer: Answer): string {
  const judged = judgedOf(answer);
  if (judged?.state !== 'completed') return '';
  const { guest_alone_ms, guest_alone_most_ms, budget_ms, question } = answer;
  const shareable = answer.bitmap_share_of_budget ?? 0;
  const several = Number(question.bitmaps) * Number(question.disks) > 1;
  // A stop may come at any moment of an iteration: what it took here is not what it may take.
  const may = guest_alone_most_ms > 1.02 * guest_alone_ms;
  const most = may
    ? ` (with as much RAM left as downtime-limit ${time(Number(question.migration_downtime_limit_ms))} allows: ${time(guest_alone_most_ms)})`
    : '';
  const adds = `${several ? 'the bitmaps add' : 'the bitmap adds'} ${time(judged.bitmap_work_ms)} (${percent(shareable)})`;
  return `The guest alone takes ${time(guest_alone_ms)} of ${time(budget_ms)}${most}; ${adds}.`;
}

/** What to set, where setting it helps. */
function settingText({ verdict, limit_that_fits_ms, budget_ms }: Answer): string {
  if (limit_that_fits_ms === null) return '';
  const set = `set downtime-limit to ${limit_that_fits_ms} ms`;
  if (verdict === 'fits-with-limit')
    return ` Lower what RAM may take: ${set}, at which RAM still converges and the whole stop fits ${time(budget_ms)}.`;
  if (verdict === 'not-converged')
    return ` It converges and fits ${time(budget_ms)} with a higher limit: ${set}.`;
  return '';
}

function headText(answer: Answer, sizes: string): string {
  const judged = judgedOf(answer);
  const over = judged?.p_over_budget;
  switch (answer.verdict) {
    case null:
      return '';
    case 'fits':
    case 'fits-with-limit':
      return `No, ${sizes} is not too much here: `;
    case 'too-much':
      return `Yes, ${sizes} is too much here: `;
    case 'borderline':
      return `Borderline after ${counted(judged!.replications, 'replication')} (${percent(over!.value)} over budget, ${percent(over!.ci95[0])} to ${percent(over!.ci95[1])}; ${percent(Number(answer.question.allowed_share))} allowed): `;
    case 'not-converged':
    case 'failed':
      return 'No answer: ';
  }
}

/** The verdict; where no migration ends well, bitmaps stored in its stop are not the trouble. */
export function verdictText(answer: Answer, sizes: string): string {
  return `${headText(answer, sizes)}${answer.because}.${settingText(answer)}`;
}
