/** The axis of time of a trace, in the unit that reads best. */
import type { ScaleOptions } from '@observablehq/plot';

export interface TimeAxis {
  /** Nanoseconds of one unit. */
  readonly unitNs: number;
  /** The horizontal axis, for Plot. */
  readonly x: ScaleOptions;
}

function unitOf(durationNs: number): readonly [unitNs: number, name: string] {
  if (durationNs >= 2 * 86_400e9) return [86_400e9, 'days'];
  if (durationNs >= 2 * 3600e9) return [3600e9, 'hours'];
  if (durationNs >= 5 * 60e9) return [60e9, 'minutes'];
  return durationNs >= 2e9 ? [1e9, 'seconds'] : [1e6, 'milliseconds'];
}

export function timeAxis(durationNs: number): TimeAxis {
  const [unitNs, name] = unitOf(durationNs);
  const label = `${name} since the trace's beginning`;
  return { unitNs, x: { label, labelAnchor: 'center', labelArrow: 'none', ticks: 8 } };
}
