/** Directories of results side by side: their common points, paired by replication. */
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { isReference } from '../sim/strategies/lookup.js';
import { type Compared, compared, type Pair } from '../study/compare/compared.js';
import { strategyLabel } from '../study/run.js';
import type { Row } from './results/csv.js';
import { readManifest } from './results/manifest.js';
import { RUNS_FILE } from './results/runs-file.js';
import { rowsOf } from './results/summary-file.js';

export interface DirectoryRow extends Compared {
  readonly name: string;
  readonly strategy: string;
  readonly variant: string | null;
  /** Common points, and replications of all of them. */
  readonly points: number;
  readonly n: number;
}

/** Values of one point and strategy, by replication. */
type Values = Map<string, number>;

interface Results {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

function read(directory: string): Results {
  readManifest(directory);
  const rows = [...rowsOf(join(directory, RUNS_FILE))];
  if (rows.length === 0) throw new InputError(`${directory}: ${RUNS_FILE} has no rows`);
  return { name: directory, columns: Object.keys(rows[0]!), rows };
}

/** The columns that say which situation a row is of: between its identity and its result. */
function situationColumns({ columns }: Results): readonly string[] {
  return columns.slice(columns.indexOf('seed') + 1, columns.indexOf('strategy'));
}

/** Values by strategy and point. `common`: the columns that all directories have. */
function valuesOf(
  { rows, name }: Results,
  common: readonly string[],
  metric: string,
): Map<string, Map<string, Values>> {
  if (rows[0]![metric] === undefined) throw new InputError(`--metric: ${name} has no column '${metric}'`);
  const all = new Map<string, Map<string, Values>>();
  for (const row of rows) {
    if (isReference(row.strategy!)) continue;
    const label = strategyLabel({ strategy: row.strategy!, variant: row.variant || null });
    const point = common.map((column) => row[column]).join('\0');
    const points = all.get(label) ?? new Map<string, Values>();
    const values = points.get(point) ?? new Map<string, number>();
    const value =
      row.state === 'completed' && row[metric] !== '' ? Number(row[metric]) : Number.POSITIVE_INFINITY;
    values.set(row.replication!, value);
    all.set(label, points.set(point, values));
  }
  return all;
}

function pairOf(values: Values, baseline: Values): Pair {
  const replications = [...values.keys()].filter((replication) => baseline.has(replication));
  return {
    values: replications.map((replication) => values.get(replication)!),
    baseline: replications.map((replication) => baseline.get(replication)!),
  };
}

/** Each directory beside the first, by strategy, over the points that both have. */
export function compareDirectories(directories: readonly string[], metric: string): readonly DirectoryRow[] {
  const results = directories.map(read);
  const common = situationColumns(results[0]!).filter((column) =>
    results.every(({ columns }) => columns.includes(column)),
  );
  const [first, ...others] = results.map((each) => ({
    name: each.name,
    values: valuesOf(each, common, metric),
  }));
  const rows = others.flatMap(({ name, values }) =>
    [...values].flatMap(([label, points]): DirectoryRow[] => {
      const base = first!.values.get(label);
      const pairs = [...points].flatMap(([point, own]) => {
        const other = base?.get(point);
        return other ? [pairOf(own, other)] : [];
      });
      const usable = pairs.filter(({ values: own }) => own.length > 0);
      if (usable.length === 0) return [];
      const [strategy = label, variant] = label.split('/');
      const exact = usable.every(({ values: own }) => own.length === 1);
      return [
        {
          name,
          strategy,
          variant: variant ?? null,
          ...compared(usable, exact),
          points: usable.length,
          n: usable.reduce((sum, { values: own }) => sum + own.length, 0),
        },
      ];
    }),
  );
  if (rows.length === 0)
    throw new InputError(`${directories.slice(1).join(', ')}: no point in common with ${directories[0]}`);
  return rows;
}
