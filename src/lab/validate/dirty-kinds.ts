/** dirty_windows.csv (with dirty_runs.csv beside it) and dirty_runs.csv: first touches under fio. */
import { InputError } from '../../base/errors.js';
import {
  type DirtyResult,
  type DirtyWindow,
  dirtyRuns,
  dirtyWindows,
  type Metric,
  predictDirtyWindows,
  wholeRuns,
} from './dirty-windows.js';
import type { ValidationKind, ValidationReport } from './kind.js';
import { percent } from './report.js';
import { type MeasuredTable, readMeasured } from './rows.js';

const RUNS = 'dirty_runs.csv';
const NAMES: Readonly<Record<Metric, string>> = {
  newly_set: 'granules',
  new_c64k: 'chunks_64k',
  new_c4k: 'chunks_4k',
  new_c512: 'chunks_512',
};

/** First touches are predicted to parts of a percent. */
const DIGITS = 2;

function report(result: DirtyResult, missing: readonly string[]): ValidationReport {
  const { figures, rows, windows, ...all } = result;
  const named = Object.entries(figures).map(
    ([figure, summary]) => [NAMES[figure as Metric], summary] as const,
  );
  return {
    json: { ...all, ...Object.fromEntries(named), windows, without_run: missing, rows },
    medianApe: all.median_ape,
    p90Ape: all.p90_ape,
    mismatches: 0,
    table: {
      columns: ['first touches of', 'means', 'median error', 'p90', 'max', 'windows', 'median error of one'],
      rows: named.map(([name, s]) => [
        name,
        String(s.n),
        percent(s.median_ape, DIGITS),
        percent(s.p90_ape, DIGITS),
        percent(s.max_ape, DIGITS),
        String(s.windows.n),
        percent(s.windows.median_ape, DIGITS),
      ]),
    },
    remarks: [
      'means: over the windows of one run and length, where they are 100 or more; a single window has its own chance',
      ...missing.map((workload) => `${workload}: not in ${RUNS}, left out`),
    ],
  };
}

function predict(runs: MeasuredTable, windows: readonly DirtyWindow[]): ValidationReport {
  const known = dirtyRuns(runs.rows);
  const names = new Set(known.map((run) => run.workload));
  const missing = new Set(windows.map((window) => window.workload).filter((name) => !names.has(name)));
  return report(predictDirtyWindows(known, windows), [...missing]);
}

export const dirtyWindowsKind: ValidationKind = {
  name: 'dirty windows',
  columns: ['newly_set', 'window_s', 't_start', 't_end'],
  validate(table, _options, sibling) {
    const text = sibling(RUNS);
    if (text === undefined)
      throw new InputError(`${RUNS}: not found beside the windows; it says which fio jobs ran`);
    return predict(readMeasured(text, RUNS), dirtyWindows(table.rows));
  },
};

export const dirtyRunsKind: ValidationKind = {
  name: 'dirty runs',
  columns: ['jobs', 'set_total', 'fio_iops'],
  validate: (table) => predict(table, wholeRuns(table.rows)),
};
