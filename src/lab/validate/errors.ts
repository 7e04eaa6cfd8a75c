/**
 * Errors of predictions, taken over configurations: repeats of one configuration and phase differ by noise only,
 * so the median of the measured is compared with the median of the predicted.
 */
import { mean, median, quantile } from 'simple-statistics';
import { Z95 } from '../../stats/interval.js';
import { groupBy } from './rows.js';

/** One measured stop with its prediction. */
export interface Judged {
  readonly config: string;
  /** The release it was measured on, as the file says it; empty where it does not. */
  readonly qemu?: string;
  readonly phase: string;
  readonly measuredMs: number;
  readonly predictedMs: number;
  /** Standard deviation of the prediction, from its causes (sim/stop/interval.ts). */
  readonly sdMs: number;
}

export interface JudgeOptions {
  /** Shorter measured stops are left out of the percentages. */
  readonly minMs: number;
  /** Verdicts are "over or under this". */
  readonly budgetMs: number;
}

export interface ErrorRow {
  readonly config: string;
  readonly qemu?: string;
  readonly phase: string;
  readonly measured_ms: number;
  /** Of the repeats. */
  readonly measured_least_ms: number;
  readonly measured_most_ms: number;
  readonly predicted_ms: number;
  readonly lo_ms: number;
  readonly hi_ms: number;
  readonly ape: number;
}

export interface ErrorReport {
  readonly n: number;
  readonly median_ape: number | null;
  readonly p90_ape: number | null;
  readonly max_ape: number | null;
  readonly mae_ms: number | null;
  /** Signed, as a fraction: above 0, predictions are too long. */
  readonly bias_pct: number | null;
  /** Over all configurations, short ones too; those measured within 5 % of the budget are borderline, not wrong. */
  readonly wrong_verdicts: number;
  readonly borderline: number;
  /** Share of single stops (repeats, not medians) inside their 95 % prediction interval; short ones left out. */
  readonly coverage95: number | null;
  readonly short: { readonly n: number; readonly p90_abs_ms: number | null };
  readonly rows: readonly ErrorRow[];
}

/** Verdicts on a stop so near the budget are decided by the noise of its measurement. */
const BORDERLINE = 0.05;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const orNull = (values: readonly number[], of: (values: number[]) => number): number | null =>
  values.length === 0 ? null : of([...values]);
const p90 = (values: number[]): number => quantile(values, 0.9);

export function judge(stops: readonly Judged[], { minMs, budgetMs }: JudgeOptions): ErrorReport {
  const groups = [
    ...groupBy(stops, ({ config, qemu = '', phase }) => `${qemu}\n${config}\n${phase}`).values(),
  ].map((repeats) => ({
    repeats,
    row: errorRow(repeats),
  }));
  const long = groups.filter(({ row }) => row.measured_ms >= minMs);
  const short = groups.filter(({ row }) => row.measured_ms < minMs);
  const apes = long.map(({ row }) => row.ape);
  const signed = long.map(({ row }) => (row.predicted_ms - row.measured_ms) / row.measured_ms);
  const inside = long.flatMap(({ repeats }) =>
    repeats.map(({ measuredMs, predictedMs, sdMs }) =>
      Math.abs(measuredMs - predictedMs) <= Z95 * sdMs ? 1 : 0,
    ),
  );
  const absolute = ({ row }: { row: ErrorRow }): number => Math.abs(row.predicted_ms - row.measured_ms);
  const isWrong = (row: ErrorRow): boolean => row.predicted_ms > budgetMs !== row.measured_ms > budgetMs;
  const isBorderline = (row: ErrorRow): boolean =>
    Math.abs(row.measured_ms - budgetMs) <= BORDERLINE * budgetMs;
  return {
    n: long.length,
    median_ape: orNull(apes, median),
    p90_ape: orNull(apes, p90),
    max_ape: orNull(apes, (values) => Math.max(...values)),
    mae_ms: orNull(long.map(absolute), mean),
    bias_pct: orNull(signed, mean),
    wrong_verdicts: groups.filter(({ row }) => isWrong(row) && !isBorderline(row)).length,
    borderline: groups.filter(({ row }) => isWrong(row) && isBorderline(row)).length,
    coverage95: orNull(inside, mean),
    short: { n: short.length, p90_abs_ms: orNull(short.map(absolute), p90) },
    rows: groups.map(({ row }) => row),
  };
}

function errorRow(repeats: readonly Judged[]): ErrorRow {
  const { config, qemu, phase } = repeats[0]!;
  const times = repeats.map(({ measuredMs }) => measuredMs);
  const measured = median(times);
  const predicted = median(repeats.map(({ predictedMs }) => predictedMs));
  const halfWidth = Z95 * median(repeats.map(({ sdMs }) => sdMs));
  return {
    config,
    ...(qemu ? { qemu } : {}),
    phase,
    measured_ms: round(measured, 3),
    measured_least_ms: round(Math.min(...times), 3),
    measured_most_ms: round(Math.max(...times), 3),
    predicted_ms: round(predicted, 3),
    lo_ms: round(Math.max(0, predicted - halfWidth), 3),
    hi_ms: round(predicted + halfWidth, 3),
    ape: round(Math.abs(predicted - measured) / Math.max(Math.abs(measured), 1e-9), 5),
  };
}
