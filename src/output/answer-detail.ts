/** One scenario in detail: the phases of the stop side by side, then the requests of the store. */
import { formatSize, formatTime } from '../base/units.js';
import { METRIC_NAMES, metricRow } from '../sim/machine/measure.js';
import type { MetricRow } from '../sim/machine/metrics.js';
import { PHASE_MEANING, PHASES } from '../sim/machine/phases.js';
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import { columnLabel } from '../sweep/results/columns.js';
import { answerText } from './answer-text.js';
import { type DrawTable, formatTable } from './table.js';

const time = (milliseconds: number): string => (milliseconds === 0 ? '.' : formatTime(milliseconds * 1e6));

function phaseTable(strategies: readonly StrategyAnswer[], table: DrawTable): string {
  const used = PHASES.filter((phase) => strategies.some((s) => s.phases_ms[phase] > 0));
  return table(
    [
      { title: 'phase of the stop' },
      ...strategies.map((s) => ({ title: strategyTitle(s), align: 'right' as const })),
      { title: 'what it is' },
    ],
    [
      ...used.map((phase) => [
        phase,
        ...strategies.map((s) => time(s.phases_ms[phase])),
        PHASE_MEANING[phase],
      ]),
      ['whole stop', ...strategies.map((s) => time(s.downtime_ms.mean)), 'as the guest sees it'],
      [
        'source downtime',
        ...strategies.map((s) => time(s.source_downtime_ms.mean)),
        'as query-migrate reports it',
      ],
      ['bitmaps add', ...strategies.map((s) => time(s.bitmap_downtime_ms.mean)), 'to the whole stop'],
      ['of it their work', ...strategies.map((s) => time(s.bitmap_work_ms)), 'all but the change in RAM'],
      ['of it RAM', ...strategies.map((s) => time(s.ram_change_ms)), 'more or less of it left than without'],
    ],
  );
}

const shown: Readonly<Record<MetricRow['kind'], (value: number) => string>> = {
  time,
  ratio: (value) => String(Number(value.toPrecision(4))),
  count: (value) => (value === 0 ? '.' : String(Number(value.toFixed(1)))),
  bytes: (value) => (value === 0 ? '.' : formatSize(value)),
};

/** What a run counts, of the metrics that an answer tells. */
const COUNTS = METRIC_NAMES.map(metricRow).filter(
  ({ kind, ask }) => (kind === 'count' || kind === 'bytes') && ask !== 'none',
);

/** The mean of a metric, by its column. */
function meanOf(s: StrategyAnswer, column: string): number {
  const value: unknown = Reflect.get(s, column);
  return typeof value === 'number' ? value : 0;
}

function requestTable(strategies: readonly StrategyAnswer[], table: DrawTable): string {
  return table(
    [
      { title: 'means over the replications' },
      ...strategies.map((s) => ({ title: strategyTitle(s), align: 'right' as const })),
    ],
    COUNTS.map(({ column, kind }) => [
      columnLabel(column),
      ...strategies.map((s) => shown[kind](meanOf(s, column))),
    ]),
  );
}

/** The answer, then phases and requests of each strategy. Times of a strategy that never stops are of a forced stop. */
export function detailText(answer: Answer, table: DrawTable = formatTable): string {
  const forced = answer.strategies.filter((s) => s.state === 'not-converged').map(strategyTitle);
  const note =
    forced.length > 0
      ? `\n(${forced.join(', ')}: never stops by itself; times are of a stop forced at the timeout)\n`
      : '';
  return `${answerText(answer, table)}\n${phaseTable(answer.strategies, table)}\n${note}\n${requestTable(answer.strategies, table)}\n`;
}
