/** Rows to a drawing of lines, with the words above it: what the figures of lines have in common. */
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { conditionsText } from './conditions.js';
import { budgetOf, cutNote, distinct, type FigureData, replicationsText } from './data.js';
import { answersOf, type Found, findingOf, leastThroughout } from './finding.js';
import { lineChart } from './line-chart.js';
import { PANELS_MAX } from './panels.js';
import type { Drawing } from './render.js';
import { type Line, linesOf, metricColumns } from './series.js';
import { type Split, STRATEGY, splitOf } from './split.js';
import { troubleNote } from './trouble-marks.js';

interface Asked {
  readonly data: FigureData;
  readonly spec: FigureSpec;
  readonly rows: readonly Row[];
  readonly xColumn: string;
  readonly metric: string;
  /** What is drawn, in a few words: the beginning of the words below the title. */
  readonly how: string;
  /** More lines, such as those of theory. */
  readonly more?: (split: Split) => readonly Line[];
  readonly remark?: string;
}

/** No more panels than can be read; how many are left out is said. */
function fewPanels(lines: readonly Line[]): { readonly drawn: readonly Line[]; readonly note: string } {
  const panels = [...new Set(lines.map(({ panel }) => panel))];
  const kept = new Set(panels.slice(0, PANELS_MAX));
  return {
    drawn: lines.filter(({ panel }) => kept.has(panel)),
    note: cutNote(kept.size, panels.length, 'panels'),
  };
}

/** Who is best everywhere is worth a word, where strategies are compared. */
function bestText(lines: readonly Line[], by: string | undefined, metric: string): string {
  const best = by === STRATEGY ? leastThroughout(lines) : undefined;
  if (!best) return '';
  return `; ${best.name} is ${metric.endsWith('_ms') ? 'shortest' : 'least'} throughout`;
}

/** Whether a metric is judged by the budget of the stop. */
const isJudgedBy = (metric: string): boolean => /downtime_ms$/.test(metric) && !metric.startsWith('bitmap_');

/** The drawing; its title is true of all of it. */
export function drawLines({ data, spec, rows, xColumn, metric, how, more, remark = '' }: Asked): Drawing {
  const scattered = data.scattered !== undefined;
  const split = splitOf(rows, spec, [xColumn], scattered);
  const measured = linesOf({ rows, all: data.summary, xColumn, metric: metricColumns(metric), split });
  const { drawn, note } = fewPanels([...measured, ...(more?.(split) ?? [])]);
  const plain = drawn.filter(({ theory }) => !theory);
  const budget = isJudgedBy(metric) ? budgetOf(rows) : undefined;
  const by = split.colour;
  const found: Found = { lines: plain, xColumn, metric, by, budget, scattered };
  const scatterNote = scattered ? ' Points differ in the other axes too: no line joins them.' : '';
  return {
    title: spec.title ?? findingOf(found) + (scattered ? '' : bestText(plain, by, metric)),
    subtitle: `${how}, ${replicationsText(rows)}; bars are 95 % intervals.${scatterNote}${troubleNote(plain)}${note}${remark}`,
    conditions: conditionsText(rows, data),
    answers: answersOf(found),
    ...lineChart({
      lines: drawn,
      xColumn,
      xs: distinct(rows, xColumn),
      yColumn: metric,
      yLabel: columnLabel(metric),
      budget,
      scattered,
    }),
  };
}
