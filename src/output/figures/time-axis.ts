/** The axis of time of a trace, in the unit that reads best. */
export interface TimeAxis {
  /** Nanoseconds of one unit. */
  readonly unitNs: number;
  readonly label: string;
}

export function timeAxis(durationNs: number): TimeAxis {
  if (durationNs >= 2 * 86_400e9) return { unitNs: 86_400e9, label: 'days' };
  if (durationNs >= 2 * 3600e9) return { unitNs: 3600e9, label: 'hours' };
  if (durationNs >= 5 * 60e9) return { unitNs: 60e9, label: 'minutes' };
  if (durationNs >= 2e9) return { unitNs: 1e9, label: 'seconds' };
  return { unitNs: 1e6, label: 'milliseconds' };
}
