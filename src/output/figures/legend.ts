/** A legend in the right margin: a square and a name for each colour. Plot's own legends are HTML and not SVG. */
import * as Plot from '@observablehq/plot';
import { INK } from './palette.js';
import { wrapText } from './render.js';

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
}

/** From one name to the next, and from one line of a name to the next. */
const NAME_PX = 19;
const LINE_PX = 14;
/** Longer names go on in a further line. */
const NAME_CHARACTERS = 42;
const CHARACTER_PX = 7;

interface Placed extends LegendEntry {
  readonly lines: readonly string[];
  /** Of its first line, from the top. */
  readonly topPx: number;
}

function placed(entries: readonly LegendEntry[]): readonly Placed[] {
  let topPx = 0;
  return entries.map((entry) => {
    const lines = wrapText(entry.name, NAME_CHARACTERS, 1);
    const at = topPx;
    topPx += NAME_PX + (lines.length - 1) * LINE_PX;
    return { ...entry, lines, topPx: at };
  });
}

/** Room that the names need. */
export function legendRoom(entries: readonly LegendEntry[]): number {
  const longest = placed(entries).flatMap(({ lines }) => lines.map((line) => line.length));
  return 44 + CHARACTER_PX * Math.max(0, ...longest);
}

/** Marks beside the top right corner of the frame. */
export function legendMarks(entries: readonly LegendEntry[]): Plot.Markish[] {
  return placed(entries).flatMap(({ lines, topPx, colour }) => [
    Plot.dot([0], {
      frameAnchor: 'top-right',
      dx: 22,
      dy: 8 + topPx,
      symbol: 'square',
      r: 6,
      fill: colour,
      stroke: INK,
      strokeWidth: 0.5,
      facet: 'super',
    }),
    ...lines.map((line, i) =>
      Plot.text([line], {
        frameAnchor: 'top-right',
        textAnchor: 'start',
        dx: 34,
        dy: 9 + topPx + i * LINE_PX,
        lineAnchor: 'middle',
        fill: INK,
        facet: 'super',
      }),
    ),
  ]);
}
