/** Bars of what each parameter explains, alone and in all, with intervals. */
import * as Plot from '@observablehq/plot';
import { strategyTitle } from '../../study/run.js';
import type { Sensitivity } from '../../study/sensitivity/sensitivity.js';
import { columnLabel } from '../../sweep/results/columns.js';
import { ranked } from '../sensitivity-text.js';
import { WIDTH } from './figure.js';
import { coloursOf } from './palette.js';
import type { Drawing } from './render.js';

const BAR_PX = 44;
const KINDS = ['alone', 'in all'] as const;

/** The drawing of one strategy's indices. */
export function sensitivityFigure(result: Sensitivity): Drawing {
  const indices = ranked(result.indices);
  const bars = indices.flatMap(({ path, first, first_ci95, total, total_ci95 }) => [
    { path, kind: KINDS[0], value: first, low: first_ci95[0], high: first_ci95[1] },
    { path, kind: KINDS[1], value: total, low: total_ci95[0], high: total_ci95[1] },
  ]);
  const colours = coloursOf(KINDS);
  const colour = ({ kind }: { kind: string }): string => colours[kind === KINDS[0] ? 0 : 1]!;
  const longest = Math.max(...indices.map(({ path }) => path.length));
  return {
    title: `${result.sentence[0]!.toUpperCase()}${result.sentence.slice(1)}`,
    subtitle: `Share of the variance of ${columnLabel(result.output)} (${strategyTitle(result)}) that each parameter explains: alone (first order, upper bar), and with all it acts together with (total, lower bar); lines are 95 % intervals.${result.box === null ? '' : ` ${result.box}.`}`,
    width: WIDTH,
    height: 70 + BAR_PX * indices.length,
    options: {
      marginLeft: 24 + 7.4 * longest,
      marginRight: 70,
      marginBottom: 46,
      x: { domain: [0, Math.max(1, ...bars.map(({ high }) => high))], axis: null },
      y: { domain: [...KINDS], axis: null, padding: 0.1 },
      fy: { domain: indices.map(({ path }) => path), label: null, padding: 0.15 },
      marks: [
        Plot.axisX([0, 0.25, 0.5, 0.75, 1], {
          text: (value: number) => `${value * 100} %`,
          label: 'share of the variance',
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        Plot.axisFy({ anchor: 'left', tickSize: 0 }),
        Plot.barX(bars, { x: 'value', y: 'kind', fy: 'path', fill: colour, fillOpacity: 0.8 }),
        Plot.ruleY(bars, {
          x1: 'low',
          x2: 'high',
          y: 'kind',
          fy: 'path',
          stroke: '#222222',
          strokeWidth: 1.5,
        }),
        Plot.text(bars, {
          x: 'high',
          y: 'kind',
          fy: 'path',
          text: 'kind',
          textAnchor: 'start',
          dx: 6,
          fill: colour,
        }),
      ],
    },
  };
}
