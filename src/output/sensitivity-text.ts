/** What `sensitivity` found: a table, a sentence, the box; and the indices in SALib's form. */
import type { Parameter } from '../input/parameters.js';
import { strategyTitle } from '../study/run.js';
import type { InputIndex, Others, Sensitivity } from '../study/sensitivity/sensitivity.js';
import { cellText, csvText } from '../sweep/results/csv.js';
import { valueText } from './quantity-text.js';
import type { DrawTable } from './table.js';

const UNITS: Readonly<Record<string, string>> = {
  size: 'bytes',
  extent: 'bytes',
  'power-of-two': 'bytes',
  rate: 'bytes/s',
  share: 'share',
  'share-or-auto': 'share',
};

/** A number in base units of a parameter, in words. */
export function parameterText({ kind }: Parameter, value: number): string {
  if (kind === 'time' || kind === 'latency' || kind === 'budget') return valueText(value / 1e6, 'ms');
  return valueText(value, UNITS[kind] ?? '');
}

/** Whole percent; what rounds to nothing has no sign. */
const share = (value: number): string => `${Math.round(value * 100) + 0} %`;
const half = (value: number, [low, high]: readonly [number, number]): string =>
  `${share(value)} ± ${((high - low) * 50).toFixed(0)}`;

/** Those that were changed by themselves, largest total first. */
export function ranked({ indices, others }: Sensitivity): readonly InputIndex[] {
  const alone = indices.filter(({ path }) => !others?.paths.includes(path));
  return alone.sort((a, b) => b.total - a.total);
}

/** How tables and figures call the idle ones. */
export function othersTitle({ paths }: Others): string {
  return `${paths.length} others together`;
}

function amount(result: Sensitivity, value: number): string {
  return result.output.endsWith('_ms') ? valueText(value, 'ms') : String(Number(value.toPrecision(3)));
}

/** The idle ones in one row, with the largest effect among them. */
function othersRow(result: Sensitivity): readonly string[][] {
  const { others, indices } = result;
  if (others === null) return [];
  const idle = indices.filter(({ path }) => others.paths.includes(path));
  const most = Math.max(...idle.map((each) => each.morris_mu_star));
  const effect = `up to ${amount(result, most)}`;
  return [[othersTitle(others), '', half(others.total, others.total_ci95), effect, '']];
}

/** One strategy's result. */
export function sensitivityText(result: Sensitivity, table: DrawTable): string {
  const drawn = table(
    [
      { title: 'parameter' },
      { title: 'alone', align: 'right' },
      { title: 'in all', align: 'right' },
      { title: 'effect', align: 'right' },
      { title: 'its spread', align: 'right' },
    ],
    [
      ...ranked(result).map((each) => [
        each.path,
        half(each.first, each.first_ci95),
        half(each.total, each.total_ci95),
        amount(result, each.morris_mu_star),
        amount(result, each.morris_sigma),
      ]),
      ...othersRow(result),
    ],
  );
  const { output, samples, runs, sentence, box, over_budget } = result;
  return [
    `What drives ${output} of ${strategyTitle(result)}: share of its variance (Sobol, 95 %), effect of the whole range (Morris)`,
    '',
    drawn,
    '',
    `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`,
    box === null
      ? `Over budget: ${share(over_budget)} of the settings.`
      : `${box[0]!.toUpperCase()}${box.slice(1)}.`,
    `${samples} base points, ${runs} runs.`,
    '',
  ].join('\n');
}

/** The columns of SALib's tables, one line for each strategy and parameter. */
export function sensitivityCsv(results: readonly Sensitivity[]): string {
  const head = [
    'strategy',
    'variant',
    'output',
    'names',
    'S1',
    'S1_conf',
    'ST',
    'ST_conf',
    'mu',
    'mu_star',
    'sigma',
  ];
  const conf = ([low, high]: readonly [number, number]): number => (high - low) / 2;
  const rows = results.flatMap(({ strategy, variant, output, indices }) =>
    indices.map((each) => [
      strategy,
      variant,
      output,
      each.path,
      each.first,
      conf(each.first_ci95),
      each.total,
      conf(each.total_ci95),
      each.morris_mu,
      each.morris_mu_star,
      each.morris_sigma,
    ]),
  );
  return csvText([head, ...rows.map((row) => row.map(cellText))]);
}
