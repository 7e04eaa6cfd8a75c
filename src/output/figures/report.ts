/** report.html: question, answer in words, figures, table. One file that needs nothing outside itself. */

import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import type { Manifest } from '../../sweep/results/manifest.js';
import { lines, type Markup, markup, trusted } from '../markup.js';
import { conditionsText } from './conditions.js';
import { type FigureData, firstRowsNote, shown, strategyOf, varying } from './data.js';
import type { DrawnFigure } from './draw-all.js';
import { findingOf } from './paragraph.js';
import { verdictTexts } from './verdicts.js';

const STYLE = `body{font:16px/1.5 'DejaVu Sans',Verdana,sans-serif;color:#222;max-width:960px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25}figure{margin:2rem 0}svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.8rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
th{position:sticky;top:0;background:#fff;padding:0}td.word{text-align:left}
th button{font:inherit;font-weight:bold;border:0;background:none;padding:.4rem .6rem;width:100%;text-align:right;cursor:pointer}
th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
td.too-much,td.failed,td.not-converged,td.borderline{color:#b00020;font-weight:bold}td.fits,td.fits-with-limit{color:#00644a}
.table{overflow:auto;max-height:32rem}.quiet{color:#666;font-size:.8rem}`;

const STATISTICS: readonly (readonly [column: string, head: string])[] = [
  ['n', 'replications'],
  ['downtime_mean_ms', 'downtime, mean'],
  ['downtime_ci95_low_ms', '95 % from'],
  ['downtime_ci95_high_ms', 'to'],
  ['downtime_p95_ms', 'p95'],
  ['bitmap_downtime_mean_ms', 'due to the bitmaps'],
  ['p_over_budget', 'share over budget'],
];

function cell(column: string, text: string): Markup {
  const value =
    column === 'p_over_budget' && text !== ''
      ? `${Number((100 * Number(text)).toPrecision(3))} %`
      : shown(column, text);
  if (!Number.isNaN(Number(text))) return markup`<td data-value="${text}">${value}</td>`;
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

/** The verdict first: it is what the table is looked at for. A click on a head sorts by it. */
function table(rows: readonly Row[]): Markup {
  const parameters = varying(rows);
  const heads = [
    'verdict',
    'strategy',
    ...parameters.map(columnLabel),
    ...STATISTICS.map(([, head]) => head),
  ];
  const body = rows.slice(0, TABLE_ROWS_MAX).map((row) => {
    const cells = [
      cell('verdict', row.verdict ?? ''),
      markup`<td class="word">${strategyOf(row)}</td>`,
      ...[...parameters, ...STATISTICS.map(([column]) => column)].map((column) =>
        cell(column, row[column] ?? ''),
      ),
    ];
    return markup`<tr>${cells}</tr>`;
  });
  const cut =
    rows.length > TABLE_ROWS_MAX
      ? markup`<p class="quiet">The first ${TABLE_ROWS_MAX} of ${rows.length} rows; all are in summary.csv.</p>`
      : '';
  const head = heads.map((text) => markup`<th aria-sort="none"><button type="button">${text}</button></th>`);
  return markup`<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${lines(body)}</tbody></table></div>${cut}`;
}

/**
 * Sorts by the column whose head is clicked, numbers by value and words by the alphabet; a second click turns it round. Empty
 * cells are last either way: a guest that never stops is not the quickest.
 */
const SORT = `for (const button of document.querySelectorAll('th button')) button.onclick = () => {
  const head = button.parentElement, row = head.parentElement, body = row.parentElement.nextElementSibling;
  const up = head.getAttribute('aria-sort') !== 'ascending', at = [...row.children].indexOf(head);
  const value = (tr) => { const td = tr.children[at]; return td.dataset.value ? Number(td.dataset.value) : td.textContent; };
  const turn = up ? 1 : -1;
  const compare = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  const order = (a, b) => a === '' || b === '' ? (a === '') - (b === '') : turn * compare(a, b);
  const sorted = [...body.children].sort((a, b) => order(value(a), value(b)));
  for (const other of row.children) other.setAttribute('aria-sort', 'none');
  head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  body.append(...sorted);
};`;

const list = (texts: readonly string[]): Markup =>
  texts.length === 0 ? markup`` : markup`<ul>${lines(texts.map((text) => markup`<li>${text}</li>`))}</ul>`;

/** A longer list is folded. */
const OPEN_MAX = 8;

/** What each figure found, and of each of its lines what it says. */
function found({ name, title, answers }: DrawnFigure): Markup {
  const each = answers.length > 1 ? list(answers) : '';
  const folded =
    answers.length > OPEN_MAX
      ? markup`<details><summary>Each of ${answers.length} lines</summary>${each}</details>`
      : each;
  return markup`<li><a href="#${name}">${title}.</a>${folded}</li>`;
}

/** The page; same rows and figures, same bytes. */
export function reportHtml(manifest: Manifest, data: FigureData, figures: readonly DrawnFigure[]): string {
  const rows = data.summary;
  const cut = firstRowsNote(data);
  const remarks = [...(cut === '' ? [] : [cut]), ...fewText(rows)];
  const { file, name } = manifest.experiment;
  const title = file.title ?? name;
  const conditions = conditionsText(rows, data);
  const paragraph = findingOf(manifest, rows);
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style>${trusted(STYLE)}</style></head><body>
<h1>${title}</h1>
<p>${file.question.trim()}</p>
<h2>Answer</h2>
${paragraph === undefined ? '' : markup`<p>${paragraph}</p>\n`}<ul>${lines(figures.map(found))}</ul>
${list(verdictTexts(rows))}
<p>${conditions}</p>
${lines(figures.map((figure) => markup`<figure id="${figure.name}">${trusted(figure.svg)}</figure>`))}
<h2>Numbers</h2>
<p><a href="summary.csv">summary.csv</a> has a row for each point and strategy, <a href="runs.csv">runs.csv</a> one for each run, <a href="datapackage.json">datapackage.json</a> what their columns mean. A click on a head sorts.</p>
${remarks.map((text) => markup`<p>${text}</p>\n`)}${table(rows)}
<p class="quiet">Experiment ${name}, stopgap ${manifest.version}, seed ${manifest.seed}. Every row of runs.csv can be run again: <code>stopgap repro DIR RUN-ID</code>.</p>
<script>${trusted(SORT)}</script>
</body></html>
`;
  return page.text;
}
