/** What `compare` found: a line for each alternative, and which is best. */

import type { Compared, Estimate } from '../study/compare/compared.js';
import { strategyTitle } from '../study/run.js';
import { cellText, csvText } from '../sweep/results/csv.js';
import { valueText } from './quantity-text.js';
import type { DrawTable } from './table.js';
import { tooFewText } from './too-few-text.js';

/** A line of either kind of comparison. */
export interface ShownRow extends Compared {
  readonly name: string;
  readonly strategy: string;
  readonly variant: string | null;
  readonly mean_ms?: number | null;
  readonly p_best?: number;
  readonly n: number;
}

export interface Shown {
  readonly baseline: string;
  readonly metric: string;
  readonly sentence: string;
  readonly rows: readonly ShownRow[];
}

function amount(metric: string, value: number): string {
  return metric.endsWith('_ms') ? valueText(value, 'ms') : String(Number(value.toPrecision(4)));
}

function half({ ci95 }: Estimate): number {
  return ci95 === null ? 0 : (ci95[1] - ci95[0]) / 2;
}

function differenceText(row: ShownRow, metric: string): string {
  const { difference_ms: difference } = row;
  if (difference === null) return row.change === 'none' ? 'neither ends' : `${row.change}: one does not end`;
  const sign = difference.mean > 0 ? '+' : '';
  const width = half(difference);
  // As with the answers: less than the last digit shown is noise of the sums.
  const doubt = width > Math.abs(difference.mean) * 0.0005 ? ` ± ${amount(metric, width)}` : '';
  return `${sign}${amount(metric, difference.mean)}${doubt}`;
}

/** Digits of a factor that its interval leaves meaningful. */
function factor(value: number, width: number): string {
  const digits = width > 0 ? Math.min(4, Math.max(2, Math.ceil(Math.log10(value / width)) + 1)) : 3;
  return `${Number(value.toPrecision(digits))}`;
}

/** `4.1 ± 0.1 times shorter`: with an interval, where there is a difference at all. */
function ratioText({ ratio, change }: Compared): string {
  if (change === 'none') return 'no difference';
  if (ratio === null) return change;
  const shorter = ratio.mean < 1;
  const times = shorter ? 1 / ratio.mean : ratio.mean;
  const [low, high] = ratio.ci95 ?? [ratio.mean, ratio.mean];
  const width = shorter ? (1 / low - 1 / high) / 2 : (high - low) / 2;
  const doubt = width > 0.0005 * times ? ` ± ${Number(width.toPrecision(1))}` : '';
  return `${factor(times, width)}${doubt} times ${shorter ? 'less' : 'more'}`;
}

/** The comparison as a table and a sentence. */
export function compareText({ baseline, metric, sentence, rows }: Shown, table: DrawTable): string {
  const few = rows.filter(({ too_few }) => too_few).map((row) => `${row.name} (${strategyTitle(row)})`);
  const chances = rows.some(({ p_best }) => p_best !== undefined);
  const drawn = table(
    [
      { title: 'what' },
      { title: 'strategy' },
      ...(chances ? [{ title: metric, align: 'right' as const }] : []),
      { title: 'difference', align: 'right' },
      { title: 'ratio' },
      ...(chances ? [{ title: 'best with', align: 'right' as const }] : []),
      { title: 'runs', align: 'right' },
    ],
    rows.map((row) => [
      row.name,
      strategyTitle(row),
      ...(chances
        ? [row.mean_ms === null || row.mean_ms === undefined ? '-' : amount(metric, row.mean_ms)]
        : []),
      differenceText(row, metric),
      ratioText(row),
      ...(chances ? [(row.p_best ?? 0).toFixed(3)] : []),
      String(row.n),
    ]),
  );
  return [
    `${metric}, beside ${baseline} (same random numbers, 95 %)`,
    '',
    drawn,
    '',
    `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`,
    ...(few.length > 0 ? [tooFewText(few)] : []),
    '',
  ].join('\n');
}

/** One line for each row. */
export function compareCsv({ rows, metric }: Shown): string {
  const head = [
    'name',
    'strategy',
    'variant',
    'metric',
    'difference',
    'difference_ci95_low',
    'difference_ci95_high',
    'ratio',
    'ratio_ci95_low',
    'ratio_ci95_high',
    'change',
    'p_best',
    'n',
    'too_few',
  ];
  const ends = (estimate: Estimate | null) => [
    estimate?.mean ?? null,
    estimate?.ci95?.[0] ?? null,
    estimate?.ci95?.[1] ?? null,
  ];
  const body = rows.map((row) => [
    row.name,
    row.strategy,
    row.variant,
    metric,
    ...ends(row.difference_ms),
    ...ends(row.ratio),
    row.change,
    row.p_best ?? null,
    row.n,
    row.too_few,
  ]);
  return csvText([head, ...body.map((cells) => cells.map(cellText))]);
}
