/** What `sensitivity DIR` found in the rows of a sweep: a table, a sentence, the box; and the indices in SALib's form. */
import type { Interval } from '../stats/interval.js';
import { strategyTitle } from '../study/run.js';
import type { Driver, Drivers } from '../sweep/drivers.js';
import { cellText, csvText } from '../sweep/results/csv.js';
import type { DrawTable } from './table.js';

const share = (value: number): string => `${(value * 100).toFixed(0)} %`;
const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Largest share first. */
export function byShare({ drivers }: Drivers): readonly Driver[] {
  return [...drivers].sort((a, b) => b.first - a.first);
}

/** Whether the points tell what each axis does in all. */
export function hasTotals({ drivers }: Drivers): boolean {
  return drivers.every(({ total }) => total !== null);
}

const half = (value: number, [low, high]: Interval): string =>
  `${share(value)} ± ${((high - low) * 50).toFixed(0)}`;

/** Where the totals are from, or why there are none. */
function totalsText(result: Drivers): string {
  const { foretold } = result;
  if (foretold === null)
    return hasTotals(result)
      ? 'In all: counted, since the points are a whole grid.'
      : 'Too few points to tell what axes do together.';
  return hasTotals(result)
    ? `In all: of a surface through the points, which foretells ${share(foretold)} of the variance of points left out.`
    : `What axes do together is not told: no surface through the points foretells more than ${share(Math.max(0, foretold))} of the variance of points left out.`;
}

/** One strategy's result. */
export function driversText(result: Drivers, table: DrawTable): string {
  const { output, points, runs, sentence, box, over_budget } = result;
  const right = (title: string) => ({ title, align: 'right' as const });
  const told = hasTotals(result);
  const rows = byShare(result).map(({ path, first, first_ci95, total, total_ci95 }) => [
    path,
    half(first, first_ci95),
    ...(told ? [half(total!, total_ci95!)] : []),
  ]);
  return [
    `What drives ${output} of ${strategyTitle(result)}: share of its variance that each axis explains (Sobol, 95 %)`,
    '',
    table([{ title: 'parameter' }, right('alone'), ...(told ? [right('in all')] : [])], rows),
    '',
    `${capital(sentence)}.`,
    totalsText(result),
    box === null ? `Over budget: ${share(over_budget)} of the points.` : `${capital(box)}.`,
    `${points} points, ${runs} runs.`,
    '',
  ].join('\n');
}

/** The columns of SALib's tables that given points can fill. */
export function driversCsv(results: readonly Drivers[]): string {
  const conf = (interval: Interval | null): number | null =>
    interval === null ? null : (interval[1] - interval[0]) / 2;
  const rows = results.flatMap(({ strategy, variant, output, drivers }) =>
    drivers.map(({ path, first, first_ci95, total, total_ci95 }) => [
      strategy,
      variant,
      output,
      path,
      first,
      conf(first_ci95),
      total,
      conf(total_ci95),
    ]),
  );
  const head = ['strategy', 'variant', 'output', 'names', 'S1', 'S1_conf', 'ST', 'ST_conf'];
  return csvText([head, ...rows.map((row) => row.map(cellText))]);
}
