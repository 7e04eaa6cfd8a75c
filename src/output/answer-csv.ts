/**
 * Answers as CSV: a row for each storage and strategy, with the numbers of the table in the units that their names end in.
 * Columns of the doubt (`ask --uncertainty`) follow where it was asked for.
 */
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer, TimeSummary } from '../study/answer/summary.js';
import type { StrategyUncertainty, Uncertainty } from '../study/uncertainty/uncertainty.js';
import type { Cell } from '../sweep/results/column.js';
import { cellText, csvText } from '../sweep/results/csv.js';

type Columns = readonly (readonly [name: string, cell: (s: StrategyAnswer, answer: Answer) => Cell])[];

const spread = (name: string, of: (s: StrategyAnswer) => TimeSummary): Columns => [
  [`${name}_mean_ms`, (s) => of(s).mean],
  [`${name}_ci95_low_ms`, (s) => of(s).ci95?.[0] ?? null],
  [`${name}_ci95_high_ms`, (s) => of(s).ci95?.[1] ?? null],
];

const COLUMNS: Columns = [
  ['storage', (_, { question }) => String(question.storage)],
  ['strategy', (s) => s.strategy],
  ['variant', (s) => s.variant],
  ['built', (s) => s.built],
  ['state', (s) => s.state],
  ['verdict', (s) => s.verdict],
  ...spread('bitmap_downtime', (s) => s.bitmap_downtime_ms),
  ['bitmap_work_ms', (s) => s.bitmap_work_ms],
  ['ram_change_ms', (s) => s.ram_change_ms],
  ...spread('downtime', (s) => s.downtime_ms),
  ['budget_ms', (_, { budget_ms }) => budget_ms],
  ['p_over_budget', (s) => s.p_over_budget.value],
  ['too_few', (s) => s.too_few],
  ['bytes_written_running', (s) => s.bytes_written_running],
  ['bytes_rewritten_running', (s) => s.bytes_rewritten_running],
  ['bytes_written_stopped', (s) => s.bytes_written_stopped],
  ['stream_bytes', (s) => s.stream_bytes],
  ['guest_slowdown', (s) => s.guest_slowdown],
];

const PARTS = ['input', 'monte_carlo', 'model'] as const;

type DoubtColumns = readonly (readonly [
  name: string,
  cell: (s: StrategyUncertainty, all: Uncertainty) => Cell,
])[];

const DOUBT_COLUMNS: DoubtColumns = [
  ['doubt_stop_mean_ms', (s) => s.stop_ms?.mean ?? null],
  ['doubt_stop_ci95_low_ms', (s) => s.stop_ms?.ci95[0] ?? null],
  ['doubt_stop_ci95_high_ms', (s) => s.stop_ms?.ci95[1] ?? null],
  ...PARTS.map(
    (part) => [`doubt_${part}_sd_ms`, (s: StrategyUncertainty) => s.sd_ms?.[part] ?? null] as const,
  ),
  ...PARTS.map(
    (part) =>
      [`doubt_${part}_variance_share`, (s: StrategyUncertainty) => s.variance_share?.[part] ?? null] as const,
  ),
  ['doubt_p_over_budget', (s) => s.p_over_budget.value],
  ['doubt_p_over_budget_ci95_low', (s) => s.p_over_budget.ci95[0]],
  ['doubt_p_over_budget_ci95_high', (s) => s.p_over_budget.ci95[1]],
  ['doubt_p_verdict_over', (s) => s.p_verdict_over.value],
  ['doubt_unfinished_share', (s) => s.unfinished_share],
  ['doubt_draws', (_, { draws }) => draws],
];

function doubtCells({ uncertainty }: Answer, index: number): string[] {
  if (uncertainty === undefined) return [];
  return DOUBT_COLUMNS.map(([, cell]) => cellText(cell(uncertainty.strategies[index]!, uncertainty)));
}

/** The whole file, header first. All of the answers have their doubt with them, or none. */
export function answersCsv(answers: readonly Answer[]): string {
  const doubted = answers.some(({ uncertainty }) => uncertainty !== undefined);
  const head = [...COLUMNS, ...(doubted ? DOUBT_COLUMNS : [])].map(([name]) => name);
  const rows = answers.flatMap((answer) =>
    answer.strategies.map((s, i) => [
      ...COLUMNS.map(([, cell]) => cellText(cell(s, answer))),
      ...doubtCells(answer, i),
    ]),
  );
  return csvText([head, ...rows]);
}
