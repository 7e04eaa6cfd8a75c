/** First touches over time: how many granules a guest's writes have set, from clear bitmaps on. */
import * as Plot from '@observablehq/plot';
import { formatSize } from '../../base/units.js';
import type { WorkloadStatistics } from '../../experiment/workload/statistics.js';
import { COLORS, renderSvg } from './render.js';
import { timeAxis } from './time-axis.js';

const POINTS_MAX = 400;

interface CurvePoint {
  readonly t: number;
  readonly granules: number;
}

/** A curve of another origin (a fit) on the same axes; one value at each window's end. */
export interface ComparedCurve {
  readonly label: string;
  readonly granules: ArrayLike<number>;
}

/** Running total of first touches at the end of each window. */
export function cumulative(newGranules: Float64Array): Float64Array {
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

export function firstTouchesFigure(
  stats: WorkloadStatistics,
  name: string,
  compared?: ComparedCurve,
): string {
  const { unitNs, label } = timeAxis(stats.durationNs);
  const recorded = points(stats, cumulative(stats.windows.newGranules), unitNs);
  const fitted = compared ? points(stats, compared.granules, unitNs) : [];
  const rewrites = stats.writes > 0 ? (stats.rewrites / stats.writes) * 100 : 0;
  const size = formatSize(stats.options.granularityBytes);
  const last = recorded.at(-1)!;
  const end = fitted.at(-1);
  // Labels at the right end are kept apart where the curves meet there.
  const lower = end !== undefined && end.granules > last.granules;
  const mark = (rows: readonly CurvePoint[], at: CurvePoint, text: string, fill: string, above: boolean) =>
    rows.length === 0
      ? []
      : [
          Plot.text([at], {
            x: 't',
            y: 'granules',
            text: () => text,
            fill,
            textAnchor: 'end',
            dy: above ? -11 : 15,
            dx: -2,
          }),
        ];
  return renderSvg(
    {
      title: `${rewrites.toFixed(0)} % of the writes set no new bit: ${whole(stats.writes)} writes set ${whole(stats.footprintGranules)} bits`,
      subtitle: `First touches of ${name}: granules of ${size} written since the trace's beginning`,
      vertical: `granules set (bits, each ${size} of disk)`,
    },
    {
      x: {
        label: `${label} since the trace's beginning`,
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 8,
      },
      y: {
        label: null,
        grid: true,
        zero: true,
        nice: true,
        tickFormat: whole,
      },
      marginLeft: 76,
      marks: [
        Plot.ruleY([0], { stroke: '#888' }),
        Plot.areaY(recorded, {
          x: 't',
          y: 'granules',
          fill: COLORS[0],
          fillOpacity: 0.12,
          curve: 'step-before',
        }),
        Plot.lineY(recorded, {
          x: 't',
          y: 'granules',
          stroke: COLORS[0],
          strokeWidth: 2,
          curve: 'step-before',
        }),
        Plot.lineY(fitted, {
          x: 't',
          y: 'granules',
          stroke: COLORS[1],
          strokeWidth: 2,
          strokeDasharray: '6,4',
        }),
        ...mark(
          recorded,
          last,
          compared ? 'the trace' : `${whole(last.granules)} granules`,
          COLORS[0],
          !lower,
        ),
        ...(compared && end ? mark(fitted, end, compared.label, COLORS[1], lower) : []),
      ],
    },
  );
}
