/** What `outcomes` found, for people: what it comes to, then a line a strategy; each outcome, a fault or the costs where asked for. */
import { formatTime } from '../base/units.js';
import { OUTCOMES } from '../fate/outcomes.js';
import { qemuText } from '../sim/qemu/releases.js';
import { JUDGED, streams, usualOn } from '../sim/strategies/lookup.js';
import type { OutcomeCell } from '../study/outcomes/cells.js';
import type { OutcomesAnswer } from '../study/outcomes/costs.js';
import { labelled, strategyTitle } from '../study/run.js';
import { costsText } from './outcomes-costs-text.js';
import {
  cellAt,
  everyOutcomeText,
  FAMILIES,
  type Family,
  faultText,
  namesOf,
} from './outcomes-detail-text.js';
import type { Column, DrawTable } from './table.js';

/** Families as the heads of columns. */
const SHORT: Readonly<Record<Family, string>> = {
  success: 'success',
  'before-stop': 'before stop',
  'in-stop': 'in stop',
  'after-stop': 'after store',
  storage: 'storage',
  'two-masters': 'two masters',
  postcopy: 'postcopy',
  mirror: 'mirror',
  merge: 'merge',
};

const LEGEND =
  'Full: the next backup, in the process that survived or after a restart, reads everything. Wrong: outcomes after which an incremental one ' +
  'misses data without anybody noticing. Down: those after which the guest does not come back. Longest stop: of the others; * management must ' +
  'resume the source, its own delay is not counted.';

const backups = (cell: OutcomeCell): (string | null)[] => [cell.backup_live, cell.backup_after_boot];
const isWrong = (cell: OutcomeCell): boolean => backups(cell).includes('wrong');
const isFull = (cell: OutcomeCell): boolean => !isWrong(cell) && backups(cell).includes('full');

/** `2 of 6`; nothing to count where the strategy cannot meet any. */
function fullText(cells: readonly OutcomeCell[]): string {
  return cells.length === 0 ? '-' : `${cells.filter(isFull).length} of ${cells.length}`;
}

function longestText(cells: readonly OutcomeCell[]): string {
  const stops = cells.filter(({ guest_runs, downtime_ms }) => guest_runs && downtime_ms !== null);
  if (stops.length === 0) return '-';
  const longest = stops.reduce((most, cell) => (cell.downtime_ms! > most.downtime_ms! ? cell : most));
  return formatTime(longest.downtime_ms! * 1e6) + (longest.resumed_by_hand > 0 ? '*' : '');
}

const orNone = (count: number): string => (count === 0 ? '.' : String(count));

/** A row a strategy: after how many outcomes of each family the next backup is full, and what is worse than that. */
function summaryTable(answer: OutcomesAnswer, table: DrawTable): string {
  const met = (strategy: string, family: Family): OutcomeCell[] =>
    namesOf(family).flatMap((name) => cellAt(answer, name, strategy) ?? []);
  const strategies = answer.strategies.map(strategyTitle);
  const families = FAMILIES.filter((family) => strategies.some((each) => met(each, family).length > 0));
  const rows = strategies.map((strategy) => {
    const all = families.flatMap((family) => met(strategy, family));
    return [
      strategy,
      ...families.map((family) => fullText(met(strategy, family))),
      orNone(all.filter(isWrong).length),
      orNone(all.filter(({ guest_runs }) => !guest_runs).length),
      longestText(all),
    ];
  });
  const numbers = [...families.map((family) => SHORT[family]), 'wrong', 'down', 'longest stop'];
  const columns: Column[] = numbers.map((title) => ({ title, align: 'right' }));
  return table([{ title: 'strategy' }, ...columns], rows);
}

/** Counts over the failures that every strategy shown can meet. */
function tally(answer: OutcomesAnswer): string {
  const columns = answer.strategies.map(strategyTitle);
  const failures = FAMILIES.filter((family) => family !== 'success').flatMap(namesOf);
  const common = failures.filter((name) => columns.every((column) => cellAt(answer, name, column)));
  const counts = columns.map((column) => {
    const cells = common.map((name) => cellAt(answer, name, column)!);
    const wrong = cells.filter(isWrong).length;
    return `${cells.filter(isFull).length} under ${column}${wrong > 0 ? ` (and wrong, unnoticed, after ${wrong})` : ''}`;
  });
  return `Of the ${common.length} failures that all of these can meet, a full backup follows ${counts.join(', ')}.`;
}

const list = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;

const STREAMING = strategyTitle(labelled(usualOn(streams)));

/** What the two sides of the argument come down to, taken from the cells. */
function verdict(answer: OutcomesAnswer): string[] {
  const store = (name: string): OutcomeCell | undefined =>
    cellAt(answer, name, strategyTitle(labelled(JUDGED)));
  const stream = (name: string): OutcomeCell | undefined => cellAt(answer, name, STREAMING);
  const kept = (cell: OutcomeCell | undefined): boolean => cell?.backup_after_boot === 'incremental';
  const names = Object.keys(OUTCOMES);
  const both = names.filter((n) => store(n) && stream(n));
  const onlyStore = both.filter((n) => kept(store(n)) && !kept(stream(n)));
  const onlyStream = both.filter((n) => !kept(store(n)) && kept(stream(n)));
  const through = both.filter((n) => store(n)?.survivor === 'src' && stream(n)?.survivor === 'dst');
  const wrong = [...new Set(answer.cells.filter(isWrong).map((cell) => cell.outcome))];
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
  return lines.filter(Boolean);
}

function notes(answer: OutcomesAnswer): string[] {
  return answer.strategies
    .filter(({ state }) => state !== 'completed')
    .map((each) =>
      each.state === 'failed'
        ? `${strategyTitle(each)} FAILED: ${each.reason}.`
        : `${strategyTitle(each)} does not converge (${each.reason}): it is cancelled at the timeout (cancel-quit); ` +
          'its times are those of a stop forced then.',
    );
}

/** What it comes to, and the line a strategy. */
function conclusion(answer: OutcomesAnswer, table: DrawTable): string {
  const { costs, question } = answer;
  return [
    ...verdict(answer),
    tally(answer),
    ...notes(answer),
    '',
    `After how many outcomes the next backup is a full one (history: ${costs.history}; QEMU ${qemuText(String(question.qemu))})`,
    summaryTable(answer, table),
    '',
    LEGEND,
    'Each outcome by itself: --detail. What they cost: --failure-probability or --fault-rate.',
  ].join('\n');
}

/** Ready for stdout: what was asked for by flags and nothing else, or what it all comes to. `detail`: every outcome too. */
export function outcomesText(answer: OutcomesAnswer, detail: boolean, table: DrawTable): string {
  const costs = answer.costs.strategies.length > 0 ? costsText(answer.costs, table) : '';
  const asked = [faultText(answer, table), costs].filter(Boolean);
  const parts = asked.length > 0 ? [...asked, ...notes(answer)] : [conclusion(answer, table)];
  if (detail) parts.push(everyOutcomeText(answer, table));
  return `${parts.join('\n\n').trimEnd()}\n`;
}
