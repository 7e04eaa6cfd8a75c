/** What never stops, or fails, has no time to be drawn at: it stands as a mark in a strip above the times. */
import * as Plot from '@observablehq/plot';
import { GREY } from './palette.js';
import type { Line, Trouble } from './series.js';

const ROW_PX = 13;

const SYMBOLS = { never: 'times', sometimes: 'circle', failed: 'square' } as const;

const WORDS: Readonly<Record<Trouble['kind'], string>> = {
  never: '× never stops by itself.',
  sometimes: '○ in some of its runs never stops.',
  failed: '□ the destination lacks bits.',
};

/** A mark of the strip: where it stands, and in which row. */
export interface TroubleMark extends Trouble {
  readonly at: number | string;
  readonly row: number;
  readonly name: string;
  readonly panel: string;
  readonly colour: string;
}

/** The marks of lines in the order of the lines; those that have none take no row. */
export function troubleMarks(
  lines: readonly Line[],
  at: (x: string) => number | string,
): readonly TroubleMark[] {
  const names = [...new Set(lines.filter(({ troubles }) => troubles.length > 0).map(({ name }) => name))];
  return lines.flatMap(({ name, panel, colour, troubles }) =>
    troubles.map((each) => ({ ...each, at: at(each.x), row: names.indexOf(name), name, panel, colour })),
  );
}

/** Height of the strip. */
export function troubleRoom(marks: readonly TroubleMark[]): number {
  return marks.length === 0 ? 0 : 18 + ROW_PX * (1 + Math.max(...marks.map(({ row }) => row)));
}

/** What the marks mean, for the words below the title. */
export function troubleNote(lines: readonly Line[]): string {
  const kinds = new Set(lines.flatMap(({ troubles }) => troubles.map(({ kind }) => kind)));
  return (['never', 'sometimes', 'failed'] as const)
    .filter((kind) => kinds.has(kind))
    .map((kind) => ` ${WORDS[kind]}`)
    .join('');
}

/** The strip: a mark for each situation, and at its left what it is about. */
export function stripMarks<Mark extends TroubleMark>(
  marks: readonly Mark[],
  facets: { readonly fx?: string; readonly fy?: string },
): Plot.Markish[] {
  if (marks.length === 0) return [];
  const rows = [...new Set(marks.map(({ row }) => row))];
  const label = marks.some(({ kind }) => kind !== 'failed') ? 'never stops' : 'fails';
  return [
    ...rows.flatMap((row) =>
      (['never', 'sometimes', 'failed'] as const).map((kind) =>
        Plot.dot(
          marks.filter((mark) => mark.row === row && mark.kind === kind),
          {
            ...facets,
            x: 'at',
            frameAnchor: 'top',
            dy: 8 + ROW_PX * row,
            symbol: SYMBOLS[kind],
            r: 4.5,
            stroke: 'colour',
            strokeWidth: 2,
            title: ({ name, x, kind: of }: Mark) => `${name}, ${x}: ${WORDS[of].slice(2)}`,
          },
        ),
      ),
    ),
    Plot.text([label], {
      frameAnchor: 'top-left',
      textAnchor: 'end',
      dx: -9,
      dy: 8 + (ROW_PX * (rows.length - 1)) / 2,
      fill: GREY,
      facetAnchor: 'left',
    }),
  ];
}
