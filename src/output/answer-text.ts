/** The answer to one situation as a person reads it: a table of strategies, the verdict, the break-even. */

import { counted } from '../base/counted.js';
import { formatRate, formatSize, formatTime } from '../base/units.js';
import { shareText } from '../input/companion.js';
import { qemuText } from '../sim/qemu/releases.js';
import { isJudged, isReference, JUDGED, leavesDurableCopy } from '../sim/strategies/lookup.js';
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer, TimeSummary } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import type { Verdict } from '../study/verdict.js';
import { chanceAloneText } from './chance-alone-text.js';
import { bitmapsOf, bytesBelow, disksText } from './disks-text.js';
import { copyModeOf, mirrorText } from './mirror-text.js';
import { type DrawTable, formatTable } from './table.js';
import { tooFewText } from './too-few-text.js';
import { uncertaintyText } from './uncertainty-text.js';
import { guestText, verdictText } from './verdict-text.js';

/** Milliseconds with a fitting unit. */
export const time = (milliseconds: number): string => formatTime(milliseconds * 1e6);

/** `412 ms ± 3 ms`; without the spread where there is none. */
export function withInterval(summary: TimeSummary): string {
  const half = halfOf(summary);
  return half > 0 ? `${time(summary.mean)} ± ${time(half)}` : time(summary.mean);
}

/** Half of the interval, 0 where it is less than the last digit that is shown. */
function halfOf({ mean, ci95 }: TimeSummary): number {
  const half = ci95 ? (ci95[1] - ci95[0]) / 2 : 0;
  return half > Math.abs(mean) * 0.0005 ? half : 0;
}

/** Whether an interval of these is shown that is of too few replications. */
export function isShownTooFew({ too_few, state }: StrategyAnswer, shown: readonly TimeSummary[]): boolean {
  return too_few && state === 'completed' && shown.some((summary) => halfOf(summary) > 0);
}

/** What the strategy costs besides downtime. */
function elsewhere(s: StrategyAnswer): string {
  if (isReference(s.strategy)) return '';
  if (s.state !== 'completed') return s.reason ?? '';
  if (s.bitmap_ready_ms === null) return 'the destination starts without the bitmap: next backup is full';
  const costs: string[] = [];
  if (s.ram_change_ms < 0) costs.push('the core waits until less RAM is left to send');
  if (s.bytes_written_running > 0)
    costs.push(`${formatSize(s.bytes_written_running)} written while the guest runs`);
  if (s.guest_slowdown > 1.001)
    costs.push(`guest writes ${Number(((s.guest_slowdown - 1) * 100).toPrecision(2))} % slower`);
  if (s.stream_bytes > 0) costs.push(`${formatSize(s.stream_bytes)} on the link`);
  if (s.bitmap_ready_ms > 0) costs.push(`bitmap complete ${time(s.bitmap_ready_ms)} after the resume`);
  if (s.bytes_written_stopped > 0) costs.push(`${formatSize(s.bytes_written_stopped)} written in the stop`);
  return costs.join(', ');
}

/** Each verdict as a table says it. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  fits: 'fits',
  'fits-with-limit': 'lower limit',
  borderline: 'borderline',
  'too-much': 'too much',
  'not-converged': 'never stops',
  failed: 'FAILED',
};

interface Cells {
  readonly title: string;
  readonly cell: (s: StrategyAnswer) => string;
}

/** The numbers of the table; what is rewritten only where something is written before the stop. */
function numberColumns({ budget_ms, strategies }: Answer): readonly Cells[] {
  const some = (milliseconds: number): string => (milliseconds === 0 ? '.' : time(milliseconds));
  const early = strategies.some((s) => s.bytes_written_running > 0);
  const rewritten: Cells = {
    title: 'rewritten',
    cell: (s) => (s.bytes_rewritten_running === 0 ? '.' : formatSize(s.bytes_rewritten_running)),
  };
  return [
    { title: 'bitmaps add', cell: (s) => withInterval(s.bitmap_downtime_ms) },
    { title: 'their work', cell: (s) => some(s.bitmap_work_ms) },
    { title: 'RAM', cell: (s) => some(s.ram_change_ms) },
    { title: 'whole stop', cell: (s) => withInterval(s.downtime_ms) },
    { title: `of ${time(budget_ms)}`, cell: (s) => `${Math.round((s.bitmap_work_ms / budget_ms) * 100)} %` },
    ...(early ? [rewritten] : []),
  ];
}

