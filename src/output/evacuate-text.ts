/** What `evacuate` found: a line for each strategy, and how many may migrate at a time. */
import { counted } from '../base/counted.js';
import type { EvacuationAnswer, StrategyEmptying } from '../study/evacuate/evacuate.js';
import { strategyTitle } from '../study/run.js';
import { cellText, csvText } from '../sweep/results/csv.js';
import { time, VERDICT_WORDS } from './answer-text.js';
import { valueText } from './quantity-text.js';
import type { DrawTable } from './table.js';

/** `95 %`: the quantile of the stops that has to keep the budget. */
export const keptShare = ({ question }: Pick<EvacuationAnswer, 'question'>): string =>
  valueText(1 - Number(question.allowed_share), 'share');

function largestText({ parallel_that_fits }: StrategyEmptying, { vms }: EvacuationAnswer): string {
  if (parallel_that_fits === null) return 'not one';
  return parallel_that_fits === vms ? 'all' : String(parallel_that_fits);
}

function sentenceOn(each: StrategyEmptying, answer: EvacuationAnswer): string {
  const { vms, budget_ms } = answer;
  const title = strategyTitle(each);
  const { parallel_that_fits: largest, looked_at } = each;
  if (largest === null) {
    const alone = looked_at[0]!;
    const why =
      each.reason === null
        ? `a VM that migrates alone stops for ${time(alone.downtime_ms.p95)}`
        : each.reason;
    return `${title} does not fit ${time(budget_ms)} even one at a time: ${why}.`;
  }
  const at = looked_at.find(({ parallel }) => parallel === largest)!;
  const emptied = `${keptShare(answer)} of the stops end within ${time(at.downtime_ms.p95)}, the longest takes ${time(at.downtime_ms.max)}, and the host is empty after ${time(at.emptied_ms.mean)}`;
  const next = looked_at.find(({ parallel }) => parallel > largest);
  const most = largest === vms ? `all ${vms} at once` : `up to ${largest} at a time`;
  const beyond = next ? `; ${next.parallel} at a time: ${time(next.downtime_ms.p95)}` : '';
  return `${title} fits ${time(budget_ms)} with ${most}: ${emptied}${beyond}.`;
}

/** The answer as a table and sentences. */
export function evacuationText(answer: EvacuationAnswer, table: DrawTable): string {
  const { vms, parallel, evacuations, budget_ms, strategies, judged, question } = answer;
  const right = (title: string) => ({ title, align: 'right' as const });
  const drawn = table(
    [
      { title: 'strategy' },
      right('stop'),
      right('p95'),
      right('longest'),
      right(`over ${time(budget_ms)}`),
      right('host empty after'),
      { title: 'verdict' },
      right('at a time that fits'),
    ],
    strategies.map((each) => {
      const { downtime_ms: stop, emptied_ms } = each;
      return [
        strategyTitle(each),
        time(stop.mean),
        time(stop.p95),
        time(stop.max),
        `${Number((100 * each.p_over_budget).toPrecision(3))} %`,
        time(emptied_ms.mean),
        VERDICT_WORDS[each.verdict],
        largestText(each, answer),
      ];
    }),
  );
  const told = judged === null ? strategies : [strategies[judged]!];
  const at = parallel === 1 ? 'one at a time' : `${parallel} at a time`;
  return [
    `${counted(vms, 'VM leaves', 'VMs leave')} the host, ${at}: how long each stands still, and when the host is empty`,
    '',
    drawn,
    '',
    ...told.map((each) => `- ${sentenceOn(each, answer)}`),
    '',
    `Asked: storage ${question.storage}, link ${question.link}; ${counted(evacuations, 'evacuation', 'evacuations')}, ${counted(evacuations * vms, 'stop', 'stops')}.`,
    '',
  ].join('\n');
}

/** One line for each strategy and number at a time that was looked at. */
export function evacuationCsv({ strategies, vms, evacuations }: EvacuationAnswer): string {
  const head = [
    'strategy',
    'variant',
    'vms',
    'parallel',
    'evacuations',
    'downtime_ms',
    'downtime_p50_ms',
    'downtime_p95_ms',
    'downtime_max_ms',
    'emptied_ms',
    'fits',
  ];
  const rows = strategies.flatMap(({ strategy, variant, looked_at }) =>
    looked_at.map(({ parallel, downtime_ms: { mean, p50, p95, max }, emptied_ms, fits }) =>
      [strategy, variant, vms, parallel, evacuations, mean, p50, p95, max, emptied_ms.mean, fits].map(
        cellText,
      ),
    ),
  );
  return csvText([head, ...rows]);
}
