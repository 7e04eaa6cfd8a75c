/** One metric of runs.csv, point by point. */
import { InputError } from '../../base/errors.js';
import { hash128 } from '../../base/hash.js';
import { isReference } from '../../sim/strategies/lookup.js';
import { Sample } from '../../stats/sample.js';
import { strategyLabel } from '../../study/run.js';
import { recordsOf } from './summary-file.js';

/** The metric by strategy (its label), then by replication; Infinity where the migration did not end as it should. */
export type PointValues = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface Point {
  /** Told from the columns that were asked for, alike in every file. */
  readonly key: string;
  /** As its own file counts. */
  readonly index: string;
  readonly values: PointValues;
}

/** Which rows are of one point, and what is read of them. */
export interface Reading {
  readonly metric: string;
  /** The columns that tell a point. */
  readonly situation: readonly string[];
}

/** Short and of one length, whatever the columns hold: a million of them are kept. */
function keyOf(cells: readonly string[]): string {
  const halves = hash128(cells.join('\0')).flatMap((word) => [word >>> 16, word & 0xffff]);
  return String.fromCharCode(...halves);
}

/** The points of a file in which the rows of each stand together, as every sweep writes them. */
export function* pointsOf(path: string, { metric, situation }: Reading): Generator<Point> {
  const records = recordsOf(path);
  const header: readonly string[] = records.next().value ?? [];
  const at = (column: string): number => {
    const index = header.indexOf(column);
    if (index === -1) throw new InputError(`${path}: there is no column '${column}'`);
    return index;
  };
  const [pointAt, replicationAt, strategyAt] = [at('point'), at('replication'), at('strategy')];
  const [variantAt, stateAt, metricAt] = [at('variant'), at('state'), at(metric)];
  const told = situation.map(at);
  let index: string | undefined;
  let key = '';
  let values = new Map<string, Map<number, number>>();
  for (const cells of records) {
    if (cells[pointAt] !== index) {
      if (index !== undefined) yield { key, index, values };
      index = cells[pointAt] ?? '';
      key = keyOf(told.map((column) => cells[column] ?? ''));
      values = new Map();
    }
    const strategy = cells[strategyAt] ?? '';
    if (isReference(strategy)) continue;
    const label = strategyLabel({ strategy, variant: cells[variantAt] || null });
    const own = values.get(label) ?? new Map<number, number>();
    const text = cells[stateAt] === 'completed' ? cells[metricAt] : '';
    values.set(label, own.set(Number(cells[replicationAt]), text ? Number(text) : Number.POSITIVE_INFINITY));
  }
  if (index !== undefined) yield { key, index, values };
}

/** Points that are kept to be asked for: three numbers a row and one text a point. */
export class KeptPoints {
  private readonly starts = new Map<string, number>();
  private readonly labels: string[] = [];
  /** Of each point how many rows it has, then of each its label, replication and value. */
  private readonly numbers = new Sample();

  /** False where a point that is told by the same was kept before. */
  add({ key, values }: Point): boolean {
    if (this.starts.has(key)) return false;
    this.starts.set(key, this.numbers.length);
    this.numbers.push([...values.values()].reduce((sum, own) => sum + own.size, 0));
    for (const [label, own] of values) {
      if (!this.labels.includes(label)) this.labels.push(label);
      const labelIndex = this.labels.indexOf(label);
      for (const row of own) for (const number of [labelIndex, ...row]) this.numbers.push(number);
    }
    return true;
  }

  get(key: string): PointValues | undefined {
    const start = this.starts.get(key);
    if (start === undefined) return undefined;
    const numbers = this.numbers.values;
    const values = new Map<string, Map<number, number>>();
    for (let at = start + 1, left = numbers[start]!; left > 0; left--, at += 3) {
      const label = this.labels[numbers[at]!]!;
      const own = values.get(label) ?? new Map<number, number>();
      values.set(label, own.set(numbers[at + 1]!, numbers[at + 2]!));
    }
    return values;
  }
}