/** One row a strategy: what the bitmaps add and its parts, the whole stop, verdict, costs elsewhere. */
export function strategyTable(answer: Answer, table: DrawTable): string {
  const numbers = numberColumns(answer);
  return table(
    [
      { title: 'strategy' },
      ...numbers.map(({ title }) => ({ title, align: 'right' as const })),
      { title: 'verdict' },
      { title: 'what it costs elsewhere' },
    ],
    answer.strategies.map((s) => [
      strategyTitle(s),
      ...numbers.map(({ cell }) => (s.state === 'completed' ? cell(s) : '-')),
      VERDICT_WORDS[s.verdict],
      elsewhere(s),
    ]),
  );
}

/** `32 MiB`, `7 x 8 MiB`, or the sum where the bitmaps are not alike. */
export function sizesText(question: Answer['question']): { readonly sizes: string; readonly alike: boolean } {
  const one = Number(question.bitmap_bytes);
  const all = Number(question.all_bitmaps_bytes);
  const count = bitmapsOf(question);
  if (count === 0) return { sizes: `${formatSize(bytesBelow(question))} in images below`, alike: false };
  const alike = one * count === all;
  if (!alike) return { sizes: `${formatSize(all)} in all`, alike };
  return { sizes: count === 1 ? formatSize(one) : `${count} x ${formatSize(one)}`, alike };
}

const storeOf = (answer: Answer): StrategyAnswer | undefined =>
  answer.strategies.find(({ strategy }) => isJudged(strategy));

/** The break-even as one sentence; empty where nothing can be said. */
export function breakEvenText(answer: Answer): string {
  const store = storeOf(answer);
  if (store?.state !== 'completed') return '';
  const even = answer.break_even;
  const parts: string[] = [];
  if (even.disk_bytes !== null)
    parts.push(
      `${Array.isArray(answer.question.disk_list) && answer.question.disk_list.length > 1 ? 'a largest disk, the others in proportion,' : 'a disk'} of ${formatSize(even.disk_bytes)} (${formatSize(even.bitmap_bytes ?? 0)} of bitmap)`,
    );
  if (even.bitmaps !== null && even.bitmaps >= 1) parts.push(counted(even.bitmaps, 'bitmap'));
  if (even.flush_latency_ms !== null) parts.push(`${time(even.flush_latency_ms)} per request`);
  if (even.flush_bandwidth_bytes_per_s !== null)
    parts.push(`${formatRate(even.flush_bandwidth_bytes_per_s)}`);
  const budget = time(answer.budget_ms);
  if (parts.length > 0) return `Break-even of ${JUDGED.name} at ${budget}, each alone: ${parts.join('; ')}.`;
  const bareMs = store.downtime_ms.mean - store.bitmap_downtime_ms.mean;
  return bareMs >= answer.budget_ms
    ? `Break-even: none; without any bitmap the stop already takes ${time(bareMs)} of ${budget}.`
    : `Break-even: none; no other disk, count, latency or bandwidth alone makes the stop of ${JUDGED.name} fit ${budget}, or stop fitting.`;
}

/** How low it can go, and how far above that each strategy is that leaves a durable copy. */
export function floorText({ floor_ms, strategies }: Answer): string {
  const above = strategies
    .filter((s) => s.state === 'completed' && leavesDurableCopy(s.strategy, s.variant))
    .filter((s) => !isReference(s.strategy))
    .map((s) => `${strategyTitle(s)} ${time(s.above_floor_ms)}`);
  const distances = above.length > 0 ? `; above it: ${above.join(', ')}` : '';
  return (
    `Floor: whatever leaves a durable copy adds at least ${time(floor_ms)} here ` +
    `(directory, header, their flushes, marking in use at the destination)${distances}.`
  );
}

/** Whose intervals in the table are of too few replications; empty where none is. */
function fewText({ strategies }: Answer): string {
  const few = strategies.filter((s) => isShownTooFew(s, [s.bitmap_downtime_ms, s.downtime_ms]));
  return few.length > 0 ? tooFewText(few.map(strategyTitle)) : '';
}

