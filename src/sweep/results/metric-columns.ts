/** Columns of runs.csv for the metrics of every run (src/sim/machine/metrics.ts): what a kind means for a file. */
import { toMs } from '../../base/units.js';
import { METRIC_NAMES, metricRow } from '../../sim/machine/measure.js';
import type { MetricName, MetricRow, RunMetrics } from '../../sim/machine/metrics.js';
import { PHASE_MEANING, PHASES } from '../../sim/machine/phases.js';
import type { ResultColumn } from './column.js';

interface Written {
  readonly unit: string;
  readonly type: ResultColumn['type'];
  readonly cell: (value: number) => number;
}

const same = (value: number): number => value;

const WRITTEN: Readonly<Record<MetricRow['kind'], Written>> = {
  time: { unit: 'ms', type: 'number', cell: toMs },
  bytes: { unit: 'B', type: 'integer', cell: Math.round },
  count: { unit: '', type: 'integer', cell: same },
  ratio: { unit: '1', type: 'number', cell: same },
};

function column(
  name: string,
  { kind, meaning, label }: Pick<MetricRow, 'kind' | 'meaning' | 'label'>,
  pick: (metrics: RunMetrics) => number | null,
): ResultColumn {
  const { unit, type, cell } = WRITTEN[kind];
  return {
    name,
    unit,
    type,
    meaning,
    ...(label ? { label } : {}),
    value: ({ metrics }) => {
      const value = metrics && pick(metrics);
      return value === null ? null : cell(value);
    },
  };
}

function columnsOf(name: MetricName): readonly ResultColumn[] {
  const row = metricRow(name);
  if (name !== 'phasesNs') return [column(row.column, row, (metrics) => metrics[name])];
  return PHASES.map((phase) =>
    column(
      `phase_${phase}_ms`,
      { kind: row.kind, meaning: `${row.meaning}: ${PHASE_MEANING[phase]}` },
      (metrics) => metrics.phasesNs[phase],
    ),
  );
}

/** The numbers of every run. */
export const RUN_METRICS: readonly ResultColumn[] = METRIC_NAMES.flatMap(columnsOf);

/** Those of which summary.csv has all statistics; of the others it has the mean. */
export const SPREAD_METRICS: readonly string[] = METRIC_NAMES.map(metricRow)
  .filter((row) => row.summary === 'spread')
  .map((row) => row.column);
