/** What a sweep answers in a few sentences: what fits, who is shortest, what never stops. For reports and the terminal. */
import { isReference } from '../../sim/strategies/lookup.js';
import type { Row } from '../../sweep/results/csv.js';
import { budgetOf, num, shown, stops } from './data.js';
import { cellOf, STRATEGY } from './split.js';

interface Group {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** Rows by strategy as readers call it, without the reference. */
function byStrategy(rows: readonly Row[]): readonly Group[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (isReference(row.strategy!)) continue;
    const name = cellOf(row, STRATEGY);
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups].map(([name, own]) => ({ name, rows: own }));
}

/** How often a strategy fits, and its longest stop. */
function verdictOf({ name, rows }: Group, budget: number): string {
  const count = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  const lowered = count('fits-with-limit');
  const more = lowered === 0 ? '' : `, in ${lowered} more with a lower downtime-limit`;
  const means = rows.filter(stops).map((row) => num(row, 'downtime_mean_ms'));
  const worst = Math.max(...means.filter(Number.isFinite));
  const longest = Number.isFinite(worst)
    ? `; its longest mean downtime is ${shown('downtime_ms', String(worst))}`
    : '';
  return `${name} fits the budget of ${shown('budget_ms', String(budget))} in ${count('fits')} of ${rows.length} situations${more}${longest}.`;
}

/** Which strategy stops the guest for the shortest time, at how many of the points where several do. */
function winners(rows: readonly Row[]): readonly string[] {
  const points = new Map<string, Row[]>();
  for (const row of rows)
    if (!isReference(row.strategy!) && stops(row) && Number.isFinite(num(row, 'downtime_mean_ms')))
      points.set(row.point!, [...(points.get(row.point!) ?? []), row]);
  const contested = [...points.values()].filter((own) => own.length > 1);
  const won = new Map<string, number>();
  for (const own of contested) {
    const least = own.reduce((a, b) => (num(b, 'downtime_mean_ms') < num(a, 'downtime_mean_ms') ? b : a));
    const name = cellOf(least, STRATEGY);
    won.set(name, (won.get(name) ?? 0) + 1);
  }
  if (won.size === 0) return [];
  const said = [...won].sort((a, b) => b[1] - a[1]).map(([name, times]) => `${name} at ${times}`);
  return [
    `Shortest mean downtime, of ${contested.length} points with several strategies: ${said.join(', ')}.`,
  ];
}

/** What never stops by itself, and what loses bits, of each strategy. */
function troubles(groups: readonly Group[]): readonly string[] {
  const of = (what: string, column: string): string[] => {
    const said = groups.flatMap(({ name, rows }) => {
      const count = rows.filter((row) => num(row, column) > 0).length;
      return count === 0 ? [] : [`${name} in ${count} of ${rows.length} situations`];
    });
    return said.length === 0 ? [] : [`${what}: ${said.join(', ')}.`];
  };
  return [
    ...of('Never stops by itself, in some or all of its runs', 'not_converged'),
    ...of('The destination lacks bits', 'failed'),
  ];
}

/** The sentences. */
export function verdictTexts(rows: readonly Row[]): readonly string[] {
  const groups = byStrategy(rows);
  const budget = budgetOf(rows);
  return [
    ...(budget === undefined ? [] : groups.map((group) => verdictOf(group, budget))),
    ...winners(rows),
    ...troubles(groups),
  ];
}
