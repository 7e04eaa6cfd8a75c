/** Where the cells of a row stand that its summary is made of: looked up once for all rows of a file. */
import { METRIC_COLUMNS } from './columns.js';
import { SPREAD_METRICS } from './metric-columns.js';

/** The metrics of which a summary has the mean alone. */
export const PLAIN_METRICS = METRIC_COLUMNS.map(({ name }) => name).filter(
  (name) => !SPREAD_METRICS.includes(name),
);

/** What a row's verdict follows from. */
const JUDGED_BY = ['downtime_ms', 'stop_at_limit_ms', 'least_stop_ms', 'bitmap_work_ms'] as const;

/** Where the columns that are read stand in a header; -1: nowhere. */
export class ColumnsAt {
  readonly strategy: number;
  readonly variant: number;
  readonly state: number;
  readonly replication: number;
  readonly full: readonly number[];
  readonly plain: readonly number[];
  readonly judged: Readonly<Record<(typeof JUDGED_BY)[number], number>>;

  constructor(header: readonly string[]) {
    const at = (name: string): number => header.indexOf(name);
    this.strategy = at('strategy');
    this.variant = at('variant');
    this.state = at('state');
    this.replication = at('replication');
    this.full = SPREAD_METRICS.map(at);
    this.plain = PLAIN_METRICS.map(at);
    const judged = JUDGED_BY.map((name) => [name, at(name)] as const);
    this.judged = Object.fromEntries(judged) as ColumnsAt['judged'];
  }
}

/** Takes the number of a cell that is not empty. */
export function take(numbers: { push(value: number): void }, cell: string | undefined): void {
  if (cell) numbers.push(Number(cell));
}
