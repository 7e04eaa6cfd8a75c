/** Tables as wide as they are, with nothing drawn that a copy into a mail would spoil, and for Markdown (fitted-table.ts: for a terminal). */
import Table from 'cli-table3';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
/** Columns between two columns. */
export const GAP = NO_LINES.middle.length;

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** A picture of what stands beside it: left out where there is no room. */
  readonly spare?: boolean;
}

export type Rows = readonly (readonly string[])[];

/** Columns of a name and its numbers. */
export function numberColumns(titles: readonly string[]): readonly Column[] {
  return titles.map((title, i) => ({ title, align: i === 0 ? 'left' : 'right' }));
}

/** How a table is drawn: lines of text without trailing blanks and without an end of line. Without any title there is no head. */
export type DrawTable = (columns: readonly Column[], rows: Rows) => string;

/** As wide as it is. */
export const formatTable: DrawTable = (columns, rows) => {
  const titles = columns.map(({ title }) => title);
  const table = new Table({
    head: titles.some((title) => title !== '') ? titles : [],
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

/** Whether a cell says that there is nothing to say. */
export const isNothing = (cell: string): boolean => ['', '.', '-'].includes(cell);

/** The same for a page or an issue in Markdown. */
export const markdownTable: DrawTable = (columns, rows) => {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : '---'))),
    ...rows.map(line),
  ].join('\n');
};
