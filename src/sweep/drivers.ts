/** What drives the results of a sweep: the share of their variance that each axis explains, alone and in all, from the rows as they are. */
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { parameterAt } from '../input/parameters.js';
import { namedStream } from '../kernel/rng.js';
import { isReference } from '../sim/strategies/lookup.js';
import { type FirstOrder, firstOrders } from '../stats/given-data.js';
import type { Interval } from '../stats/interval.js';
import { findBox } from '../stats/prim.js';
import { totalOrders } from '../stats/total-orders.js';
import { type Labelled, strategyLabel } from '../study/run.js';
import { boxWords, explainedBy } from '../study/sensitivity/words.js';
import { makeExperiment } from './experiment/experiment.js';
import { columnLabel } from './results/columns.js';
import type { Row } from './results/csv.js';
import { readManifest } from './results/manifest.js';
import { RUNS_FILE } from './results/runs-file.js';
import { rowsOf } from './results/summary-file.js';

export interface Driver extends FirstOrder {
  readonly path: string;
  /** With everything that it does together with others; null where the points do not tell. */
  readonly total: number | null;
  readonly total_ci95: Interval | null;
}

/** Of one strategy. */
export interface Drivers extends Labelled {
  readonly output: string;
  readonly drivers: readonly Driver[];
  /** Which share of the variance the surface that the totals are read from foretells of points left out; null: there is none. */
  readonly foretold: number | null;
  readonly points: number;
  readonly runs: number;
  readonly over_budget: number;
  readonly sentence: string;
  readonly box: string | null;
}

/** Fewer points tell nothing of a share. */
const POINTS_MIN = 8;

interface Axis {
  readonly path: string;
  readonly column: string;
}

/** The rows of one point and strategy. */
interface Point {
  readonly row: Row;
  sum: number;
  over: number;
  n: number;
}

function pointsOf(rows: Iterable<Row>, metric: string): Map<string, Map<string, Point>> {
  const all = new Map<string, Map<string, Point>>();
  for (const row of rows) {
    const value = Object.hasOwn(row, metric) ? row[metric] : undefined;
    if (value === undefined) throw new InputError(`--metric: ${RUNS_FILE} has no column '${metric}'`);
    if (isReference(row.strategy!) || row.state !== 'completed' || value === '') continue;
    const label = strategyLabel({ strategy: row.strategy!, variant: row.variant || null });
    const points = all.get(label) ?? new Map<string, Point>();
    const point = points.get(row.point!) ?? { row, sum: 0, over: 0, n: 0 };
    point.sum += Number(value);
    point.n++;
    if (Number(row.downtime_ms) > Number(row.budget_ms)) point.over++;
    all.set(label, points.set(row.point!, point));
  }
  return all;
}

/** A column as numbers: its own, or the places of its words in their order of appearance. */
function numbers(points: readonly Point[], column: string): number[] {
  const texts = points.map(({ row }) => row[column] ?? '');
  if (texts.every((text) => text !== '' && Number.isFinite(Number(text)))) return texts.map(Number);
  const words = [...new Set(texts)];
  return texts.map((text) => words.indexOf(text));
}

/** Where a value stands among all, as a share: what the box is cut from. */
function ranks(values: readonly number[]): { shares: number[]; at: (share: number) => number } {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const last = Math.max(1, sorted.length - 1);
  const place = new Map(sorted.map((value, i) => [value, i / last]));
  return {
    shares: values.map((value) => place.get(value)!),
    at: (share) => sorted[Math.round(Math.min(1, Math.max(0, share)) * last)]!,
  };
}

function driversOf(
  points: readonly Point[],
  axes: readonly Axis[],
  named: Labelled,
  question: { readonly metric: string; readonly seed: number; readonly format: Format },
): Drivers {
  const { metric, seed, format } = question;
  const free = axes.filter(({ column }) => points.some(({ row }) => row[column] !== points[0]!.row[column]));
  const columns = free.map(({ column }) => numbers(points, column));
  const values = points.map(({ sum, n }) => sum / n);
  const ranked = columns.map(ranks);
  // By rank an axis is even, whether its values are spread by their differences or by their ratios.
  const shares = ranked.map((each) => each.shares);
  const found = firstOrders(shares, values, namedStream(seed, 0, 'drivers/bootstrap'));
  const { totals, foretold } = totalOrders(shares, values, namedStream(seed, 0, 'drivers/totals'));
  const untold = { total: null, total_ci95: null };
  const drivers = free.map(({ path }, i) => ({ path, ...found[i]!, ...(totals?.[i] ?? untold) }));
  const over = points.map((point) => 2 * point.over > point.n);
  const words = explainedBy(drivers, values);
  const box = findBox(
    points.map((_, j) => shares.map((each) => each[j]!)),
    over,
  );
  const shown = free.map(({ path, column }, i) => {
    const texts = new Map(points.map(({ row }, j) => [columns[i]![j]!, row[column] ?? '']));
    const at = (share: number): string => format(column, texts.get(ranked[i]!.at(share)) ?? '');
    return { path, shown: at, discrete: texts.size < points.length };
  });
  return {
    ...named,
    output: metric,
    drivers,
    foretold,
    points: points.length,
    runs: points.reduce((sum, { n }) => sum + n, 0),
    over_budget: over.filter(Boolean).length / over.length,
    sentence: words.text + words.together,
    box: box === undefined ? null : boxWords(box, shown),
  };
}

/** A cell of a column for readers. */
type Format = (column: string, text: string) => string;

/** What drives `metric` in a directory of results, for each strategy. */
export function driversIn(directory: string, metric: string, format: Format): readonly Drivers[] {
  const experiment = makeExperiment(readManifest(directory).experiment);
  const axes = experiment.axes.flatMap(({ path }): Axis[] => {
    const column = parameterAt(path)?.column;
    return column === undefined || path === 'strategies' ? [] : [{ path, column }];
  });
  if (axes.length === 0) throw new InputError(`${directory}: nothing was varied`);
  const all = pointsOf(rowsOf(join(directory, RUNS_FILE)), metric);
  const question = { metric, seed: experiment.seed, format };
  const results = [...all].flatMap(([, points]) => {
    const list = [...points.values()];
    const { strategy, variant } = list[0]!.row;
    const named = { strategy: strategy!, variant: variant || null };
    return list.length < POINTS_MIN ? [] : [driversOf(list, axes, named, question)];
  });
  if (results.length === 0)
    throw new InputError(`${directory}: fewer than ${POINTS_MIN} points have a ${columnLabel(metric)}`);
  return results;
}
