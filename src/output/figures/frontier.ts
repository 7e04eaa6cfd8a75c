/** Two quantities that trade against each other: the line between what fits and what does not, for each strategy. */
import * as Plot from '@observablehq/plot';
import { parameterAt } from '../../input/parameters.js';
import { strategyTitle } from '../../study/run.js';
import type { Frontier } from '../../study/solve/frontier.js';
import { columnLabel } from '../../sweep/results/columns.js';
import { valueText } from '../quantity-text.js';
import { HEIGHT, WIDTH } from './figure.js';
import { coloursOf } from './palette.js';
import type { Drawing } from './render.js';
import { logTicks, measuredScale } from './scales.js';

const nameOf = (path: string): string => columnLabel(parameterAt(path)?.column ?? path);

/** The drawing of the frontiers. */
export function frontierFigure(frontiers: readonly Frontier[]): Drawing {
  const { paths, units, criterion } = frontiers[0]!;
  const names = frontiers.map(strategyTitle);
  const colours = coloursOf(names);
  const dots = frontiers.flatMap((each) =>
    each.points.flatMap(({ at, value, lo, hi }) =>
      value === null || value <= 0 || at <= 0 ? [] : [{ name: strategyTitle(each), at, value, lo, hi }],
    ),
  );
  const colour = ({ name }: { name: string }): string => colours[names.indexOf(name)]!;
  const at = dots.map((dot) => dot.at);
  const domain: [number, number] = at.length > 0 ? [Math.min(...at), Math.max(...at) * 1.001] : [1, 10];
  const y = measuredScale(
    dots.flatMap(({ value, lo, hi }) => [value, lo ?? value, hi ?? value]),
    8,
    units[1] === 'bytes',
  );
  const last = names
    .map((name) => dots.findLast((dot) => dot.name === name))
    .filter((dot) => dot !== undefined);
  const [across, up] = [nameOf(paths[0]), nameOf(paths[1])];
  return {
    title: `${up} that fits, for each ${across}`,
    subtitle: `${criterion}; bars are 95 % intervals.`,
    width: WIDTH,
    height: HEIGHT,
    options: {
      marginLeft: 72,
      marginRight: 220,
      marginTop: 24,
      marginBottom: 46,
      x: { type: 'log', domain, axis: null, inset: 10 },
      y: { type: y.type, domain: [...y.domain], axis: null },
      marks: [
        Plot.gridY(y.ticks as number[], { strokeOpacity: 0.12 }),
        Plot.axisX(logTicks(domain, 8), {
          text: (value: number) => valueText(value, units[0]),
          label: across,
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 40,
        }),
        Plot.axisY(y.ticks as number[], {
          text: (value: number) => valueText(value, units[1]),
          label: up,
          labelArrow: 'none',
        }),
        Plot.line(dots, { x: 'at', y: 'value', z: 'name', stroke: colour, strokeWidth: 2 }),
        Plot.ruleX(dots, {
          x: 'at',
          y1: 'lo',
          y2: 'hi',
          stroke: colour,
          strokeWidth: 2.5,
          strokeOpacity: 0.6,
        }),
        Plot.dot(dots, { x: 'at', y: 'value', fill: colour, r: 3.2 }),
        Plot.text(last, {
          x: 'at',
          y: 'value',
          text: 'name',
          textAnchor: 'start',
          dx: 12,
          fill: colour,
          fontWeight: 'bold',
        }),
      ],
    },
  };
}
