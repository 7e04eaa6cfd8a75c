/** A column of a CSV file: its name carries the unit, a missing value is an empty cell. */
import type { RunOutcome } from '../run/task.js';

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
  /** What tables and figures call it; left out: its name without the unit. */
  readonly label?: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
}

/** A column of runs.csv that a run fills. */
export interface ResultColumn extends Column {
  readonly value: (result: RunOutcome) => Cell;
}
