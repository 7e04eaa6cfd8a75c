/** The same question on several storages: one row a storage, and in a few sentences what the rows have in common. */
import { median } from 'simple-statistics';
import { isJudged, JUDGED, variantNamed } from '../sim/strategies/lookup.js';
import type { Answer } from '../study/answer/answer.js';
import { hasRamPart, type StrategyAnswer } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import type { Verdict } from '../study/verdict.js';
import { isShownTooFew, questionText, sizesText, time, withInterval } from './answer-text.js';
import { chanceAloneText } from './chance-alone-text.js';
import { type DrawTable, formatTable } from './table.js';
import { tooFewText } from './too-few-text.js';
import { doubtSentence } from './uncertainty-text.js';

/** The answers to "too much?". */
const TOO_MUCH: Readonly<Record<Verdict, string>> = {
  fits: 'no',
  'fits-with-limit': 'lower limit',
  borderline: 'borderline',
  'too-much': 'YES',
  'not-converged': 'YES',
  failed: 'YES',
};

/** Said where the time of a stop would be that of a forced one, or of none. */
const NO_TIME: Readonly<Partial<Record<StrategyAnswer['state'], string>>> = {
  'not-converged': 'never stops',
  failed: 'FAILED',
};

/** What the bitmaps add; where RAM has a part in it, both parts, so that luck with RAM is not taken for merit. */
function added(s: StrategyAnswer | undefined): string {
  if (s === undefined) return '';
  const parts = `${time(s.bitmap_work_ms)}, RAM ${time(s.ram_change_ms)}`;
  return NO_TIME[s.state] ?? (hasRamPart(s) ? parts : withInterval(s.bitmap_downtime_ms));
}

const find = (answer: Answer, strategy: string, variant?: string): StrategyAnswer | undefined =>
  answer.strategies.find((s) => s.strategy === strategy && (variant === undefined || s.variant === variant));

/** Time of one cluster write inside the stop. */
function perWrite(store: StrategyAnswer | undefined): string {
  return store && store.clusters_written >= 1
    ? time(store.phases_ms.store_data / store.clusters_written)
    : '';
}

function storageTable(answers: readonly Answer[], table: DrawTable): string {
  const others = answers[0]!.strategies.filter(
    (s) => !isJudged(s.strategy) && (s.bitmap_ready_ms !== null || s.state !== 'completed'),
  );
  const right = (title: string) => ({ title, align: 'right' as const });
  return table(
    [
      { title: 'storage' },
      right('one write'),
      right(`${JUDGED.name} adds`),
      right(`of ${time(answers[0]!.budget_ms)}`),
      { title: 'too much?' },
      ...others.map((s) => right(strategyTitle(s))),
    ],
    answers.map((answer) => {
      const store = find(answer, JUDGED.name);
      return [
        String(answer.question.storage),
        perWrite(store),
        added(store),
        store ? `${Math.round((store.bitmap_downtime_ms.mean / answer.budget_ms) * 100)} %` : '',
        answer.verdict === null ? '' : TOO_MUCH[answer.verdict],
        ...others.map((s) => added(find(answer, s.strategy, s.variant ?? undefined))),
      ];
    }),
  );
}

function storeSentence(answers: readonly Answer[]): string | undefined {
  const store = find(answers[0]!, JUDGED.name);
  if (!store) return undefined;
  const count = (n: number): string => String(Math.round(n));
  const punched = store.store_punches >= 1 ? `, punches ${count(store.store_punches)} of the old copy` : '';
  const limits = answers.flatMap((answer) => answer.break_even.flush_latency_ms ?? []);
  const limit = limits.length > 0 ? median(limits) : undefined;
  const decides = answers.every((answer) => answer.bound_by === 'latency')
    ? 'Latency decides, not bytes: in'
    : 'In';
  return (
    `${decides} the stop QEMU writes ${count(store.clusters_written)} clusters${punched}, and the destination ` +
    `reads them back, one request at a time.` +
    (limit === undefined
      ? ''
      : ` All of it fits ${time(answers[0]!.budget_ms)} up to about ${time(limit)} a request.`)
  );
}

/** What the strategy costs elsewhere, where there is more to say than the table does. */
function remarkOn(s: StrategyAnswer): string[] {
  const { remark } = variantNamed(s.strategy, s.variant);
  if (!remark || s.bitmap_ready_ms === null) return [];
  const means = {
    bitmapReadyMs: s.bitmap_ready_ms,
    bytesWrittenRunning: s.bytes_written_running,
    staleChunksAtStop: s.stale_chunks_at_stop,
  };
  return [remark(strategyTitle(s), means)];
}

function otherSentences(answers: readonly Answer[]): string[] {
  const sentences: string[] = [];
  for (const { strategy, variant } of answers[0]!.strategies) {
    const all = answers.map((answer) => find(answer, strategy, variant ?? undefined)!);
    const first = all[0]!;
    const stuck = all.find((s) => s.state === 'not-converged');
    const broken = all.find((s) => s.state === 'failed');
    const where = answers.filter((_, i) => all[i]!.state === 'not-converged').map((a) => a.question.storage);
    const on = where.length === answers.length ? '' : ` on ${where.join(', ')}`;
    if (stuck)
      sentences.push(`${strategyTitle(first)} never stops the guest by itself${on}: ${stuck.reason}.`);
    else
      sentences.push(...(broken ? [`${strategyTitle(first)} failed: ${broken.reason}.`] : remarkOn(first)));
  }
  return sentences;
}

/** How low the storages let it go. */
function floorSentence(answers: readonly Answer[]): string {
  const floors = answers.map(({ question, floor_ms }) => `${time(floor_ms)} on ${question.storage}`);
  return `Whatever leaves a durable copy adds at least ${floors.join(', ')}.`;
}

/** Whose interval in the table is of too few replications. */
function fewSentence(answers: readonly Answer[]): string | undefined {
  const few = answers.flatMap(({ question, strategies }) =>
    strategies
      .filter((s) => !hasRamPart(s) && isShownTooFew(s, [s.bitmap_downtime_ms]))
      .map((s) => `${strategyTitle(s)} on ${question.storage}`),
  );
  return few.length > 0 ? tooFewText(few) : undefined;
}

/** Answers to one question on several storages, as text. */
export function storagesText(answers: readonly Answer[], table: DrawTable = formatTable): string {
  const first = answers[0]!;
  const { sizes } = sizesText(first.question);
  const sentences = [
    storeSentence(answers),
    ...otherSentences(answers),
    floorSentence(answers),
    fewSentence(answers),
    doubtSentence(answers, 'storage'),
    chanceAloneText(answers),
  ].filter((text) => text !== undefined && text !== '');
  return [
    `Is ${sizes} of bitmap too much? What each way of keeping it adds to the downtime of a live migration:`,
    '',
    storageTable(answers, table),
    '',
    ...sentences.map((text) => `- ${text}`),
    '',
    `Asked: ${questionText(first, 'as above')}.`,
    '',
  ].join('\n');
}