/** One situation: question, table, verdict, break-even, floor. */
export function answerText(answer: Answer, table: DrawTable = formatTable): string {
  const notes = (answer.question.stack_notes as readonly string[] | undefined) ?? [];
  return [
    questionText(answer),
    '',
    strategyTable(answer, table),
    '',
    ...[
      guestText(answer),
      verdictText(answer, sizesText(answer.question).sizes),
      breakEvenText(answer),
      mirrorText(answer) || floorText(answer),
      fewText(answer),
      chanceAloneText([answer]),
    ].filter((text) => text !== ''),
    ...notes.map((text) => `- ${text}.`),
    ...(answer.uncertainty ? ['', uncertaintyText(answer, answer.uncertainty, table)] : []),
    '',
  ].join('\n');
}

/** A value of a preset and what it is called: a size, a share or a mix without the unit in its key. */
function changedWords(key: string, value: unknown): string {
  const [, stem = key, end] = /^(.*)_(bytes|share|mix)$/.exec(key) ?? [];
  if (end === undefined) return `${key} ${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`;
  if (typeof value !== 'number') return `${stem} ${value}`;
  return `${stem} ${end === 'bytes' ? formatSize(value) : shareText(value)}`;
}

/** ` (write_iops 20000)`: values of a preset that were set otherwise, by their keys in the question. */
function changedText(question: Answer['question'], preset: string, others: readonly string[] = []): string {
  // A share or a mix says more than the bytes beside it.
  const isToldBeside = (key: string): boolean =>
    /_bytes$/.test(key) && ['share', 'mix'].some((end) => key.replace(/bytes$/, end) in question);
  const changed = Object.entries(question)
    .filter(([key]) => key.startsWith(`${preset}_`) || others.includes(key))
    .filter(([key]) => !isToldBeside(key))
    .map(([key, value]) =>
      key === `${preset}_mix` ? 'a mix of its own' : changedWords(key.replace(`${preset}_`, ''), value),
    );
  return changed.length === 0 ? '' : ` (${changed.join(', ')})`;
}

/** Whose settings they are. */
function stackText({ stack }: Answer['question']): string {
  return stack === undefined ? 'as QMP drives it (no --stack)' : `as ${String(stack)} drives it`;
}

/** How the figures were got. */
function runsText(strategies: Answer['strategies']): string {
  const drawn = strategies.find(({ deterministic, exact }) => !deterministic && !exact);
  const replications = `${counted(drawn?.replications ?? 0, 'replication')}, 95 % intervals`;
  if (strategies.every(({ exact }) => exact)) return 'exact, nothing drawn';
  if (!drawn) return 'nothing random, one run';
  const known = strategies.filter(({ exact }) => exact).map(strategyTitle);
  return known.length > 0 ? `${known.join(', ')} exact, else ${replications}` : replications;
}

/** The question in one line, with what matters of it. `storage`: what it is called; the preset's name unless told. */
export function questionText(
  answer: Answer,
  storage = String(answer.question.storage),
  driven = stackText(answer.question),
): string {
  const q = answer.question;
  const named = [
    `storage ${storage}${changedText(q, 'storage', ['flush_latency_ms', 'flush_bandwidth_bytes_per_s'])}`,
    `workload ${q.workload}${changedText(q, 'workload')}`,
    `link ${q.link}${changedText(q, 'link')}`,
    `host ${q.host}${changedText(q, 'host')}`,
  ].filter((part) => part !== 'host unknown');
  const bitmaps = bitmapsOf(q);
  const runs = runsText(answer.strategies);
  const { sizes, alike } = sizesText(q);
  const size = alike
    ? `of ${formatSize(Number(q.bitmap_bytes))} (${formatSize(Number(q.granularity_bytes))} granularity)`
    : `of ${sizes}`;
  const listed = disksText(q);
  const copied = copyModeOf(q) === null ? '' : ' copied along';
  const disks = listed
    ? `${listed}${copied}; bitmaps of ${sizes}`
    : `${counted(Number(q.disks), 'disk')} of ${formatSize(Number(q.disk_bytes))}${copied}, ${counted(bitmaps, 'bitmap')} ${size}`;
  return `${disks}, ${named.join(', ')}, QEMU ${qemuText(String(q.qemu))} ${driven}; ${runs}`;
}
