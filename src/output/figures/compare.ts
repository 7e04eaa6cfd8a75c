/** Ratios to the baseline with their intervals: alternatives, or several directories of results, in one figure. */
import * as Plot from '@observablehq/plot';
import { strategyTitle } from '../../study/run.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Shown } from '../compare-text.js';
import { WIDTH } from './figure.js';
import { coloursOf, GREY } from './palette.js';
import type { Drawing } from './render.js';
import { logTicks } from './scales.js';

const ROW_PX = 30;

/** The drawing of a comparison. */
export function compareFigure({ rows, baseline, metric, sentence }: Shown): Drawing {
  const drawn = rows.flatMap((row) => {
    if (row.ratio === null) return [];
    const [low, high] = row.ratio.ci95 ?? [row.ratio.mean, row.ratio.mean];
    const title = strategyTitle(row);
    const name = row.name === title ? title : `${row.name}, ${title}`;
    return [{ name, title, at: row.ratio.mean, low, high }];
  });
  const ends = drawn.flatMap(({ low, high }) => [low, high]).concat(1);
  const domain: [number, number] = [Math.min(...ends) / 1.15, Math.max(...ends) * 1.15];
  const titles = [...new Set(drawn.map(({ title }) => title))];
  const colours = coloursOf(titles);
  const colour = ({ title }: { title: string }): string => colours[titles.indexOf(title)]!;
  const longest = Math.max(8, ...drawn.map(({ name }) => name.length));
  return {
    title: `${sentence[0]!.toUpperCase()}${sentence.slice(1)}`,
    subtitle: `${columnLabel(metric)} as a multiple of that of ${baseline}, with 95 % intervals of paired runs; 1 is no difference.`,
    width: WIDTH + Math.max(0, 7 * (longest - 40)),
    height: 70 + ROW_PX * drawn.length,
    options: {
      marginLeft: 24 + 7.2 * longest,
      marginRight: 40,
      marginBottom: 46,
      x: { type: 'log', domain, axis: null },
      y: { type: 'band', domain: [...new Set(drawn.map(({ name }) => name))], label: null, tickSize: 0 },
      marks: [
        Plot.gridX(logTicks(domain, 8), { strokeOpacity: 0.12 }),
        Plot.axisX(logTicks(domain, 8), {
          text: (value: number) => String(Number(value.toPrecision(3))),
          label: 'times the baseline',
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        Plot.ruleX([1], { stroke: GREY, strokeDasharray: '5,4' }),
        Plot.ruleY(drawn, {
          y: 'name',
          x1: 'low',
          x2: 'high',
          stroke: colour,
          strokeWidth: 4,
          strokeOpacity: 0.5,
        }),
        Plot.dot(drawn, { y: 'name', x: 'at', fill: colour, r: 5 }),
      ],
    },
  };
}
