/** A legend in the right margin: a square and a name for each colour. Plot's own legends are HTML and not SVG. */
import * as Plot from '@observablehq/plot';
import { INK } from './palette.js';

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
}

const LINE_PX = 19;

/** Room that the names need. */
export function legendRoom(entries: readonly LegendEntry[]): number {
  return Math.min(340, 44 + 7 * Math.max(0, ...entries.map((entry) => entry.name.length)));
}

/** Marks beside the top right corner of the frame. */
export function legendMarks(entries: readonly LegendEntry[]): Plot.Markish[] {
  return entries.flatMap(({ name, colour }, i) => [
    Plot.dot([0], {
      frameAnchor: 'top-right',
      dx: 22,
      dy: 8 + i * LINE_PX,
      symbol: 'square',
      r: 6,
      fill: colour,
      stroke: INK,
      strokeWidth: 0.5,
      facet: 'super',
    }),
    Plot.text([name], {
      frameAnchor: 'top-right',
      textAnchor: 'start',
      dx: 34,
      dy: 9 + i * LINE_PX,
      lineAnchor: 'middle',
      fill: INK,
      facet: 'super',
    }),
  ]);
}
