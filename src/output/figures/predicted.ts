/** Predicted against measured stops, for `validate`: on the line the model is right. */
import * as Plot from '@observablehq/plot';
import { median } from 'simple-statistics';
import { shown } from './data.js';
import { type LegendEntry, legendMarks, legendRoom } from './legend.js';
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
const BAND = 0.05;
const PLOT_PX = 460;

type ColourOf = (point: PredictedPoint) => string;

function finding(points: readonly PredictedPoint[]): string {
  const errors = points.map((p) => Math.abs(p.predicted_ms - p.measured_ms) / p.measured_ms);
  const inside = errors.filter((error) => error <= BAND).length;
  return `Half of ${points.length} measured stops are predicted within ${(100 * median(errors)).toFixed(1)} %, ${inside} within ${100 * BAND} %`;
}

/** Both times above zero: only those have a place on a logarithmic axis. */
const drawable = (points: readonly PredictedPoint[]): readonly PredictedPoint[] =>
  points.filter((point) => point.measured_ms > 0 && point.predicted_ms > 0);

function byGroup(points: readonly PredictedPoint[]): {
  readonly legend: readonly LegendEntry[];
  readonly colourOf: ColourOf;
} {
  const groups = [...new Set(points.map((point) => point.group))];
  const colours = coloursOf(groups);
  return {
    legend: groups.map((name, i) => ({ name, colour: colours[i]! })),
    colourOf: (point) => colours[groups.indexOf(point.group)]!,
  };
}

const timeText = (value: number): string => shown('_ms', String(value));

const measuredAxis = (ticks: readonly number[]): Plot.Markish =>
  Plot.axisX(ticks, {
    text: timeText,
    label: 'measured',
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: 40,
  });

const dotOptions = (colourOf: ColourOf): Plot.DotOptions => ({
  r: 3,
  fill: colourOf,
  fillOpacity: 0.75,
  title: (p: PredictedPoint) =>
    `${p.config}\nmeasured ${shown('_ms', String(p.measured_ms))}, predicted ${shown('_ms', String(p.predicted_ms))}`,
});

/** The drawing; undefined without points that have both times above zero. */
export function drawPredicted(all: readonly PredictedPoint[], title?: string): Drawing | undefined {
  const points = drawable(all);
  if (points.length === 0) return undefined;
  const values = points.flatMap((point) => [point.measured_ms, point.predicted_ms]);
  const domain: [number, number] = [Math.min(...values) / 1.3, Math.max(...values) * 1.3];
  const ticks = logTicks(domain, 8);
  const { legend, colourOf } = byGroup(points);
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
        measuredAxis(ticks),
        Plot.axisY(ticks, { text: timeText, label: 'predicted', labelArrow: 'none' }),
        Plot.ruleX(
          points.filter((point) => point.lo_ms !== null && point.hi_ms !== null),
          {
            x: 'measured_ms',
            y1: (p: PredictedPoint) => Math.max(p.lo_ms!, domain[0]),
            y2: 'hi_ms',
            stroke: colourOf,
            strokeOpacity: 0.5,
          },
        ),
        Plot.dot(points, { x: 'measured_ms', y: 'predicted_ms', ...dotOptions(colourOf) }),
        ...legendMarks(legend),
      ],
    },
  };
}

/** Errors further out are drawn at the edge, and the subtitle says how many. */
const ERROR_MOST = 0.2;
const ERROR_HEIGHT_PX = 330;
/** Shorter stops are judged in milliseconds. */
const LONG_MS = 30;

/** The same points as errors over the length of the stop: what the line of equality is too thick to show. */
export function drawErrors(all: readonly PredictedPoint[], noiseMs: number): Drawing | undefined {
  const points = drawable(all).map((point) => ({
    ...point,
    error: point.predicted_ms / point.measured_ms - 1,
  }));
  if (points.length === 0) return undefined;
  const times = points.map((point) => point.measured_ms);
  const domain: [number, number] = [Math.min(...times) / 1.2, Math.max(...times) * 1.2];
  const { legend, colourOf } = byGroup(points);
  const edge = (error: number): number => Math.max(-ERROR_MOST, Math.min(ERROR_MOST, error));
  const beyond = points.filter(({ error }) => Math.abs(error) > ERROR_MOST).length;
  const long = points.filter((point) => point.measured_ms >= LONG_MS);
  const curve = Array.from({ length: 80 }, (_, i) => domain[0] * (domain[1] / domain[0]) ** (i / 79));
  const noise = (measured: number): number => Math.min(ERROR_MOST, noiseMs / measured);
  return {
    title: `Of ${long.length} stops of ${LONG_MS} ms and more, ${long.filter(({ error }) => Math.abs(error) <= BAND).length} are predicted within ${100 * BAND} %`,
    subtitle: `Each dot is a configuration: predicted less measured, of the measured median. Shaded: ${noiseMs} ms, what single stops differ by anyway; lines: ${100 * BAND} %.${beyond > 0 ? ` ${beyond} beyond ${100 * ERROR_MOST} % stand at the edge.` : ''}`,
    width: PLOT_PX + 210 + legendRoom(legend),
    height: ERROR_HEIGHT_PX,
    options: {
      marginLeft: 70,
      marginRight: legendRoom(legend),
      marginBottom: 46,
      x: { type: 'log', domain, axis: null },
      y: { domain: [-ERROR_MOST, ERROR_MOST], axis: null },
      marks: [
        Plot.areaY(curve, {
          x: (v: number) => v,
          y1: (v: number) => -noise(v),
          y2: noise,
          fill: GREY,
          fillOpacity: 0.15,
        }),
        Plot.ruleY([-BAND, BAND], { stroke: GREY, strokeDasharray: '4,4', strokeWidth: 0.8 }),
        Plot.ruleY([0], { stroke: INK, strokeWidth: 1 }),
        measuredAxis(logTicks(domain, 8)),
        Plot.axisY([-0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2], {
          tickFormat: (v: number) => `${v > 0 ? '+' : ''}${Math.round(100 * v)} %`,
          label: 'error of the prediction',
          labelArrow: 'none',
        }),
        Plot.dot(points, {
          x: 'measured_ms',
          y: (p: { error: number }) => edge(p.error),
          ...dotOptions(colourOf),
        }),
        ...legendMarks(legend),
      ],
    },
  };
}

/**
 * Rows of `validate --json` with both times; kinds without times (op sequences, first touches) have none. Grouped by
 * phase unless a name for all is given.
 */
export function predictedPoints(rows: unknown, group?: string): readonly PredictedPoint[] {
  if (!Array.isArray(rows)) return [];
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return (rows as Record<string, unknown>[])
    .filter((row) => typeof row.measured_ms === 'number' && typeof row.predicted_ms === 'number')
    .map((row) => ({
      config: String(row.config ?? ''),
      group: group ?? String(row.phase ?? 'stop'),
      measured_ms: row.measured_ms as number,
      predicted_ms: row.predicted_ms as number,
      lo_ms: number(row.lo_ms),
      hi_ms: number(row.hi_ms),
    }));
}
