/** The results of a sweep on the page: filters, axes to pick, points to hover over, a table to sort, a CSV to take along. */
import { budgetOf, num, shown, strategyOf, varying } from '../output/figures/data.js';
import { columnLabel } from '../sweep/results/columns.js';
import { csvText } from '../sweep/results/csv.js';
import { byId, html, saveFile } from './dom.js';
import type { ResultRow, Results } from './protocol.js';
import { type Dot, drawScatter } from './scatter.js';

const TABLE_ROWS_MAX = 500;
const STRATEGY = 'strategy';
/** What is told of the stop, whole or the bitmaps' part. */
const STOPS = /^(?:(?:bitmap_|source_)?downtime|bitmap_work)_/;
/** The whole stop, which is what a budget is for. */
const WHOLE_STOP = /^downtime_/;
const METRICS = /_(?:mean|p50|p95)(?:_ms|_bytes)?$|^p_over_budget$/;

/** What is picked. */
interface View {
  readonly filters: Map<string, string>;
  x: string;
  y: string;
  by: string;
  sort: string;
  descending: boolean;
}

interface Named {
  readonly value: string;
  readonly text: string;
}

function picker(
  title: string,
  options: readonly Named[],
  chosen: string,
  picked: (value: string) => void,
): HTMLElement {
  const id = `p-${title.replace(/\W/g, '-')}`;
  const shownOptions = options.map(({ value, text }) =>
    html('option', { value, selected: value === chosen }, text),
  );
  const select = html('select', { id }, ...shownOptions);
  select.addEventListener('change', () => picked(select.value));
  return html('div', { class: 'field' }, html('label', { for: id }, title), select);
}

const named = (columns: readonly string[]): readonly Named[] =>
  columns.map((value) => ({ value, text: value === STRATEGY ? value : columnLabel(value) }));

/** A row in one line: what it is, and what it gives. */
function tipOf(row: ResultRow, told: readonly string[]): string {
  const values = told.map((column) => `${columnLabel(column)} ${shown(column, row[column] ?? '')}`);
  return [strategyOf(row), ...values, row.verdict ?? ''].filter((text) => text !== '').join(', ');
}

function compare(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  const areNumbers = a !== '' && b !== '' && Number.isFinite(x) && Number.isFinite(y);
  return areNumbers ? x - y : a.localeCompare(b);
}

/** A table whose heads sort it; the verdict stands in front. */
function tableOf(
  rows: readonly ResultRow[],
  columns: readonly string[],
  view: View,
  changed: () => void,
): HTMLElement {
  const heads = columns.map((column) => {
    const button = html('button', { type: 'button' }, column === STRATEGY ? column : columnLabel(column));
    button.addEventListener('click', () => {
      view.descending = view.sort === column && !view.descending;
      view.sort = column;
      changed();
    });
    const sorted = view.sort === column ? (view.descending ? 'descending' : 'ascending') : 'none';
    return html('th', { scope: 'col', 'aria-sort': sorted }, button);
  });
  const body = rows.slice(0, TABLE_ROWS_MAX).map((row) =>
    html(
      'tr',
      {},
      ...columns.map((column) => {
        const text = column === STRATEGY ? strategyOf(row) : (row[column] ?? '');
        const isNumber = text !== '' && Number.isFinite(Number(text));
        return html(
          'td',
          { class: column === 'verdict' ? text : isNumber ? 'right' : undefined },
          shown(column, text),
        );
      }),
    ),
  );
  return html('table', {}, html('thead', {}, html('tr', {}, ...heads)), html('tbody', {}, ...body));
}

/** What a row is called by in a column, among all rows. */
type NameOf = (row: ResultRow, column: string) => string;

function keptRows(rows: readonly ResultRow[], view: View, nameOf: NameOf): ResultRow[] {
  const filters = [...view.filters].filter(([, value]) => value !== '');
  const found = rows.filter((row) => filters.every(([column, value]) => nameOf(row, column) === value));
  const sign = view.descending ? -1 : 1;
  if (view.sort !== '') found.sort((a, b) => sign * compare(a[view.sort] ?? '', b[view.sort] ?? ''));
  return found;
}

