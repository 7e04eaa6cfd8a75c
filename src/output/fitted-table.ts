/**
 * Tables for a terminal of some width. Apart from the tables themselves (table.ts), since how wide a character is follows from
 * patterns of all emoji, which take longer to make than most answers.
 */
import stringWidth from 'string-width';
import { keepUnits } from '../base/units.js';
import { fitWidth, wrapped } from './fit-width.js';
import { type Column, type DrawTable, formatTable, GAP, isNothing, type Rows } from './table.js';

/** Words in a narrower column would be a word a line. */
const WORDS_MIN = 24;

/** Rows as blocks: the first cell on a line of its own, the others below it, each behind its title; where there is nothing, not a word. */
function stacked(columns: readonly Column[], rows: Rows, width: number): string {
  const [first, ...others] = columns;
  const half = Math.floor(width / 2) - GAP;
  const titles = others.map(({ title }) => wrapped(title, half).replace(/^/gm, '  '));
  const left = widest(titles);
  const padded = titles.map((title) => title.replace(/^.*$/gm, (line) => line.padEnd(left)));
  const block = ([name = '', ...cells]: readonly string[]): string => {
    // A number by itself says too little.
    const head = first!.align === 'right' ? `${first!.title} ${name}` : name;
    const told = cells.flatMap((cell, i) =>
      isNothing(cell) ? [] : [[padded[i]!, wrapped(cell, width - left - GAP)]],
    );
    const lines = told.length > 0 ? [formatTable([{ title: '' }, { title: '' }], told)] : [];
    return [wrapped(head, width), ...lines].join('\n');
  };
  return rows.map(block).join('\n');
}

/** The last cell of each row on lines of its own below it, behind its title. */
function wordsBelow(columns: readonly Column[], rows: Rows, width: number): string {
  const title = columns.at(-1)!.title.replaceAll('\n', ' ').trim();
  const before = title === '' ? '' : `${title}: `;
  const lines = formatTable(
    columns.slice(0, -1),
    rows.map((row) => row.slice(0, -1)),
  ).split('\n');
  const head = lines.slice(0, lines.length - rows.length);
  const told = rows.map((row, i) => {
    const line = lines[head.length + i]!;
    const words = row.at(-1) ?? '';
    return isNothing(words) ? line : `${line}\n${fitWidth(`    ${before}${words}`, width)}`;
  });
  return [...head, ...told].join('\n');
}

const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, ...text.split('\n').map((line) => stringWidth(line))), 0);

/** Titles over several lines where they are wider than what stands below, `pre-flush/` over `in-place`; all end on the same line. */
function brokenTitles(columns: readonly Column[], cells: readonly number[]): readonly Column[] {
  const titles = columns.map(({ title }, i) => {
    const apart = title.replaceAll('/', '/ ');
    const words = keepUnits(apart).split(' ');
    return wrapped(apart, Math.max(cells[i]!, widest(words))).replaceAll('/ ', '/');
  });
  const heights = titles.map((title) => title.split('\n').length);
  const most = Math.max(...heights);
  return columns.map((column, i) => ({ ...column, title: '\n'.repeat(most - heights[i]!) + titles[i]! }));
}

/** The first of these that has room: as it is, with broken titles, with the words of the last column broken or below, row by row. */
function fitted(columns: readonly Column[], rows: Rows, width: number): string {
  const cells = columns.map((_, i) => widest(rows.map((row) => row[i] ?? '')));
  const total = (some: readonly Column[]): number =>
    some.reduce((sum, { title }, i) => sum + Math.max(cells[i]!, widest([title])) + GAP, -GAP);
  if (total(columns) <= width) return formatTable(columns, rows);
  const front = columns.slice(0, -1);
  const last = columns.at(-1)!;
  if (last.spare)
    return fitted(
      front,
      rows.map((row) => row.slice(0, front.length)),
      width,
    );
  const broken = brokenTitles(columns, cells);
  if (total(broken) <= width) return formatTable(broken, rows);
  const shared = total(broken.slice(0, -1));
  const room = width - shared - GAP;
  if (last.align === 'right' || shared > width) return stacked(columns, rows, width);
  if (room < WORDS_MIN) return wordsBelow(broken, rows, width);
  const title = wrapped(last.title, room);
  return formatTable(
    brokenTitles([...front, { ...last, title }], [...cells.slice(0, -1), room]),
    rows.map((row) => [...row.slice(0, -1), wrapped(row.at(-1) ?? '', room)]),
  );
}

/** How tables are drawn for a terminal so wide. */
export function tableFor(width: number): DrawTable {
  return (columns, rows) => fitted(columns, rows, width);
}
