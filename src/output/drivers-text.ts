/** What `sensitivity DIR` found in the rows of a sweep: a table, a sentence, the box; and the indices in SALib's form. */
import { strategyTitle } from '../study/run.js';
import type { Driver, Drivers } from '../sweep/drivers.js';
import { cellText, csvText } from '../sweep/results/csv.js';
import { formatTable } from './table.js';

const share = (value: number): string => `${(value * 100).toFixed(0)} %`;
const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Largest share first. */
export function byShare({ drivers }: Drivers): readonly Driver[] {
  return [...drivers].sort((a, b) => b.first - a.first);
}

/** One strategy's result. */
export function driversText(result: Drivers): string {
  const { output, points, runs, sentence, box, over_budget } = result;
  const rows = byShare(result).map(({ path, first, first_ci95: [low, high] }) => [
    path,
    `${share(first)} ± ${((high - low) * 50).toFixed(0)}`,
  ]);
  return [
    `What drives ${output} of ${strategyTitle(result)}: share of its variance that each axis explains alone (95 %)`,
    '',
    formatTable([{ title: 'parameter' }, { title: 'alone', align: 'right' }], rows),
    '',
    `${capital(sentence)}.`,
    box === null ? `Over budget: ${share(over_budget)} of the points.` : `${capital(box)}.`,
    `${points} points, ${runs} runs.`,
    '',
  ].join('\n');
}

/** The columns of SALib's tables that given points can fill. */
export function driversCsv(results: readonly Drivers[]): string {
  const rows = results.flatMap(({ strategy, variant, output, drivers }) =>
    drivers.map(({ path, first, first_ci95: [low, high] }) => [
      strategy,
      variant,
      output,
      path,
      first,
      (high - low) / 2,
    ]),
  );
  const head = ['strategy', 'variant', 'output', 'names', 'S1', 'S1_conf'];
  return csvText([head, ...rows.map((row) => row.map(cellText))]);
}