function dotsOf(rows: readonly ResultRow[], view: View, nameOf: NameOf, told: readonly string[]): Dot[] {
  const isStop = STOPS.test(view.y);
  // A forced stop has no downtime of its own.
  const never = (row: ResultRow): boolean => isStop && num(row, 'not_converged') > 0;
  return rows
    .filter((row) => never(row) || Number.isFinite(num(row, view.y)))
    .map((row) => ({
      x: view.x === STRATEGY ? nameOf(row, STRATEGY) : (row[view.x] ?? ''),
      y: never(row) ? null : num(row, view.y),
      series: nameOf(row, view.by),
      tip: tipOf(row, told),
    }));
}

/** The form beside the drawing: axes, and a filter for each parameter. */
function controls(
  rows: readonly ResultRow[],
  view: View,
  nameOf: NameOf,
  draw: () => void,
): readonly HTMLElement[] {
  const parameters = varying(rows);
  const axis = (key: 'x' | 'y' | 'by', text: string, columns: readonly string[]): HTMLElement =>
    picker(text, named(columns), view[key], (value) => {
      view[key] = value;
      draw();
    });
  const filter = (column: string): HTMLElement => {
    const values = [...new Set(rows.map((row) => nameOf(row, column)))];
    const options = [{ value: '', text: 'all' }, ...values.map((value) => ({ value, text: value }))];
    return picker(`only ${column === STRATEGY ? column : columnLabel(column)}`, options, '', (value) => {
      view.filters.set(column, value);
      draw();
    });
  };
  const axes = [
    axis('x', 'across', [...parameters, STRATEGY]),
    axis('y', 'up', metricsOf(rows)),
    axis('by', 'a colour for each', [STRATEGY, ...parameters]),
  ];
  return [
    html('details', { open: true }, html('summary', {}, 'Axes'), ...axes),
    html('details', { open: true }, html('summary', {}, 'Filter'), ...[STRATEGY, ...parameters].map(filter)),
  ];
}

const metricsOf = (rows: readonly ResultRow[]): readonly string[] =>
  Object.keys(rows[0] ?? {}).filter((column) => METRICS.test(column));

function firstView(rows: readonly ResultRow[]): View {
  const metrics = metricsOf(rows);
  return {
    filters: new Map(),
    x: varying(rows)[0] ?? STRATEGY,
    y: metrics.includes('downtime_mean_ms') ? 'downtime_mean_ms' : (metrics[0] ?? ''),
    by: STRATEGY,
    sort: '',
    descending: false,
  };
}

/** Rows as a file of results holds them. */
function csvOf(rows: readonly ResultRow[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return csvText([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

/** Fills the page with the results. */
export function showResults({ title, question, rows }: Results): void {
  const view = firstView(rows);
  const parameters = varying(rows);
  const nameOf: NameOf = (row, column) =>
    column === STRATEGY ? strategyOf(row) : shown(column, row[column] ?? '');
  const chart = html('div', { id: 'chart' });
  const table = html('section', { class: 'wide', 'aria-label': 'Rows' });
  const count = html('p', { role: 'status', id: 'count' });
  const draw = (): void => {
    const found = keptRows(rows, view, nameOf);
    const told = [...parameters, view.y];
    const budgetMs = WHOLE_STOP.test(view.y) ? budgetOf(found) : undefined;
    drawScatter(chart, dotsOf(found, view, nameOf, told), view, budgetMs);
    table.replaceChildren(tableOf(found, ['verdict', STRATEGY, ...told], view, draw));
    const cut = found.length > TABLE_ROWS_MAX ? `, the first ${TABLE_ROWS_MAX} in the table` : '';
    count.textContent = `${found.length} of ${rows.length} rows${cut}`;
  };
  const save = html('button', { type: 'button', id: 'save-csv' }, 'Save these rows as CSV');
  save.addEventListener('click', () => saveFile('rows.csv', csvOf(keptRows(rows, view, nameOf)), 'text/csv'));
  byId('situation').replaceChildren(...controls(rows, view, nameOf, draw));
  const parts = [html('h2', {}, title), html('p', {}, question), count, chart, html('p', {}, save), table];
  byId('answer').replaceChildren(...parts);
  draw();
  addEventListener('resize', draw);
}
