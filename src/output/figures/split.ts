/** What tells the rows of a figure apart: one column by colour, the others by panels. */
import { PRESET_PATHS } from '../../input/parameters.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import { columnOf, FOLLOWS, strategyOf, varying } from './data.js';

/** The strategy as readers call it, among the columns that tell rows apart. */
export const STRATEGY: string = 'strategy';

/** What a row has in a column, its strategy by what it is called. */
export const cellOf = (row: Row, column: string): string =>
  column === STRATEGY ? strategyOf(row) : (row[column] ?? '');

export interface Split {
  /** The column that colours stand for; undefined where nothing but the axes differs. */
  readonly colour: string | undefined;
  /** The columns whose values make panels. */
  readonly panels: readonly string[];
}

/** How many rows can be told apart by these columns. */
function told(rows: readonly Row[], columns: readonly string[]): number {
  return new Set(rows.map((row) => JSON.stringify(columns.map((column) => cellOf(row, column))))).size;
}

/** Columns that differ, those first that readers think of as what they compare. */
function candidates(rows: readonly Row[]): readonly string[] {
  const free = varying(rows).filter((name) => !FOLLOWS.has(name));
  const first = [STRATEGY, ...PRESET_PATHS, 'stack'].filter(
    (name) =>
      free.includes(name) || (name === STRATEGY && new Set(rows.map((r) => cellOf(r, name))).size > 1),
  );
  return [...first, ...free.filter((name) => !first.includes(name))];
}

/**
 * The split of these rows over the axes `decided`. Asked for are `by` (colour) and `facet` (panels); whatever else is
 * needed so that no two points share a place in a line makes further panels. `scattered`: every point has a place of
 * its own, so that nothing more is needed.
 */
export function splitOf(
  rows: readonly Row[],
  spec: Pick<FigureSpec, 'by' | 'facet'>,
  decided: readonly string[],
  scattered = false,
): Split {
  const differs = (column: string): boolean => new Set(rows.map((row) => cellOf(row, column))).size > 1;
  const by = spec.by === undefined ? [] : [columnOf(spec.by)];
  const facet = spec.facet === undefined ? [] : [columnOf(spec.facet)].filter(differs);
  const asked = [...by, ...facet];
  const all = candidates(rows).filter((name) => !decided.includes(name) && !asked.includes(name));
  const most = told(rows, [...decided, ...asked, ...all]);
  const isEnough = (columns: readonly string[]): boolean =>
    told(rows, [...decided, ...asked, ...columns]) === most;
  let needed = scattered ? all.filter((name) => name === STRATEGY) : [];
  for (const name of scattered ? [] : all) {
    if (isEnough(needed)) break;
    needed.push(name);
  }
  // The first are taken for what they mean, but a later one may tell the same and more.
  for (const name of scattered ? [] : [...needed]) {
    const without = needed.filter((other) => other !== name);
    if (isEnough(without)) needed = without;
  }
  const columns = [...asked, ...needed];
  const colour = columns.find((name) => !facet.includes(name));
  return { colour, panels: columns.filter((name) => name !== colour) };
}
