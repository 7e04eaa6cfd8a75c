/**
 * Directories of results side by side: their common points, paired by replication. Of the first directory some numbers a
 * row are kept, of the others one point at a time, so a million rows are compared as easily as a hundred.
 */
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { type Compared, comparedAll, type Pair, type Told, toldBy } from '../study/compare/compared.js';
import { readManifest } from './results/manifest.js';
import { KeptPoints, type PointValues, pointsOf, type Reading } from './results/points.js';
import { RUNS_FILE } from './results/runs-file.js';
import { recordsOf } from './results/summary-file.js';

export interface DirectoryRow extends Compared {
  readonly name: string;
  readonly strategy: string;
  readonly variant: string | null;
  /** Common points, and replications of all of them. */
  readonly points: number;
  readonly n: number;
}

interface Results {
  readonly name: string;
  readonly path: string;
  readonly header: readonly string[];
}

function opened(name: string, metric: string): Results {
  readManifest(name);
  const path = join(name, RUNS_FILE);
  const [header, first] = [...firstOf(recordsOf(path), 2)];
  if (header === undefined || first === undefined) throw new InputError(`${name}: ${RUNS_FILE} has no rows`);
  if (!header.includes(metric)) throw new InputError(`--metric: ${name} has no column '${metric}'`);
  return { name, path, header };
}

function* firstOf<T>(all: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const each of all) {
    yield each;
    if (--left === 0) return;
  }
}

/** The columns that say which situation a row is of: between its identity and its result. */
function situationColumns({ header }: Results): readonly string[] {
  return header.slice(header.indexOf('seed') + 1, header.indexOf('strategy'));
}

function kept({ name, path }: Results, reading: Reading): KeptPoints {
  const points = new KeptPoints();
  for (const point of pointsOf(path, reading))
    if (!points.add(point))
      throw new InputError(
        `${name}: point ${point.index} differs from an earlier one only in columns that the other directories do not have`,
      );
  return points;
}

type Replications = NonNullable<ReturnType<PointValues['get']>>;

/** The replications that both have. */
function pairOf(values: Replications, baseline: Replications): Pair {
  const common = [...values.keys()].filter((replication) => baseline.has(replication));
  return {
    values: common.map((replication) => values.get(replication)!),
    baseline: common.map((replication) => baseline.get(replication)!),
  };
}

/** What is known of one strategy over the points so far. */
interface Gathered {
  readonly told: Told[];
  n: number;
}

function rowsOf({ name, path }: Results, baseline: KeptPoints, reading: Reading): readonly DirectoryRow[] {
  const byLabel = new Map<string, Gathered>();
  for (const { key, values } of pointsOf(path, reading)) {
    const base = baseline.get(key);
    for (const [label, own] of values) {
      const other = base?.get(label);
      const pair = other && pairOf(own, other);
      if (!pair || pair.values.length === 0) continue;
      const gathered = byLabel.get(label) ?? { told: [], n: 0 };
      gathered.told.push(toldBy(pair));
      gathered.n += pair.values.length;
      byLabel.set(label, gathered);
    }
  }
  return [...byLabel].map(([label, { told, n }]): DirectoryRow => {
    const [strategy = label, variant = null] = label.split('/');
    const exact = n === told.length;
    return { name, strategy, variant, ...comparedAll(told, exact), points: told.length, n };
  });
}

/** Each directory beside the first, by strategy, over the points that both have. */
export function compareDirectories(directories: readonly string[], metric: string): readonly DirectoryRow[] {
  const results = directories.map((directory) => opened(directory, metric));
  const situation = situationColumns(results[0]!).filter((column) =>
    results.every(({ header }) => header.includes(column)),
  );
  const reading = { metric, situation };
  const baseline = kept(results[0]!, reading);
  const rows = results.slice(1).flatMap((each) => rowsOf(each, baseline, reading));
  if (rows.length === 0)
    throw new InputError(`${directories.slice(1).join(', ')}: no point in common with ${directories[0]}`);
  return rows;
}
