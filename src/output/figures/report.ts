/** report.html: question, answer in words, figures, table. One file that needs nothing outside itself. */

import { isReference } from '../../sim/strategies/lookup.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import type { Manifest } from '../../sweep/results/manifest.js';
import { lines, type Markup, markup, trusted } from '../markup.js';
import {
  budgetOf,
  type FigureData,
  firstRowsNote,
  num,
  shown,
  stopping,
  strategyOf,
  varying,
} from './data.js';
import type { DrawnFigure } from './draw-all.js';

const STYLE = `body{font:16px/1.5 'DejaVu Sans',Verdana,sans-serif;color:#222;max-width:960px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25}figure{margin:2rem 0}svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.8rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
th{position:sticky;top:0;background:#fff;text-align:right}td.word{text-align:left}
td.too-much,td.failed,td.not-converged,td.borderline{color:#b00020;font-weight:bold}td.fits,td.fits-with-limit{color:#00644a}
.table{overflow:auto;max-height:32rem}.quiet{color:#666;font-size:.8rem}`;

/** How often each strategy fits the budget, a sentence each. */
function verdicts(rows: readonly Row[]): readonly string[] {
  const budget = budgetOf(rows);
  if (budget === undefined) return [];
  const names = [
    ...new Set(rows.filter((row) => !isReference(row.strategy!)).map((row) => strategyOf(row, rows))),
  ];
  return names.map((name) => {
    const own = rows.filter((row) => strategyOf(row, rows) === name);
    const fits = own.filter((row) => row.verdict === 'fits').length;
    const lowered = own.filter((row) => row.verdict === 'fits-with-limit').length;
    const more = lowered === 0 ? '' : `, in ${lowered} more with a lower downtime-limit`;
    const means = stopping(own, 'downtime_ms').rows.map((row) => num(row, 'downtime_mean_ms'));
    const worst = Math.max(...means.filter(Number.isFinite));
    const longest = Number.isFinite(worst)
      ? `; its longest mean downtime is ${shown('downtime_ms', String(worst))}`
      : '';
    return `${name} fits the budget of ${shown('budget_ms', String(budget))} in ${fits} of ${own.length} situations${more}${longest}.`;
  });
}

const STATISTICS: readonly (readonly [column: string, head: string])[] = [
  ['n', 'n'],
  ['downtime_mean_ms', 'downtime, mean'],
  ['downtime_ci95_low_ms', '95 % from'],
  ['downtime_ci95_high_ms', 'to'],
  ['downtime_p95_ms', 'p95'],
  ['bitmap_downtime_mean_ms', 'due to the bitmaps'],
  ['p_over_budget', 'share over budget'],
  ['verdict', 'verdict'],
];

function cell(column: string, text: string): Markup {
  const value =
    column === 'p_over_budget' && text !== ''
      ? `${Number((100 * Number(text)).toPrecision(3))} %`
      : shown(column, text);
  if (!Number.isNaN(Number(text))) return markup`<td>${value}</td>`;
  return markup`<td class="word ${column === 'verdict' ? text : ''}">${value}</td>`;
}

/** How many rows have an interval of too few replications, where there are some. */
function fewText(rows: readonly Row[]): readonly string[] {
  const few = rows.filter(({ too_few }) => too_few === 'true').length;
  if (few === 0) return [];
  return [
    `In ${few} of ${rows.length} rows the replications are too few for the interval of the downtime (too_few in summary.csv): where a sample is so small or skewed, it holds less often than 95 times in 100.`,
  ];
}

const TABLE_ROWS_MAX = 2000;

function table(rows: readonly Row[]): Markup {
  const parameters = varying(rows);
  const heads = [...parameters.map(columnLabel), 'strategy', ...STATISTICS.map(([, head]) => head)];
  const body = rows.slice(0, TABLE_ROWS_MAX).map((row) => {
    const cells = [
      ...parameters.map((column) => cell(column, row[column] ?? '')),
      markup`<td class="word">${strategyOf(row, rows)}</td>`,
      ...STATISTICS.map(([column]) => cell(column, row[column] ?? '')),
    ];
    return markup`<tr>${cells}</tr>`;
  });
  const cut =
    rows.length > TABLE_ROWS_MAX
      ? markup`<p class="quiet">The first ${TABLE_ROWS_MAX} of ${rows.length} rows; all are in summary.csv.</p>`
      : '';
  const head = heads.map((text) => markup`<th>${text}</th>`);
  return markup`<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${lines(body)}</tbody></table></div>${cut}`;
}

/** The page; same rows and figures, same bytes. */
export function reportHtml(manifest: Manifest, data: FigureData, figures: readonly DrawnFigure[]): string {
  const rows = data.summary;
  const cut = firstRowsNote(data);
  const remarks = [...(cut === '' ? [] : [cut]), ...fewText(rows)];
  const { file, name } = manifest.experiment;
  const title = file.title ?? name;
  const answers = [...figures.map((figure) => `${figure.title}.`), ...verdicts(rows)];
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style>${trusted(STYLE)}</style></head><body>
<h1>${title}</h1>
<p>${file.question.trim()}</p>
<h2>Answer</h2>
<ul>${lines(answers.map((answer) => markup`<li>${answer}</li>`))}</ul>
${lines(figures.map((figure) => markup`<figure id="${figure.name}">${trusted(figure.svg)}</figure>`))}
<h2>Numbers</h2>
${remarks.map((text) => markup`<p>${text}</p>\n`)}${table(rows)}
<p class="quiet">Experiment ${name}, stopgap ${manifest.version}, seed ${manifest.seed}. Every row of runs.csv can be run again: <code>stopgap repro DIR RUN-ID</code>.</p>
</body></html>
`;
  return page.text;
}
