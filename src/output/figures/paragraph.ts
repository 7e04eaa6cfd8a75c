/**
 * What an experiment found, as a paragraph whose numbers are looked up in its results. Between braces stands what is asked:
 *
 *   {storage=ceph-nvme}            the mean downtime of the one row that `where` and this leave
 *   {bitmap_work_ms link=1gbit}    another metric of it
 *   {p95 parallel=40}              the 95th percentile of the downtime
 *   {completed}                    how many of its runs stop by themselves; {n}: how many there are
 *   {over storage=*}               how many rows are over the budget; `*` takes a condition of `where` away
 *   {never stack=kubevirt-cbt}     how many never stop by themselves
 *   {rows}                         how many rows there are
 *
 * `holds` are comparisons of the same lookups. Where one does not hold, or a row is missing, there is no paragraph:
 * rows of another sweep must not be told the finding of this one.
 */
import { InputError } from '../../base/errors.js';
import { parseExpression } from '../../sweep/experiment/expression.js';
import type { FigureSpec, FindingSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import type { Manifest } from '../../sweep/results/manifest.js';
import { measured, num, selection, stops } from './data.js';
import { metricColumns } from './series.js';

type Where = NonNullable<FigureSpec['where']>;

interface Value {
  readonly number: number;
  readonly text: string;
}

const LOOKUP = /\{([^{}]*)\}/g;
const STRATEGIES = 'strategy';

/** What is looked up where nothing else is asked. */
const USUAL = 'downtime_ms';

/** Counts of runs, which a row has of those too that never stop. */
const PLAIN: ReadonlySet<string> = new Set(['n', 'completed', 'not_converged', 'failed']);

/** What is counted, by its word. */
const COUNTS: Readonly<Record<string, (row: Row) => boolean>> = {
  rows: () => true,
  over: (row) => stops(row) && num(row, 'downtime_mean_ms') > num(row, 'budget_ms'),
  never: (row) => num(row, 'not_converged') > 0,
};

const SMALL = [
  'none',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** The words of a lookup: what is asked, and of which rows. */
function parse(text: string, common: Where): { readonly asked: string; readonly where: Where } {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const pairs = words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]);
  const asked = words.filter((word) => !word.includes('='));
  if (asked.length > 1) throw new InputError(`finding: {${text}} asks for more than one thing`);
  const where = Object.fromEntries(
    Object.entries({ ...common, ...Object.fromEntries(pairs) }).filter(([, value]) => value !== '*'),
  );
  return { asked: asked[0] ?? USUAL, where };
}

/** The rows of a lookup; the reference is none of them unless it is named. */
function rowsOf(rows: readonly Row[], { [STRATEGIES]: strategy, ...where }: Where): readonly Row[] {
  const strategies = strategy === undefined ? {} : { strategies: [String(strategy)] };
  return rows.filter(selection({ type: 'downtime', where, ...strategies }));
}

/** The value of a lookup; undefined where the rows do not have it. */
function lookUp(text: string, rows: readonly Row[], common: Where): Value | undefined {
  const { asked, where } = parse(text, common);
  const own = rowsOf(rows, where);
  const count = COUNTS[asked];
  if (count) {
    const number = own.filter(count).length;
    return own.length === 0 ? undefined : { number, text: SMALL[number] ?? String(number) };
  }
  const [row] = own;
  if (!row || own.length > 1) return undefined;
  if (PLAIN.has(asked)) return { number: num(row, asked), text: row[asked]! };
  const [metric, column] =
    asked === 'p95' ? [USUAL, metricColumns(USUAL).p95] : [asked, metricColumns(asked).mean];
  const number = num(row, column);
  if (!Number.isFinite(number) || !stops(row)) return undefined;
  return { number, text: measured(metric, number) };
}

/** Whether a comparison holds of the rows. */
function holds(comparison: string, rows: readonly Row[], common: Where): boolean {
  const values: Record<string, number> = {};
  let isKnown = true;
  const text = comparison.replace(LOOKUP, (_, asked: string) => {
    const name = `value${Object.keys(values).length}x`;
    const value = lookUp(asked, rows, common);
    if (!value) isKnown = false;
    values[name] = value?.number ?? 0;
    return name;
  });
  return isKnown && parseExpression(text, 'finding.holds').evaluate(values) === true;
}

/**
 * Lookups that the rows have no answer to, and comparisons that do not hold: what a test shows.
 * @internal
 */
export function broken({ text, where, holds: claims }: FindingSpec, rows: readonly Row[]): readonly string[] {
  const asked = [...text.matchAll(LOOKUP)].map(([all, inside]) => ({ all, inside: inside! }));
  return [
    ...asked.filter(({ inside }) => !lookUp(inside, rows, where)).map(({ all }) => all),
    ...claims.filter((claim) => !holds(claim, rows, where)),
  ];
}

/**
 * The paragraph; undefined where it is not true of the rows.
 * @internal
 */
export function paragraphOf(finding: FindingSpec, rows: readonly Row[]): string | undefined {
  if (broken(finding, rows).length > 0) return undefined;
  return finding.text.replace(LOOKUP, (_, asked: string) => lookUp(asked, rows, finding.where)!.text).trim();
}

/** What an experiment found, of these rows; undefined where its file says nothing, or nothing that is true of them. */
export function findingOf({ experiment }: Manifest, rows: readonly Row[]): string | undefined {
  const { finding } = experiment.file;
  return finding && paragraphOf(finding, rows);
}
