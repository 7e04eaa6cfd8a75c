/** Predicted against measured stops, for `validate`: on the line the model is right. */
import * as Plot from '@observablehq/plot';
import { shown } from './data.js';
import { legendMarks, legendRoom } from './legend.js';
import { coloursOf, GREY, INK } from './palette.js';
import type { Drawing } from './render.js';
import { logTicks } from './scales.js';

/** One configuration: median of its measurements, and the model's prediction with its 95 % interval, ms. */
export interface PredictedPoint {
  readonly config: string;
  /** What tells points apart by colour: phase, storage, kind. */
  readonly group: string;
  readonly measured_ms: number;
  readonly predicted_ms: number;
  readonly lo_ms: number | null;
  readonly hi_ms: number | null;
}

/** Half-width of the shaded band: predictions within this share of the measurement. */
const BAND = 0.12;
const PLOT_PX = 460;

function finding(points: readonly PredictedPoint[]): string {
  const errors = points
    .map((p) => Math.abs(p.predicted_ms - p.measured_ms) / p.measured_ms)
    .sort((a, b) => a - b);
  const median = errors[Math.floor((errors.length - 1) / 2)]!;
  const inside = errors.filter((error) => error <= BAND).length;
  return `Half of ${points.length} measured stops are predicted within ${(100 * median).toFixed(1)} %, ${inside} within ${100 * BAND} %`;
}

/** The drawing; undefined without points that have both times above zero. */
export function drawPredicted(all: readonly PredictedPoint[], title?: string): Drawing | undefined {
  const points = all.filter((point) => point.measured_ms > 0 && point.predicted_ms > 0);
  if (points.length === 0) return undefined;
  const values = points.flatMap((point) => [point.measured_ms, point.predicted_ms]);
  const domain: [number, number] = [Math.min(...values) / 1.3, Math.max(...values) * 1.3];
  const ticks = logTicks(domain, 8);
  const groups = [...new Set(points.map((point) => point.group))];
  const colours = coloursOf(groups);
  const legend = groups.map((name, i) => ({ name, colour: colours[i]! }));
  const text = ((value: number) => shown('_ms', String(value))) as never;
  const ends = [...domain];
  return {
    title: title ?? finding(points),
    subtitle: `Each dot is a configuration: median of its measurements, mean of the simulation with its 95 % interval. Line: equal; band: within ${100 * BAND} %.`,
    width: PLOT_PX + 130 + legendRoom(legend),
    height: PLOT_PX + 70,
    options: {
      marginLeft: 70,
      marginRight: legendRoom(legend),
      marginBottom: 46,
      x: { type: 'log', domain, axis: null },
      y: { type: 'log', domain, axis: null },
      marks: [
        Plot.areaY(ends, {
          x: (v: number) => v,
          y1: (v: number) => v * (1 - BAND),
          y2: (v: number) => v * (1 + BAND),
          fill: GREY,
          fillOpacity: 0.15,
        }),
        Plot.line(ends, { x: (v: number) => v, y: (v: number) => v, stroke: INK, strokeWidth: 1 }),
        Plot.axisX(ticks, {
          text,
          label: 'measured',
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 40,
        }),
        Plot.axisY(ticks, { text, label: 'predicted', labelArrow: 'none' }),
        Plot.ruleX(
          points.filter((point) => point.lo_ms !== null && point.hi_ms !== null),
          {
            x: 'measured_ms',
            y1: (p: PredictedPoint) => Math.max(p.lo_ms!, domain[0]),
            y2: 'hi_ms',
            stroke: (p: PredictedPoint) => colours[groups.indexOf(p.group)],
            strokeOpacity: 0.5,
          },
        ),
        Plot.dot(points, {
          x: 'measured_ms',
          y: 'predicted_ms',
          r: 3,
          fill: (p: PredictedPoint) => colours[groups.indexOf(p.group)],
          fillOpacity: 0.75,
          title: (p: PredictedPoint) =>
            `${p.config}\nmeasured ${shown('_ms', String(p.measured_ms))}, predicted ${shown('_ms', String(p.predicted_ms))}`,
        }),
        ...legendMarks(legend),
      ],
    },
  };
}

/** Rows of `validate --json` with both times; kinds without times (op sequences, first touches) have none. */
export function predictedPoints(rows: unknown): readonly PredictedPoint[] {
  if (!Array.isArray(rows)) return [];
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return (rows as Record<string, unknown>[])
    .filter((row) => typeof row.measured_ms === 'number' && typeof row.predicted_ms === 'number')
    .map((row) => ({
      config: String(row.config ?? ''),
      group: String(row.phase ?? 'stop'),
      measured_ms: row.measured_ms as number,
      predicted_ms: row.predicted_ms as number,
      lo_ms: number(row.lo_ms),
      hi_ms: number(row.hi_ms),
    }));
}
