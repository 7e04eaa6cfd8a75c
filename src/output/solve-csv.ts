/** What `solve --csv` prints: every setting looked at, or every point of a frontier. */
import { parameterAt } from '../input/parameters.js';
import type { Frontier } from '../study/solve/frontier.js';
import type { Solved } from '../study/solve/solved.js';
import { cellText, csvText } from '../sweep/results/csv.js';

const column = (path: string): string => parameterAt(path)?.column ?? path;

/** One line for each strategy and setting. */
export function solvedCsv(roots: readonly Solved[]): string {
  const head = ['strategy', 'variant', column(roots[0]!.path), 'p_over_budget', 'stop_ms', 'n'];
  const rows = roots.flatMap(({ strategy, variant, evaluations }) =>
    evaluations.map(({ value, p_over, stop_ms, n }) => [strategy, variant, value, p_over, stop_ms, n]),
  );
  return csvText([head, ...rows.map((row) => row.map(cellText))]);
}

/** One line for each strategy and value of the first quantity. */
export function frontierCsv(frontiers: readonly Frontier[]): string {
  const [first, second] = frontiers[0]!.paths.map(column);
  const head = ['strategy', 'variant', first!, second!, `${second}_lo`, `${second}_hi`, 'state', 'runs'];
  const rows = frontiers.flatMap(({ strategy, variant, points }) =>
    points.map(({ at, value, lo, hi, state, runs }) => [strategy, variant, at, value, lo, hi, state, runs]),
  );
  return csvText([head, ...rows.map((row) => row.map(cellText))]);
}
