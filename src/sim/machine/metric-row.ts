/** The form of a metric (metrics.ts has the list): what it is called, how it is got, and where it is shown. */
import type { PhaseTimes } from './phases.js';

/** How a metric is got: exactly one of these. */
interface Origins<End, Both, Value> {
  /** Added up while the run goes on, in `machine.counters`. */
  readonly counted?: true;
  /** Follows from what is known at the end of the run. */
  readonly measured?: (end: End) => Value;
  /** Follows from the metrics of the run, alone or beside those of the run without bitmaps. */
  readonly compared?: (pair: Both) => Value;
}

/** The ways. */
export type WayOfGetting = keyof Origins<unknown, unknown, unknown>;

/** `End`: what is known when a migration is over; `Both`: the same beside the run without bitmaps. */
export interface Row<End, Both> extends Origins<End, Both, number | null | Readonly<PhaseTimes>> {
  /** Its column in CSV files and its key in `--json`; the name ends in its unit. */
  readonly column: string;
  /** What tables and figures call it; left out: its column without the unit. */
  readonly label?: string;
  /** Times are whole nanoseconds in a run and milliseconds in every file. */
  readonly kind: 'time' | 'bytes' | 'count' | 'ratio';
  /** A run may have none. */
  readonly nullable?: true;
  /** In `ask --json`: the mean unless told; `spread`: with interval and quantiles; `none`: left out. */
  readonly ask?: 'spread' | 'none';
  /** In summary.csv: the mean unless told; `spread`: with interval, deviation and quantiles. */
  readonly summary?: 'spread';
  readonly meaning: string;
}
