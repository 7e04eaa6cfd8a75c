/** Where pre-flush pays: two parameters as a map, each cell coloured by what the budget asks for there. */

import * as Plot from '@observablehq/plot';
import { isJudged, JUDGED, proposedMark } from '../../sim/strategies/lookup.js';
import { preFlush } from '../../sim/strategies/pre-flush.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import {
  columnOf,
  cutNote,
  distinct,
  num,
  replicationsText,
  selected,
  seriesColumns,
  shown,
} from './data.js';
import { type Figure, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { INK } from './palette.js';

const FLUSH = preFlush.name + proposedMark(preFlush.name);

/** From the cheapest answer to none; lightness falls along the list, so that the map reads without colour too. */
const ANSWERS = {
  store: { name: 'storing at the stop fits', colour: '#DCEBF7' },
  preFlush: { name: `${FLUSH} makes it fit`, colour: '#56B4E9' },
  shorter: { name: `${FLUSH} helps, not enough`, colour: '#E69F00' },
  nothing: { name: `${FLUSH} gains nothing`, colour: '#C04000' },
  unknown: { name: 'does not converge', colour: '#444444' },
} as const;

type Answer = keyof typeof ANSWERS;

interface Cell {
  readonly x: string;
  readonly y: string;
  readonly panel: string;
  readonly answer: Answer;
  readonly text: string;
  readonly title: string;
}

const fits = ({ verdict }: Row): boolean => verdict === 'fits' || verdict === 'fits-with-limit';

/** Pre-flush is shorter only if the whole interval of the paired difference says so. */
function answerOf(store: Row, flush: Row): Answer {
  if (fits(store)) return 'store';
  if (fits(flush)) return 'preFlush';
  if (flush.verdict === 'not-converged') return 'unknown';
  const end = num(flush, 'vs_store_at_stop_ci95_high_ms');
  return (Number.isFinite(end) ? end : num(flush, 'vs_store_at_stop_ms')) < 0 ? 'shorter' : 'nothing';
}

const panelName = (column: string, text: string): string => `${columnLabel(column)} ${shown(column, text)}`;
const brief = (row: Row): string => shown('downtime_ms', row.downtime_mean_ms ?? '');

function cellsOf(rows: readonly Row[], axes: { x: string; y: string; panel: string | undefined }): Cell[] {
  const stores = rows.filter((row) => isJudged(row.strategy!));
  return stores.flatMap((store) => {
    const flush = rows.find((row) => row.point === store.point && row.strategy === preFlush.name);
    if (!flush) return [];
    const answer = answerOf(store, flush);
    const [x, y] = [store[axes.x]!, store[axes.y]!];
    return [
      {
        x,
        y,
        panel: axes.panel ? panelName(axes.panel, store[axes.panel] ?? '') : '',
        answer,
        text: answer === 'store' ? brief(store) : `${brief(store)}\n→ ${brief(flush)}`,
        title: `${columnLabel(axes.x)} ${shown(axes.x, x)}, ${columnLabel(axes.y)} ${shown(axes.y, y)}\nstore-at-stop ${brief(store)}, ${FLUSH} ${brief(flush)}\n${ANSWERS[answer].name}`,
      },
    ];
  });
}

function finding(cells: readonly Cell[], budget: string): string {
  const count = (answer: Answer): number => cells.filter((cell) => cell.answer === answer).length;
  const [over, helped] = [cells.length - count('store'), count('preFlush')];
  if (over === 0) return `Storing at the stop fits the budget of ${budget} in all ${cells.length} situations`;
  return `Storing at the stop is over the budget of ${budget} in ${over} of ${cells.length} situations; ${FLUSH} makes ${helped} of those fit`;
}

const PANELS_MAX = 4;
const CELL_PX = 46;

/** The third parameter that varies makes panels; of any further one only the last value is drawn, and said. */
function layers(rows: readonly Row[], spec: FigureSpec, x: string, y: string) {
  const free = seriesColumns(rows, [x, y], spec.facet ? [columnOf(spec.facet)] : []);
  const [panel, ...rest] = free;
  const fixed = rest.map((column) => [column, distinct(rows, column).at(-1)!] as const);
  const all = panel ? distinct(rows, panel) : [];
  const values = all.slice(0, PANELS_MAX);
  const drawn = rows.filter(
    (row) =>
      fixed.every(([column, value]) => row[column] === value) && (!panel || values.includes(row[panel]!)),
  );
  const note = fixed.map(([column, value]) => `${columnLabel(column)} ${shown(column, value)}`).join(', ');
  const cut = cutNote(values.length, all.length, 'panels');
  return { panel, drawn, note, cut, panels: values.map((value) => panelName(panel!, value)) };
}

export const decisionMap: Figure = {
  type: 'decision-map',
  summary: 'a map over two parameters: where storing at the stop fits, and where pre-flush pays',
  draw(data, spec: FigureSpec) {
    const rows = selected(data.summary, spec, [JUDGED.name, preFlush.name]);
    if (!spec.x || !spec.y || rows.length === 0) return undefined;
    const [x, y] = [columnOf(spec.x), columnOf(spec.y)];
    const { panel, drawn, note, cut, panels } = layers(rows, spec, x, y);
    const cells = cellsOf(drawn, { x, y, panel });
    if (cells.length === 0) return undefined;
    const legend = (Object.keys(ANSWERS) as Answer[])
      .filter((answer) => cells.some((cell) => cell.answer === answer))
      .map((answer) => ANSWERS[answer]);
    const [xs, ys] = [distinct(drawn, x), distinct(drawn, y)];
    const budget = shown('budget_ms', rows[0]!.budget_ms ?? '');
    const light = (cell: Cell): boolean => cell.answer === 'nothing' || cell.answer === 'unknown';
    const width = Math.max(WIDTH, 60 + legendRoom(legend) + Math.max(1, panels.length) * xs.length * 86);
    return {
      title: spec.title ?? finding(cells, budget),
      subtitle: `Mean downtime of store-at-stop → ${FLUSH}, ${replicationsText(drawn)}${note ? `; ${note}` : ''}. Fits: at most 5 % of the migrations are over ${budget}.${cut}`,
      width,
      height: 100 + CELL_PX * ys.length,
      options: {
        marginLeft: 80,
        marginRight: legendRoom(legend),
        marginBottom: 46,
        marginTop: panel ? 40 : 24,
        x: {
          type: 'band',
          domain: [...xs],
          tickFormat: (value: string) => shown(x, value),
          label: columnLabel(x),
          labelAnchor: 'center',
          labelArrow: 'none',
          tickSize: 0,
        },
        y: {
          type: 'band',
          domain: [...ys].reverse(),
          tickFormat: (value: string) => shown(y, value),
          label: columnLabel(y),
          labelAnchor: 'top',
          labelArrow: 'none',
          tickSize: 0,
        },
        ...(panel ? { fx: { domain: [...panels], label: null, padding: 0.06 } } : {}),
        marks: [
          Plot.cell(cells, {
            x: 'x',
            y: 'y',
            ...(panel ? { fx: 'panel' } : {}),
            fill: (cell: Cell) => ANSWERS[cell.answer].colour,
            inset: 1,
            title: 'title',
          }),
          Plot.text(cells, {
            x: 'x',
            y: 'y',
            ...(panel ? { fx: 'panel' } : {}),
            text: 'text',
            fill: (cell: Cell) => (light(cell) ? 'white' : INK),
            fontSize: 11,
            lineHeight: 1.25,
          }),
          ...legendMarks(legend),
        ],
      },
    };
  },
};
