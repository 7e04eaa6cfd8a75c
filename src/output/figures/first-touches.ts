/** First touches over time: how many granules a guest's writes have set, from clear bitmaps on. */
import * as Plot from '@observablehq/plot';
import { formatSize } from '../../base/units.js';
import type { WorkloadStatistics } from '../../traces/statistics/statistics.js';
import { coloursOf } from './palette.js';
import type { Drawing } from './render.js';
import { timeAxis } from './time-axis.js';

const POINTS_MAX = 400;
const WIDTH = 800;
const HEIGHT = 360;

interface CurvePoint {
  readonly t: number;
  readonly granules: number;
}

/** A curve of another origin (a fit) on the same axes; one value at each window's end. */
export interface ComparedCurve {
  readonly label: string;
  readonly granules: ArrayLike<number>;
}

const [TRACE_COLOUR, COMPARED_COLOUR] = coloursOf(['trace', 'compared']) as [string, string];

/** Running total of first touches at the end of each window. */
function cumulative(newGranules: Float64Array): Float64Array {
  let set = 0;
  return newGranules.map((fresh) => (set += fresh));
}

function points(stats: WorkloadStatistics, granules: ArrayLike<number>, unitNs: number): CurvePoint[] {
  const { windowCount, options } = stats;
  const step = Math.max(1, Math.ceil(windowCount / POINTS_MAX));
  const rows: CurvePoint[] = [{ t: 0, granules: 0 }];
  for (let k = step - 1; k < windowCount; k += step)
    rows.push({ t: ((k + 1) * options.windowNs) / unitNs, granules: granules[k]! });
  if (windowCount % step !== 0)
    rows.push({ t: (windowCount * options.windowNs) / unitNs, granules: granules[windowCount - 1]! });
  return rows;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Room for the largest number on the axis, whose end is rounded up. */
const axisRoom = (most: number): number => Math.max(64, 12 + 7 * whole(1.25 * most).length);

/** One curve with its name at its right end, above or below it. */
function curveMarks(
  rows: CurvePoint[],
  style: { text: string; colour: string; above: boolean; dashed: boolean },
) {
  const xy = { x: 't', y: 'granules' };
  const end = { ...xy, text: () => style.text, fill: style.colour, textAnchor: 'end', dx: -2 } as const;
  const stroke = { ...xy, stroke: style.colour, strokeWidth: 2 };
  return [
    Plot.lineY(
      rows,
      style.dashed ? { ...stroke, strokeDasharray: '6,4' } : { ...stroke, curve: 'step-before' },
    ),
    Plot.text([rows.at(-1)!], { ...end, dy: style.above ? -11 : 15 }),
  ];
}

/** `name`: of the trace; `compared`: a second curve, dashed. */
export function firstTouchesFigure(
  stats: WorkloadStatistics,
  name: string,
  compared?: ComparedCurve,
): Drawing {
  const { unitNs, x } = timeAxis(stats.durationNs);
  const recorded = points(stats, cumulative(stats.windows.newGranules), unitNs);
  const fitted = compared ? points(stats, compared.granules, unitNs) : [];
  const rewrites = stats.writes > 0 ? (stats.rewrites / stats.writes) * 100 : 0;
  const size = formatSize(stats.options.granularityBytes);
  const last = recorded.at(-1)!;
  // Names are kept apart where the curves meet at the right end.
  const below = (fitted.at(-1)?.granules ?? 0) > last.granules;
  const own = compared ? 'the trace' : `${whole(last.granules)} granules`;
  return {
    title: `${rewrites.toFixed(0)} % of the writes set no new bit: ${whole(stats.writes)} writes set ${whole(stats.footprintGranules)} bits`,
    subtitle: `First touches of ${name}: granules of ${size} written since the trace's beginning`,
    width: WIDTH,
    height: HEIGHT,
    options: {
      x,
      y: {
        label: `granules set (bits, each ${size} of disk)`,
        labelArrow: 'none',
        grid: true,
        zero: true,
        nice: true,
        tickFormat: whole,
      },
      marginLeft: axisRoom(Math.max(last.granules, fitted.at(-1)?.granules ?? 0)),
      marginTop: 30,
      marginBottom: 40,
      marks: [
        Plot.ruleY([0], { stroke: '#888' }),
        Plot.areaY(recorded, {
          x: 't',
          y: 'granules',
          fill: TRACE_COLOUR,
          fillOpacity: 0.12,
          curve: 'step-before',
        }),
        ...curveMarks(recorded, { text: own, colour: TRACE_COLOUR, above: !below, dashed: false }),
        ...(compared
          ? curveMarks(fitted, { text: compared.label, colour: COMPARED_COLOUR, above: below, dashed: true })
          : []),
      ],
    },
  };
}
