/** Bars of what each parameter explains, alone and in all, with intervals. */
import * as Plot from '@observablehq/plot';
import type { Interval } from '../../stats/interval.js';
import { strategyTitle } from '../../study/run.js';
import type { Sensitivity } from '../../study/sensitivity/sensitivity.js';
import type { Drivers } from '../../sweep/drivers.js';
import { columnLabel } from '../../sweep/results/columns.js';
import { byShare, hasTotals } from '../drivers-text.js';
import { othersTitle, ranked } from '../sensitivity-text.js';
import { WIDTH } from './figure.js';
import { coloursOf } from './palette.js';
import type { Drawing } from './render.js';

const BAR_PX = 44;
const SINGLE_PX = 30;
const KINDS = ['alone', 'in all'] as const;
const BOTH = ': alone (first order, upper bar), and with all it acts together with (total, lower bar)';

interface Bar {
  readonly path: string;
  readonly kind: (typeof KINDS)[number];
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const bar = (path: string, kind: Bar['kind'], value: number, [low, high]: Interval): Bar => ({
  path,
  kind,
  value,
  low,
  high,
});

/** The drawing of one strategy's indices. */
export function sensitivityFigure(result: Sensitivity): Drawing {
  const { others } = result;
  const bars = ranked(result).flatMap(({ path, first, first_ci95, total, total_ci95 }) => [
    bar(path, 'alone', first, first_ci95),
    bar(path, 'in all', total, total_ci95),
  ]);
  const rest = others === null ? [] : [bar(othersTitle(others), 'in all', others.total, others.total_ci95)];
  return barsFigure(result, [...bars, ...rest], BOTH);
}

/** The same of the results of a sweep, which may tell only what each axis explains alone. */
export function driversFigure(result: Drivers): Drawing {
  const bars = byShare(result).flatMap(({ path, first, first_ci95, total, total_ci95 }) => [
    bar(path, 'alone', first, first_ci95),
    ...(total === null ? [] : [bar(path, 'in all', total, total_ci95!)]),
  ]);
  return barsFigure(result, bars, hasTotals(result) ? BOTH : ' alone (first order)');
}

type Drawn = Pick<Sensitivity, 'output' | 'strategy' | 'variant' | 'sentence' | 'box'>;

function barsFigure(result: Drawn, bars: readonly Bar[], what: string): Drawing {
  const paths = [...new Set(bars.map(({ path }) => path))];
  const kinds = KINDS.filter((kind) => bars.some((each) => each.kind === kind));
  const colours = coloursOf(KINDS);
  const colour = ({ kind }: { kind: string }): string => colours[kind === KINDS[0] ? 0 : 1]!;
  const longest = Math.max(...paths.map((path) => path.length));
  return {
    title: `${result.sentence[0]!.toUpperCase()}${result.sentence.slice(1)}`,
    subtitle: `Share of the variance of ${columnLabel(result.output)} (${strategyTitle(result)}) that each parameter explains${what}; lines are 95 % intervals.${result.box === null ? '' : ` ${result.box}.`}`,
    width: WIDTH,
    height: 70 + (kinds.length > 1 ? BAR_PX : SINGLE_PX) * paths.length,
    options: {
      marginLeft: 24 + 7.4 * longest,
      marginRight: 70,
      marginBottom: 46,
      x: { domain: [0, Math.max(1, ...bars.map(({ high }) => high))], axis: null },
      y: { domain: [...kinds], axis: null, padding: 0.1 },
      fy: { domain: paths, label: null, padding: 0.15 },
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
