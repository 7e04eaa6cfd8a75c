/** Every outcome by itself, family by family: which copies hold every write, the next backups, and how long the guest stands still. */
import { formatTime } from '../base/units.js';
import type { Outcome } from '../fate/outcome.js';
import { OUTCOMES } from '../fate/outcomes.js';
import { variantNamed } from '../sim/strategies/lookup.js';
import type { OutcomeCell } from '../study/outcomes/cells.js';
import type { OutcomesAnswer } from '../study/outcomes/costs.js';
import type { CountedFate } from '../study/outcomes/fates.js';
import { strategyTitle } from '../study/run.js';
import type { DrawTable } from './table.js';

export type Family = Outcome['family'];

const FAMILY: Readonly<Record<Family, string>> = {
  success: 'The migration succeeds',
  'before-stop': 'It ends before the stop',
  'in-stop': 'It ends in the stop, before the bitmaps are stored or sent',
  'after-stop': 'It ends after the store, before the destination takes the image',
  storage: 'The storage refuses',
  'two-masters': 'The destination ran and wrote, and yet the source is resumed',
  postcopy: 'Bitmaps still travel (postcopy)',
  mirror: 'The mirror of the disks fails',
  merge: 'Bitmaps are still read and merged (what-if load-after-resume)',
};

/** In the order in which they are shown. */
export const FAMILIES = Object.keys(FAMILY) as Family[];

/** The outcomes of a family, by name. */
export const namesOf = (family: Family): readonly string[] =>
  Object.keys(OUTCOMES).filter((name) => OUTCOMES[name]!.family === family);

const BACKUP: Readonly<Record<string, string>> = { incremental: 'inc', full: 'FULL', wrong: 'WRONG' };

const backup = (word: string | null): string => (word === null ? '-' : (BACKUP[word] ?? word));

/** Which copies hold exactly the writes: source memory, destination memory, image. */
function copies(cell: OutcomeCell): string {
  const mark = (fate: string, letter: string): string =>
    fate === 'exact' ? letter : fate === 'wrong' ? '!' : '-';
  return `${mark(cell.source, 'S')}${mark(cell.destination, 'D')}${mark(cell.boot, 'I')}`;
}

function downtime(cell: OutcomeCell): string {
  if (!cell.guest_runs) return 'down';
  if (cell.downtime_ms === null) return '';
  if (cell.downtime_ms === 0) return 'no stop';
  return formatTime(cell.downtime_ms * 1e6) + (cell.resumed_by_hand > 0 ? '*' : '');
}

/** `S-I inc/inc 16 ms`: copies, the next backup now and after a restart, how long the guest stood still. */
function cellText(cell: OutcomeCell | undefined): string {
  if (!cell) return 'n/a';
  return `${copies(cell)} ${backup(cell.backup_live)}/${backup(cell.backup_after_boot)} ${downtime(cell)}`.trimEnd();
}

const LEGEND = `
Copies that hold every write exactly: S source memory, D destination memory, I image; ! misses writes, unnoticed; n/a the strategy cannot meet this.
Next backup: in the process that survived / after a restart from the image. inc incremental, FULL everything is read again, WRONG an incremental that misses data without anybody noticing, - no process left to take one.
Time: the guest's stops on this path, with taking the image back where it fails (a read per stored cluster, 4 writes, 3 flushes); * management must resume the source, its own delay is not counted; down: the guest does not come back.`;

const columnKey = (cell: OutcomeCell): string =>
  strategyTitle(cell) +
  (cell.persistent === variantNamed(cell.strategy, cell.variant).routes[0].persistent ? '' : ' (transient)');

/** The cell of the history asked for; a bitmap that is never stored has but one. */
export function cellAt(answer: OutcomesAnswer, outcome: string, column: string): OutcomeCell | undefined {
  const { history } = answer.costs;
  const rows = answer.cells.filter((cell) => cell.outcome === outcome && columnKey(cell) === column);
  return rows.find((cell) => cell.history === history) ?? rows.find((cell) => cell.history === 'new');
}

/** A table for each family: a row an outcome, a column a strategy that can meet any of them. */
export function everyOutcomeText(answer: OutcomesAnswer, table: DrawTable): string {
  const columns = answer.strategies.map(strategyTitle);
  const blocks = FAMILIES.map((family) => {
    const names = namesOf(family);
    const shown = columns.filter((column) => names.some((name) => cellAt(answer, name, column)));
    const rows = names
      .filter((name) => shown.some((column) => cellAt(answer, name, column)))
      .map((name) => [name, ...shown.map((column) => cellText(cellAt(answer, name, column)))]);
    const titles = ['outcome', ...shown].map((title) => ({ title }));
    return rows.length === 0 ? '' : `${FAMILY[family]}\n${table(titles, rows)}\n`;
  });
  return `${blocks.filter(Boolean).join('\n').trimEnd()}\n${LEGEND}`;
}

/** For `run`: what becomes of the bitmap in one scenario, a line for each outcome that a strategy met. */
export function fatesText(fates: readonly CountedFate[], table: DrawTable): string {
  const titles = ['strategy', 'outcome', 'met in', 'fate'].map((title) => ({ title }));
  const rows = fates.map((fate) => [
    strategyTitle(fate),
    fate.outcome,
    `${fate.replications} of ${fate.of}`,
    cellText(fate),
  ]);
  return `\nWhat becomes of each copy of a bitmap\n${table(titles, rows)}\n${LEGEND}\n`;
}

/** What one fault at one time comes to; nothing where none was asked about. */
export function faultText({ fault }: OutcomesAnswer, table: DrawTable): string {
  if (!fault) return '';
  const rows = fault.cells.map((cell) => [strategyTitle(cell), cell.outcome, cellText(cell)]);
  const columns = ['strategy', 'outcome', 'fate'].map((title) => ({ title }));
  return `${fault.fault} ${formatTime(fault.at_ms * 1e6)} after the migration begins\n${table(columns, rows)}\n${LEGEND}`;
}
