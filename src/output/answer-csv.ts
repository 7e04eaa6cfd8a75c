/** Answers as CSV: a row for each storage and strategy, with the numbers of the table in the units that their names end in. */
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer, TimeSummary } from '../study/answer/summary.js';
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
  ['bytes_written_running', (s) => s.bytes_written_running],
  ['bytes_rewritten_running', (s) => s.bytes_rewritten_running],
  ['bytes_written_stopped', (s) => s.bytes_written_stopped],
  ['stream_bytes', (s) => s.stream_bytes],
  ['guest_slowdown', (s) => s.guest_slowdown],
];

/** The whole file, header first. */
export function answersCsv(answers: readonly Answer[]): string {
  const rows = answers.flatMap((answer) =>
    answer.strategies.map((s) => COLUMNS.map(([, cell]) => cellText(cell(s, answer)))),
  );
  return csvText([COLUMNS.map(([name]) => name), ...rows]);
}
