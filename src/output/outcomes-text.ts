/** The table of outcomes for people: by family, one column a strategy, a legend, and the verdict in words. */
import { formatTime } from '../base/units.js';
import type { Outcome } from '../fate/outcome.js';
import { OUTCOMES } from '../fate/outcomes.js';
import { qemuText } from '../sim/qemu/releases.js';
import { JUDGED, streams, usualOn, variantNamed } from '../sim/strategies/lookup.js';
import type { OutcomeCell } from '../study/outcomes/cells.js';
import type { OutcomesAnswer } from '../study/outcomes/costs.js';
import type { CountedFate } from '../study/outcomes/fates.js';
import { labelled, strategyTitle } from '../study/run.js';
import { costsText } from './outcomes-costs-text.js';
import { formatTable } from './table.js';

const FAMILY: Readonly<Record<Outcome['family'], string>> = {
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
Copies that hold every write exactly: S source memory, D destination memory,
  I image; ! misses writes, unnoticed; n/a the strategy cannot meet this.
Next backup: in the process that survived / after a restart from the image.
  inc incremental, FULL everything is read again, WRONG an incremental that
  misses data without anybody noticing, - no process left to take one.
Time: the guest's stops on this path, with taking the image back where it fails
  (a read per stored cluster, 4 writes, 3 flushes); * management must resume
  the source, its own delay is not counted; down: the guest does not come back.`;

const columnKey = (cell: OutcomeCell): string =>
  strategyTitle(cell) +
  (cell.persistent === variantNamed(cell.strategy, cell.variant).routes[0].persistent ? '' : ' (transient)');

/** The cell of the history asked for; a bitmap that is never stored has but one. */
function find(answer: OutcomesAnswer, outcome: string, column: string): OutcomeCell | undefined {
  const { history } = answer.costs;
  const rows = answer.cells.filter((cell) => cell.outcome === outcome && columnKey(cell) === column);
  return rows.find((cell) => cell.history === history) ?? rows.find((cell) => cell.history === 'new');
}

function familyTables(answer: OutcomesAnswer): string {
  const columns = answer.strategies.map(strategyTitle);
  const families = Object.keys(FAMILY) as Outcome['family'][];
  const blocks = families.map((family) => {
    const names = Object.keys(OUTCOMES).filter((name) => OUTCOMES[name]!.family === family);
    const shown = columns.filter((column) => names.some((name) => find(answer, name, column)));
    const rows = names
      .filter((name) => shown.some((column) => find(answer, name, column)))
      .map((name) => [name, ...shown.map((column) => cellText(find(answer, name, column)))]);
    if (rows.length === 0) return '';
    return `${FAMILY[family]}\n${formatTable([{ title: 'outcome' }, ...shown.map((title) => ({ title }))], rows)}\n`;
  });
  return blocks.filter(Boolean).join('\n');
}

const backups = (cell: OutcomeCell): (string | null)[] => [cell.backup_live, cell.backup_after_boot];

/** Counts over the failures that every strategy shown can meet. */
function tally(answer: OutcomesAnswer): string[] {
  const columns = answer.strategies.map(strategyTitle);
  const failures = Object.keys(OUTCOMES).filter((name) => OUTCOMES[name]!.family !== 'success');
  const common = failures.filter((name) => columns.every((column) => find(answer, name, column)));
  return [
    `Of the ${common.length} failures that all of these can meet:`,
    ...columns.map((column) => {
      const cells = common.map((name) => find(answer, name, column)!);
      const wrong = cells.filter((cell) => backups(cell).includes('wrong'));
      const full = cells.filter((cell) => !wrong.includes(cell) && backups(cell).includes('full'));
      const text = wrong.length > 0 ? `${wrong.length} silently WRONG` : 'never wrong';
      return `  ${column}: ${full.length} cost a full backup, ${text}`;
    }),
  ];
}

const list = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;

const STREAMING = strategyTitle(labelled(usualOn(streams)));

/** What the two sides of the argument come down to, taken from the cells. */
function verdict(answer: OutcomesAnswer): string {
  const store = (name: string): OutcomeCell | undefined =>
    find(answer, name, strategyTitle(labelled(JUDGED)));
  const stream = (name: string): OutcomeCell | undefined => find(answer, name, STREAMING);
  const kept = (cell: OutcomeCell | undefined): boolean => cell?.backup_after_boot === 'incremental';
  const names = Object.keys(OUTCOMES);
  const both = names.filter((n) => store(n) && stream(n));
  const onlyStore = both.filter((n) => kept(store(n)) && !kept(stream(n)));
  const onlyStream = both.filter((n) => !kept(store(n)) && kept(stream(n)));
  const through = both.filter((n) => store(n)?.survivor === 'src' && stream(n)?.survivor === 'dst');
  const wrong = [
    ...new Set(answer.cells.filter((cell) => backups(cell).includes('wrong')).map((cell) => cell.outcome)),
  ];
  const lines = [
    onlyStore.length > 0
      ? `Storing keeps what streaming loses at the next restart: ${list(onlyStore)}.`
      : both.length > 0
        ? 'Streaming loses nothing at the next restart that storing keeps.'
        : '',
    onlyStream.length > 0 ? `The other way round: ${list(onlyStream)}.` : '',
    through.length > 0
      ? `Streaming gets through where storing makes the migration fail: ${list(through)}.`
      : '',
    wrong.length > 0
      ? `A bitmap that is wrong without anybody noticing: ${list(wrong)}. Storing is safe there, because a copy in use is never trusted.`
      : 'None of these strategies ever yields a wrong bitmap.',
  ];
  return lines.filter(Boolean).join('\n');
}

/** For `run`: what becomes of the bitmap in one scenario, a line for each outcome that a strategy met. */
export function fatesText(fates: readonly CountedFate[]): string {
  const titles = ['strategy', 'outcome', 'met in', 'fate'].map((title) => ({ title }));
  const rows = fates.map((fate) => [
    strategyTitle(fate),
    fate.outcome,
    `${fate.replications} of ${fate.of}`,
    cellText(fate),
  ]);
  return `\nWhat becomes of each copy of a bitmap\n${formatTable(titles, rows)}\n${LEGEND}\n`;
}

/** What one fault at one time comes to. */
function faultText({ fault }: OutcomesAnswer): string[] {
  if (!fault) return [];
  const rows = fault.cells.map((cell) => [strategyTitle(cell), cell.outcome, cellText(cell)]);
  const columns = ['strategy', 'outcome', 'fate'].map((title) => ({ title }));
  return [
    '',
    `${fault.fault} ${formatTime(fault.at_ms * 1e6)} after the migration begins`,
    formatTable(columns, rows),
  ];
}

function notes(answer: OutcomesAnswer): string[] {
  return answer.strategies
    .filter(({ state }) => state !== 'completed')
    .map((each) =>
      each.state === 'failed'
        ? `${strategyTitle(each)} FAILED: ${each.reason}.`
        : `${strategyTitle(each)} does not converge (${each.reason}): it is cancelled at the timeout (cancel-quit); ` +
          'the times above are those of a stop forced then.',
    );
}

/** Everything, ready for stdout. */
export function outcomesText(answer: OutcomesAnswer): string {
  const head = `What becomes of each copy of a bitmap (history: ${answer.costs.history}; QEMU ${qemuText(String(answer.question.qemu))})\n`;
  const parts = [
    head,
    familyTables(answer).trimEnd(),
    LEGEND,
    '',
    ...tally(answer),
    '',
    verdict(answer),
    ...notes(answer),
    ...faultText(answer),
    '',
    costsText(answer.costs),
  ];
  return `${parts.join('\n').trimEnd()}\n`;
}
