/** What `solve` looked at: the stop over the quantity, the budget, and where the two meet. */
import * as Plot from '@observablehq/plot';
import { parameterAt } from '../../input/parameters.js';
import { strategyTitle } from '../../study/run.js';
import type { Solved } from '../../study/solve/solved.js';
import { columnLabel } from '../../sweep/results/columns.js';
import { valueText } from '../quantity-text.js';
import { HEIGHT, WIDTH } from './figure.js';
import { BUDGET_COLOUR, coloursOf } from './palette.js';
import type { Drawing } from './render.js';
import { logTicks, measuredScale } from './scales.js';
import { budgetText } from './value-axis.js';

/** Settings further from the budget than this are left out: the way there tells nothing of the root. */
const SHOWN_TIMES = 30;

/** What is drawn of one strategy. */
export type Looked = Pick<
  Solved,
  | 'strategy'
  | 'variant'
  | 'quantity'
  | 'path'
  | 'unit'
  | 'criterion'
  | 'state'
  | 'sense'
  | 'value'
  | 'lo'
  | 'hi'
  | 'budget_ms'
> & { readonly evaluations: readonly Pick<Solved['evaluations'][number], 'value' | 'stop_ms'>[] };

interface Dot {
  readonly name: string;
  readonly at: number;
  readonly ms: number;
}

function dotsOf({ evaluations, budget_ms, ...root }: Looked): Dot[] {
  return evaluations
    .filter(({ value, stop_ms }) => value > 0 && stop_ms !== null && stop_ms < SHOWN_TIMES * budget_ms)
    .map(({ value, stop_ms }) => ({ name: strategyTitle(root), at: value, ms: stop_ms! }));
}

function titleOf(roots: readonly Looked[]): string {
  const said = roots.map((root) => {
    const { value, unit, sense, state } = root;
    if (value === null) return `${strategyTitle(root)} never fits`;
    if (state === 'all-fit') return `${strategyTitle(root)} always fits`;
    return `${strategyTitle(root)} ${sense === 'least' ? 'from' : 'up to'} ${valueText(value, unit)}`;
  });
  return `${roots[0]!.quantity} that fits: ${said.join(', ')}`;
}

/** The drawing of one quantity's roots. */
export function responseFigure(roots: readonly Looked[]): Drawing {
  const { budget_ms, unit, path, quantity, criterion } = roots[0]!;
  const dots = roots.flatMap(dotsOf);
  const names = roots.map(strategyTitle);
  const colours = coloursOf(names);
  const colour = ({ name }: { name: string }): string => colours[names.indexOf(name)]!;
  const at = dots.map((dot) => dot.at);
  const domain: [number, number] = at.length > 0 ? [Math.min(...at), Math.max(...at) * 1.001] : [1, 10];
  const y = measuredScale([...dots.map(({ ms }) => ms), budget_ms], 8);
  const marked = roots
    .filter(({ state }) => state === 'root')
    .map((root) => ({ name: strategyTitle(root), at: root.value!, lo: root.lo!, hi: root.hi! }));
  return {
    title: titleOf(roots),
    subtitle: `Each dot is a setting that was looked at, with the quantile of the whole stop that ${criterion} is about. Where the line meets the budget stands the answer, with its interval.`,
    width: WIDTH,
    height: HEIGHT,
    options: {
      marginLeft: 64,
      marginRight: 200,
      marginTop: 24,
      marginBottom: 46,
      x: { type: 'log', domain, axis: null, inset: 10 },
      y: { type: y.type, domain: [...y.domain], axis: null },
      color: { legend: false },
      marks: [
        Plot.gridY(y.ticks as number[], { strokeOpacity: 0.12 }),
        Plot.axisX(logTicks(domain, 8), {
          text: (value: number) => valueText(value, unit),
          label: columnLabel(parameterAt(path)?.column ?? quantity),
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 40,
        }),
        Plot.axisY(y.ticks as number[], {
          text: (value: number) => valueText(value, 'ms'),
          label: 'whole stop',
          labelArrow: 'none',
        }),
        Plot.ruleY([budget_ms], { stroke: BUDGET_COLOUR, strokeDasharray: '5,4', strokeWidth: 1.5 }),
        Plot.text([budgetText(budget_ms)], {
          x: () => domain[1],
          y: () => budget_ms,
          textAnchor: 'start',
          dx: 12,
          fill: BUDGET_COLOUR,
          fontWeight: 'bold',
        }),
        Plot.ruleX(marked, { x: 'lo', stroke: colour, strokeOpacity: 0.5 }),
        Plot.ruleX(marked, { x: 'hi', stroke: colour, strokeOpacity: 0.5 }),
        Plot.line(dots, { x: 'at', y: 'ms', z: 'name', stroke: colour, strokeWidth: 2 }),
        Plot.dot(dots, { x: 'at', y: 'ms', fill: colour, r: 3 }),
        Plot.dot(marked, { x: 'at', y: () => budget_ms, stroke: colour, r: 6, strokeWidth: 2 }),
      ],
    },
  };
}
