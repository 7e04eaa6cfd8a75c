/** Tables and numbers of the validation page. */
import { numberColumns, markdownTable as tableInMarkdown } from '../table.js';

export type Cells = readonly string[];

/** A table; all columns but the first are aligned to the right. */
export function markdownTable(columns: Cells, rows: readonly Cells[]): string {
  return tableInMarkdown(numberColumns(columns), rows);
}

/** A fraction as percent; a dash where there is none. */
export function percent(fraction: number | null, digits = 1): string {
  return fraction === null ? '–' : `${(100 * fraction).toFixed(digits)} %`;
}

/** Milliseconds with about three digits. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  return `${ms.toFixed(ms >= 100 ? 0 : 1)} ms`;
}

/** The text with the marked block replaced; undefined if it has no such block. */
export function withBlock(text: string, name: string, content: string): string | undefined {
  const [begin, end] = [`<!-- validation:${name}:begin -->`, `<!-- validation:${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
