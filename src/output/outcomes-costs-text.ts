/** What failures cost a fleet, as text. */
import { formatTime } from '../base/units.js';
import { proposedMark } from '../sim/strategies/lookup.js';
import type { Costs } from '../study/outcomes/costs.js';
import type { Expected, Yearly } from '../study/outcomes/fleet.js';
import { strategyTitle } from '../study/run.js';
import type { DrawTable } from './table.js';

const shown = (value: number): string =>
  value === 0 ? '0' : value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();

const each = (expected: Expected | null, text: (value: number) => string): string => {
  if (expected === null) return '-';
  const range = expected.range;
  return text(expected.value) + (range ? ` [${text(range[0])}, ${text(range[1])}]` : '');
};

const year = (yearly: Yearly | null): string =>
  yearly === null ? '-' : `${shown(yearly.mean)} [${shown(yearly.years95[0])}, ${shown(yearly.years95[1])}]`;

function perMigration(costs: Costs, table: DrawTable): string {
  const rows = costs.strategies.map((cost) => [
    strategyTitle(cost),
    each(cost.per_migration.downtime_ms, (ms) => formatTime(ms * 1e6)),
    each(cost.per_migration.full_backups, shown),
    each(cost.per_migration.wrong_backups, shown),
  ]);
  const columns = ['strategy', 'downtime', 'full backups', 'wrong backups'].map((title) => ({ title }));
  return `Expected per migration (history: ${costs.history}; [ ] over the intervals of observed counts)\n${table(columns, rows)}`;
}

function perYear(costs: Costs, table: DrawTable): string {
  if (costs.migrations_per_year === null || costs.vms === null) return '';
  const rows = costs.strategies.map((cost) => [
    strategyTitle(cost),
    year(cost.per_year.downtime_vm_s),
    year(cost.per_year.full_backups),
    year(cost.per_year.full_backup_hours),
    year(cost.per_year.wrong_backups),
  ]);
  const columns = ['strategy', 'downtime VM-s', 'full backups', 'full-backup hours', 'wrong backups'];
  return `\nPer year, ${costs.vms} VMs, ${costs.migrations_per_year} migrations each (mean [where 95 of 100 years lie])\n${table(
    columns.map((title) => ({ title })),
    rows,
  )}`;
}

/** A label as readers see it. */
const titled = (label: string): string => label + proposedMark(label.split('/')[0]!);

function breakEven(costs: Costs): string {
  const points = costs.break_even.map(
    ({ below, above, outcome, measure, probability }) =>
      `  ${outcome} more often than ${shown(probability * 100)} %: ${titled(above)} has less ${measure} than ${titled(below)}`,
  );
  const prices = costs.exchange.map(
    ({ spares, than, downtime_ms_per_full_backup }) =>
      `  ${titled(spares)} spares full backups against ${titled(than)} at ${formatTime(downtime_ms_per_full_backup * 1e6)} of downtime each`,
  );
  const lines = [...points, ...prices];
  return lines.length === 0
    ? '\nBreak-even: under these outcomes no strategy overtakes another.'
    : `\nBreak-even\n${lines.join('\n')}`;
}

/** The costs, and what must be given to know more of them. */
export function costsText(costs: Costs, table: DrawTable): string {
  const missing = costs.missing.map((what) => `  ${what}`).join('\n');
  const rest = missing === '' ? '' : `\nFor the rest give\n${missing}`;
  return [perMigration(costs, table), perYear(costs, table), breakEven(costs), rest]
    .filter(Boolean)
    .join('\n');
}
